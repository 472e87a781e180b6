import type { Cell, CellMode } from "./cell.ts";
import { sourceFromContent } from "./cell-text.ts";
import {
  decodeReferences,
  htmlAttributes,
  htmlTokens,
  rawElements,
  type HtmlToken,
} from "./html-tokens.ts";

/**
 * A notebook in Observable's notebook HTML. It keeps the file's text in {@link parts}, so that
 * {@link serializeNotebook} gives back every byte that no edit touched. Immutable; edits give a new
 * one: {@link updateCell}, {@link insertCell}, {@link removeCell}, {@link moveCell}.
 */
export interface Notebook {
  readonly title: string;
  /** as in the file: a name, or `light-dark(a, b)` */
  readonly theme: string;
  readonly readOnly: boolean;
  /** in reading order */
  readonly cells: readonly Cell[];
  /** the file's text in pieces, in order */
  readonly parts: readonly NotebookPart[];
}

/**
 * A piece of a notebook's file. `tail` begins where the last notebook element ends; where the file
 * does not close it, after the last tag, so that cells can be put before it.
 */
export type NotebookPart =
  { readonly kind: "text" | "tail" | "title"; readonly text: string } | CellPart;

/** A cell's element: start tag, content as it stands in the file, end tag. */
export interface CellPart {
  readonly kind: "cell";
  readonly cell: Cell;
  readonly open: string;
  readonly content: string;
  readonly close: string;
}

/** A text that is no notebook. */
export class NotebookError extends Error {
  readonly code = "no-notebook";
  constructor() {
    super(
      "This file has no <notebook> element, so it is not a workbook. " +
        "A workbook is an HTML file with one <notebook> and a <script> for each cell.",
    );
    this.name = "NotebookError";
  }
}

/** The type attribute of each mode; `module` for JavaScript. */
export const cellTypes: Readonly<Record<CellMode, string>> = {
  js: "module",
  ts: "text/x-typescript",
  ojs: "application/vnd.observable.javascript",
  md: "text/markdown",
  html: "text/html",
  tex: "application/x-tex",
  dot: "text/vnd.graphviz",
  sql: "application/sql",
  node: "application/vnd.node.javascript",
  python: "text/x-python",
  r: "text/x-r",
};

/**
 * Reads a notebook file as notebook-kit does, every `<script>` inside `<notebook>` being a cell, but
 * loses nothing: attributes, elements, comments and line breaks stay. Ids that are missing, not
 * positive integers or given twice are numbered anew, in memory only.
 *
 * @throws {NotebookError} where there is no `<notebook>`
 */
export function parseNotebook(text: string): Notebook {
  const parts: NotebookPart[] = [];
  const scripts: CellPart[] = [];
  let notebook: string | undefined;
  let title: string | undefined;
  let depth = 0;
  let done = 0; // up to where `text` is in `parts`
  let tail = 0; // how many parts come before the tail
  let whole = 0; // where the last tag ended that opened no raw text
  const takeText = (end: number) => {
    if (end > done) parts.push({ kind: "text", text: text.slice(done, end) });
    done = end;
  };
  let open: HtmlToken | undefined;
  let content: HtmlToken | undefined;
  const takeScript = (end: number) => {
    if (!open || !content) return;
    takeText(open.start);
    const tag = text.slice(open.start, open.end);
    const raw = text.slice(content.start, content.end);
    const part: CellPart = {
      kind: "cell",
      cell: cellFromElement(tag, raw),
      open: tag,
      content: raw,
      close: text.slice(content.end, end),
    };
    scripts.push(part);
    parts.push(part);
    done = end;
    open = content = undefined;
  };
  for (const token of htmlTokens(text)) {
    if (token.kind === "end" || !rawElements.has(token.name)) whole = token.end;
    if (token.name === "notebook") {
      if (token.kind === "start") {
        depth++;
        notebook ??= text.slice(token.start, token.end);
      } else if (depth > 0 && --depth === 0) {
        takeText(token.start);
        tail = parts.length;
      }
    } else if (token.name === "title" && token.kind === "text" && title === undefined) {
      title = text.slice(token.start, token.end);
      if (token.end === text.length) continue; // never closed, so nothing can follow it
      takeText(token.start);
      parts.push({ kind: "title", text: title });
      done = token.end;
    } else if (token.name === "script" && depth > 0) {
      if (token.kind === "start") open = token;
      else if (token.kind === "text") content = token;
      else takeScript(token.end);
    }
  }
  if (notebook === undefined) throw new NotebookError();
  takeScript(text.length);
  takeText(Math.max(done, whole));
  const rest = depth > 0 ? parts.length : tail;
  takeText(text.length);
  const after = parts.splice(rest).map(partText).join("");
  parts.push({ kind: "tail", text: after });
  const attributes = attributesOf(notebook);
  const cells = numbered(scripts);
  return {
    title: decodeReferences(title ?? "Untitled"),
    theme: attributes.get("theme")?.trim().toLowerCase() ?? "air",
    readOnly: attributes.has("readonly"),
    cells: scripts.map((part) => cells.get(part) ?? part.cell),
    parts: parts.map((part) =>
      part.kind === "cell" ? { ...part, cell: cells.get(part) ?? part.cell } : part,
    ),
  };
}

/** The notebook's file. Byte for byte what was parsed, but for the cells that were edited. */
export function serializeNotebook(notebook: Notebook): string {
  return notebook.parts.map(partText).join("");
}

/** A notebook without cells. */
export function createNotebook(title: string, theme = "air"): Notebook {
  const encode = (value: string) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return parseNotebook(
    `<!doctype html>\n<notebook theme="${encode(theme).replaceAll('"', "&quot;")}">\n` +
      `  <title>${encode(title)}</title>\n</notebook>\n`,
  );
}

function partText(part: NotebookPart): string {
  return part.kind === "cell" ? part.open + part.content + part.close : part.text;
}

function cellFromElement(tag: string, content: string): Cell {
  const attributes = attributesOf(tag);
  const output = attributes.get("output");
  const database = attributes.get("database");
  const format = attributes.get("format");
  const policy = attributes.get("data-run");
  return {
    id: Math.floor(Number(attributes.get("id") ?? Number.NaN)),
    mode: modeFromType(attributes.get("type")),
    source: sourceFromContent(content),
    pinned: attributes.has("pinned"),
    hidden: attributes.has("hidden"),
    ...(output !== undefined && { output }),
    ...(database !== undefined && { database }),
    ...(format !== undefined && { format }),
    ...((policy === "manual" || policy === "once") && { policy }),
  };
}

function modeFromType(type: string | undefined): CellMode {
  for (const mode of modes) if (cellTypes[mode] === type) return mode;
  return "js";
}

const modes: readonly CellMode[] =
  // prettier-ignore
  ["js", "ts", "ojs", "md", "html", "tex", "dot", "sql", "node", "python", "r"];

function attributesOf(tag: string): Map<string, string> {
  const counting = htmlAttributes(tag).filter(({ repeats }) => !repeats);
  return new Map(counting.map(({ name, value }) => [name, value]));
}

/** The cells with valid ids of their own; the first of two cells with one id keeps it. */
function numbered(scripts: readonly CellPart[]): Map<CellPart, Cell> {
  const taken = new Set<number>();
  const free: CellPart[] = [];
  for (const part of scripts) {
    const { id } = part.cell;
    if (Number.isSafeInteger(id) && id > 0 && !taken.has(id)) taken.add(id);
    else free.push(part);
  }
  const ids = freeIds(taken);
  return new Map(free.map((part) => [part, { ...part.cell, id: ids.next().value }]));
}

/**
 * Ids for more cells: those after the greatest, or the smallest ones where a file's greatest id is so
 * great that hardly any number comes after it.
 */
export function* freeIds(ids: Iterable<number>): Generator<number, never> {
  const taken = new Set(ids);
  let greatest = 0;
  for (const id of taken) greatest = Math.max(greatest, id);
  const first = greatest < Number.MAX_SAFE_INTEGER / 2 ? greatest + 1 : 1;
  for (let id = first; ; id++) if (!taken.has(id)) yield id;
}
