import type { Cell, CellMode } from "./cell.ts";
import { contentFromSource } from "./cell-text.ts";
import { encodeReferences, htmlAttributes, htmlTokens, scriptEnd } from "./html-tokens.ts";
import { cellTypes, freeIds, type CellPart, type Notebook, type NotebookPart } from "./notebook.ts";

/** What can be changed of a cell. `undefined` takes an attribute away. */
export interface CellPatch {
  readonly mode?: CellMode;
  readonly source?: string;
  readonly pinned?: boolean;
  readonly hidden?: boolean;
  readonly output?: string | undefined;
  readonly database?: string | undefined;
  readonly format?: string | undefined;
  readonly policy?: Cell["policy"] | undefined;
}

/** What a new cell is made of; `pinned` is by default what Observable's tools take for the mode. */
export interface NewCell extends CellPatch {
  readonly mode: CellMode;
}

/** A cell that the notebook does not have. */
export class NoSuchCellError extends RangeError {
  readonly code = "no-such-cell";
  constructor(readonly id: number) {
    super(`There is no cell ${id} in this notebook`);
    this.name = "NoSuchCellError";
  }
}

/**
 * The notebook with a cell changed. Only the attributes and the source that change are written; the
 * same notebook where nothing does.
 *
 * @throws {NoSuchCellError}
 */
export function updateCell(notebook: Notebook, id: number, patch: CellPatch): Notebook {
  const part = cellPart(notebook, id);
  const cell = patched(part.cell, patch);
  if (fields.every((field) => cell[field] === part.cell[field])) return notebook;
  const updated: CellPart = {
    ...part,
    cell,
    open: tagOf(part.open, part.cell, cell),
    ...(cell.source !== part.cell.source && {
      content: contentFromSource(cell.source, newlineOf(notebook)),
      close: part.close || "</script>",
    }),
  };
  return withParts(
    notebook,
    notebook.parts.map((other) => (other === part ? updated : other)),
  );
}

/**
 * The notebook with a new cell, which becomes `cells[index]`; an index past the end is the end. Its
 * id is one more than the greatest (or the smallest free one, where that is too great a number).
 */
export function insertCell(notebook: Notebook, index: number, added: NewCell): Notebook {
  const newline = newlineOf(notebook);
  const id = freeIds(notebook.cells.map((cell) => cell.id)).next().value;
  const blank: Cell = { id, mode: added.mode, source: "", pinned: false, hidden: false };
  const cell = patched(blank, { pinned: isPinnedByDefault(added.mode), ...added });
  const part: CellPart = {
    kind: "cell",
    cell,
    open: tagOf(`<script id="${id}" type="${cellTypes[cell.mode]}">`, blank, cell),
    content: contentFromSource(cell.source, newline),
    close: "</script>",
  };
  return withParts(notebook, inserted(wholeCells(notebook), index, part, newline));
}

/**
 * The notebook without a cell.
 *
 * @throws {NoSuchCellError}
 */
export function removeCell(notebook: Notebook, id: number): Notebook {
  return withParts(notebook, removed(notebook.parts, cellPart(notebook, id), newlineOf(notebook)));
}

/**
 * The notebook with a cell moved, so that it is `cells[index]` of the result; an index past the end is
 * the end. Its bytes stay.
 *
 * @throws {NoSuchCellError}
 */
export function moveCell(notebook: Notebook, id: number, index: number): Notebook {
  const from = notebook.cells.indexOf(cellPart(notebook, id).cell);
  const to = Math.min(Math.max(0, index), notebook.cells.length - 1);
  if (from === to) return notebook;
  const whole = withParts(notebook, wholeCells(notebook));
  const part = cellPart(whole, id);
  const newline = newlineOf(notebook);
  return withParts(notebook, inserted(removed(whole.parts, part, newline), to, part, newline));
}

/** The notebook with another title; a `<title>` is added where there is none. */
export function renameNotebook(notebook: Notebook, title: string): Notebook {
  if (title === notebook.title) return notebook;
  const text = encodeReferences(title);
  const parts = notebook.parts.some(({ kind }) => kind === "title")
    ? notebook.parts.map((part) => (part.kind === "title" ? { ...part, text } : part))
    : notebook.parts.flatMap((part, i) =>
        i === 0 && part.kind === "text" ? titleAfterNotebook(part.text, text, notebook) : [part],
      );
  return { ...withParts(notebook, parts), title };
}

function withParts(notebook: Notebook, parts: readonly NotebookPart[]): Notebook {
  return {
    ...notebook,
    parts,
    cells: parts.flatMap((part) => (part.kind === "cell" ? [part.cell] : [])),
  };
}

function cellPart(notebook: Notebook, id: number): CellPart {
  for (const part of notebook.parts) if (part.kind === "cell" && part.cell.id === id) return part;
  throw new NoSuchCellError(id);
}

function inserted(
  parts: readonly NotebookPart[],
  index: number,
  part: CellPart,
  newline: string,
): NotebookPart[] {
  const gap: NotebookPart = { kind: "text", text: `${newline}  ` };
  const places = parts.flatMap(({ kind }, i) => (kind === "cell" ? [i] : []));
  const next = places[Math.max(0, index)];
  if (next !== undefined) return parts.toSpliced(next, 0, part, gap);
  const last = places.at(-1);
  if (last !== undefined) return parts.toSpliced(last + 1, 0, gap, part);
  const tail = parts.findIndex(({ kind }) => kind === "tail");
  const before = parts[tail - 1];
  if (before?.kind !== "text") return parts.toSpliced(tail, 0, gap, part);
  const text = before.text.trimEnd();
  const space: NotebookPart = { kind: "text", text: before.text.slice(text.length) || newline };
  const first: NotebookPart = { kind: "text", text: text + gap.text };
  return parts.toSpliced(tail - 1, 1, first, part, space);
}

/**
 * Takes a cell out, and with it the line break and indentation before it; but what stood on its two
 * sides must not become a tag, `<` and `b>`.
 */
function removed(parts: readonly NotebookPart[], part: CellPart, newline: string): NotebookPart[] {
  const at = parts.indexOf(part);
  const before = parts[at - 1];
  if (before?.kind !== "text") return parts.toSpliced(at, 1);
  const trimmed = before.text.replace(/(?:\r\n?|\n)[\t ]*$/, "");
  const text = trimmed.endsWith("<")
    ? trimmed + (before.text.slice(trimmed.length) || newline)
    : trimmed;
  const after = parts[at + 1];
  return after?.kind === "text"
    ? parts.toSpliced(at - 1, 3, { kind: "text", text: text + after.text })
    : parts.toSpliced(at - 1, 2, { kind: "text", text });
}

/**
 * The parts with what the last cell may lack of an end tag, so that something can follow it. Where an
 * end tag would not close it, its source is written anew.
 */
function wholeCells(notebook: Notebook): readonly NotebookPart[] {
  const { parts } = notebook;
  const at = parts.findLastIndex(({ kind }) => kind === "cell");
  const part = parts[at];
  if (part?.kind !== "cell" || endsWithTag(part.close)) return parts;
  const isClosable = scriptEnd(`${part.content}</script>`, 0) === part.content.length;
  return parts.with(at, {
    ...part,
    content: isClosable ? part.content : contentFromSource(part.cell.source, newlineOf(notebook)),
    close: part.close === "" ? "</script>" : completeTag(part.close),
  });
}

function endsWithTag(text: string): boolean {
  return htmlTokens(text).next().value?.end === text.length;
}

function completeTag(tag: string): string {
  for (const end of [">", '">', "'>"]) if (endsWithTag(tag + end)) return tag + end;
  return `${tag}>`;
}

function titleAfterNotebook(text: string, title: string, notebook: Notebook): NotebookPart[] {
  let at = 0;
  for (const { name, kind, end } of htmlTokens(text))
    if (at === 0 && name === "notebook" && kind === "start") at = end;
  const newline = newlineOf(notebook);
  return [
    { kind: "text", text: `${text.slice(0, at)}${newline}  <title>` },
    { kind: "title", text: title },
    { kind: "text", text: `</title>${text.slice(at)}` },
  ];
}

const fields = [
  "mode",
  "source",
  "pinned",
  "hidden",
  "output",
  "database",
  "format",
  "policy",
] as const;

function patched(cell: Cell, patch: CellPatch): Cell {
  const output = "output" in patch ? patch.output : cell.output;
  const database = "database" in patch ? patch.database : cell.database;
  const format = "format" in patch ? patch.format : cell.format;
  const policy = "policy" in patch ? patch.policy : cell.policy;
  return {
    id: cell.id,
    mode: patch.mode ?? cell.mode,
    source: patch.source ?? cell.source,
    pinned: patch.pinned ?? cell.pinned,
    hidden: patch.hidden ?? cell.hidden,
    ...(output !== undefined && { output }),
    ...(database !== undefined && { database }),
    ...(format !== undefined && { format }),
    ...(policy !== undefined && { policy }),
  };
}

function isPinnedByDefault(mode: CellMode): boolean {
  return !["md", "html", "tex", "dot"].includes(mode);
}

/** The break that the file's own lines end with. */
function newlineOf(notebook: Notebook): string {
  const first = notebook.parts.find((part) => part.kind === "text");
  return first?.kind === "text" && /^[^\n]*\r\n/.test(first.text) ? "\r\n" : "\n";
}

/** The start tag with the attributes that differ rewritten where they stand, or added at its end. */
function tagOf(tag: string, before: Cell, after: Cell): string {
  let text = tag;
  const change = (name: string, value: string | undefined) => {
    text = value === undefined ? withoutAttribute(text, name) : withAttribute(text, name, value);
  };
  const written = htmlAttributes(tag).find(({ name }) => name === "id")?.value;
  if (Math.floor(Number(written ?? Number.NaN)) !== after.id) change("id", String(after.id));
  if (after.mode !== before.mode) change("type", cellTypes[after.mode]);
  if (after.pinned !== before.pinned) change("pinned", after.pinned ? "" : undefined);
  if (after.hidden !== before.hidden) change("hidden", after.hidden ? "" : undefined);
  if (after.database !== before.database) change("database", after.database);
  if (after.output !== before.output) change("output", after.output);
  if (after.format !== before.format) change("format", after.format);
  if (after.policy !== before.policy) change("data-run", after.policy);
  return text;
}

function withAttribute(tag: string, name: string, value: string): string {
  const written = `${name}="${encodeReferences(value)}"`;
  const attributes = htmlAttributes(tag);
  const old = attributes.find((attribute) => attribute.name === name);
  if (old) return tag.slice(0, old.start) + written + tag.slice(old.end);
  const last = attributes.at(-1);
  const isOpen = last && tag.slice(last.start, last.end).trimEnd().endsWith("="); // it has no value yet
  const at = last && !isOpen ? last.end : "<script".length;
  return `${tag.slice(0, at)} ${written}${tag.slice(at)}`;
}

/** Between attributes; other white space is part of a name or a value. */
const blank = /[\t\n\f\r ]/;

function withoutAttribute(tag: string, name: string): string {
  let text = "";
  let done = 0;
  for (const attribute of htmlAttributes(tag)) {
    if (attribute.name !== name) continue;
    let from = attribute.start;
    while (from > done && blank.test(tag.charAt(from - 1))) from--;
    text += tag.slice(done, from) + gapBefore(tag, attribute.end);
    done = attribute.end;
  }
  return text + tag.slice(done);
}

/** What keeps apart the attributes on both sides of one that is taken out. */
function gapBefore(tag: string, at: number): string {
  if (/^[\t\n\f\r ]*=/.test(tag.slice(at))) return " /"; // an attribute whose name begins with =
  return /[\t\n\f\r >]/.test(tag.charAt(at)) ? "" : " ";
}
