import { deserialize } from "@observablehq/notebook-kit";
import * as fc from "fast-check";
import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import type { Cell, CellMode } from "../../runtime/cell.ts";
import { htmlAttributes, htmlTokens } from "../../runtime/html-tokens.ts";
import {
  insertCell,
  moveCell,
  removeCell,
  renameNotebook,
  updateCell,
  type CellPatch,
  type NewCell,
} from "../../runtime/notebook-edits.ts";
import {
  cellTypes,
  createNotebook,
  parseNotebook,
  serializeNotebook,
  type CellPart,
  type Notebook,
} from "../../runtime/notebook.ts";

const split = (text: string): string[] => text.split("¦");

const scraps = fc.constantFrom(
  ...split(
    "<!--¦-->¦--!>¦<!-->¦<script¦<script>¦<SCRIPT ¦</script¦</script>¦</Script >¦</script/>¦<\\¦\\¦<\\!--¦" +
      "<\\script>¦<\\/script>¦<\\\\/script>¦]]>¦<![CDATA[¦/¦>¦<¦-¦\0¦\r¦\n¦\r\n¦\n\n¦\t¦    ¦  ¦`¦${x}¦a¦é¦😀¦&amp;¦" +
      "&¦\u00a0¦\u2028¦</notebook>¦<notebook>¦<title>¦'¦\"¦=",
  ),
);
const anyText = fc.oneof(
  fc.array(scraps, { maxLength: 12 }).map((parts) => parts.join("")),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);
const modes: CellMode[] = split("js¦ts¦ojs¦md¦html¦tex¦dot¦sql¦node¦python¦r").flatMap((mode) =>
  Object.keys(cellTypes).filter((type): type is CellMode => type === mode),
);
const name = fc.constantFrom(...split("x¦a&b¦a\"b'¦<c>¦ d ¦¦&amp;¦&lt;"));
const anyPatch: fc.Arbitrary<CellPatch> = fc.record(
  {
    mode: fc.constantFrom(...modes),
    source: anyText,
    pinned: fc.boolean(),
    hidden: fc.boolean(),
    output: fc.option(name, { nil: undefined }),
    database: fc.option(name, { nil: undefined }),
    format: fc.constantFrom("json", "csv", undefined),
  },
  { requiredKeys: [] },
);
const newCell: fc.Arbitrary<NewCell> = fc
  .tuple(fc.constantFrom(...modes), anyPatch)
  .map(([mode, patch]) => ({ ...patch, mode }));

/** A file that we made. */
const ownNotebook = fc
  .record({
    title: anyText,
    theme: fc.constantFrom("air", "light-dark(air, ink)", 'a"&<>b'),
    cells: fc.array(newCell, { maxLength: 4 }),
  })
  .map(({ title, theme, cells }) =>
    cells.reduce(
      (notebook, cell, i) => insertCell(notebook, i, cell),
      createNotebook(title, theme),
    ),
  );

const attribute = fc.constantFrom(
  ...split(
    "id=1¦id='2'¦id¦id=\"1\"¦id=-3¦ID=7.9¦id=0¦id=9007199254740991¦id=9007199254740990¦id=1e300¦id=x¦id=0x10¦" +
      "type=module¦type='text/html'¦type=\"application/sql\"¦type=x/y¦pinned¦Pinned=''¦pinned/¦hidden=hidden¦" +
      "hidden/¦output=a¦output=a/¦output='a &amp; b'¦database=\"d\"¦format=json¦data-x='>'¦data-y=\"<script>\"¦" +
      "a=¦=b¦==¦a =b¦a= b¦'¦\"¦a='1'b=\"2\"¦/¦\n¦\r\n¦on<x¦é=é¦n=b\u00a0",
  ),
);
const tag = fc
  .tuple(
    fc.constantFrom("<script", "<SCRIPT", "<Script/"),
    fc.array(attribute, { maxLength: 6 }),
    fc.constantFrom(" ", "\r\n", "/", "\t", ""),
    fc.constantFrom(">", " >", "/>"),
  )
  .map(([open, attributes, gap, close]) => [open, ...attributes].join(gap || " ").concat(close));
const foreignCell = fc
  .tuple(tag, anyText, fc.constantFrom("</script>", "</script >", "</SCRIPT a='>'>", "</script/>"))
  .map((parts) => parts.join(""));
const foreignPiece = fc.oneof(
  { weight: 4, arbitrary: foreignCell },
  { weight: 2, arbitrary: fc.constantFrom("\n  ", "\r\n\t", "\n", "<p>", "a<", "<", "b>", "!--") },
  { weight: 1, arbitrary: scraps },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...split(
        "<title>a &amp; b</title>¦<title>¦<!-- <script>no</script> -->¦<style> <script> </style>¦<textarea>¦<a b='¦" +
          '<a b=">">¦<?x¦<!x>¦</¦</notebook>¦</notebook><notebook theme=ink>¦<unknown-element data-a=1>¦</script foo="',
      ),
    ),
  },
);
/** A file by any other hand, broken ones included. */
const foreignText = fc
  .tuple(
    fc.constantFrom("", "<!doctype html>\r\n", "<!-- <notebook> --><title>T</title>"),
    fc.constantFrom("<notebook>", "<Notebook readonly theme='INK'\n>\n  "),
    fc.array(foreignPiece, { maxLength: 8 }),
    fc.constantFrom("</notebook>", "\r\n</notebook >\r\n<script>no</script>", ""),
  )
  .map(([before, open, pieces, close]) => before + open + pieces.join("") + close);

type Edit =
  | { readonly verb: "insert"; readonly at: number; readonly cell: NewCell }
  | { readonly verb: "update"; readonly at: number; readonly patch: CellPatch }
  | { readonly verb: "move"; readonly at: number; readonly to: number }
  | { readonly verb: "remove"; readonly at: number }
  | { readonly verb: "rename"; readonly title: string };
const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.oneof(
    fc.record({ verb: fc.constant("insert" as const), at: fc.nat(6), cell: newCell }),
    fc.record({ verb: fc.constant("update" as const), at: fc.nat(5), patch: anyPatch }),
    fc.record({ verb: fc.constant("move" as const), at: fc.nat(5), to: fc.nat(6) }),
    fc.record({ verb: fc.constant("remove" as const), at: fc.nat(5) }),
    fc.record({ verb: fc.constant("rename" as const), title: anyText }),
  ),
  { maxLength: 5 },
);

describe("any workbook, after any edits,", () => {
  test("that we wrote reads back as what it is, byte for byte", () => {
    fc.assert(
      fc.property(ownNotebook, edits, (notebook, list) => {
        const edited = list.reduce(checkedEdit, notebook);
        const text = serializeNotebook(edited);
        const again = parseNotebook(text);
        expect(meaning(again)).toEqual(meaning(edited));
        expect(serializeNotebook(again)).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });

  test("that somebody else wrote keeps every byte that no edit is about", () => {
    fc.assert(
      fc.property(foreignText, edits, (text, list) => {
        const notebook = parseNotebook(text);
        expect(serializeNotebook(notebook)).toBe(text);
        expectSoundIds(notebook);
        const edited = list.reduce(checkedEdit, notebook);
        const again = parseNotebook(serializeNotebook(edited));
        expect({ ...meaning(again), cells: again.cells.map(withoutId) }).toEqual({
          ...meaning(edited),
          cells: edited.cells.map(withoutId),
        });
      }),
      { numRuns: 5000 },
    );
  });

  test("that we wrote is to notebook-kit what it is to us", () => {
    const parser = new new JSDOM("").window.DOMParser();
    fc.assert(
      fc.property(ownNotebook, edits, (notebook, list) => {
        const edited = list.reduce(checkedEdit, notebook);
        const theirs = deserialize(serializeNotebook(edited), { parser });
        expect(theirs.cells.length).toBe(edited.cells.length);
        theirs.cells.forEach(({ value, ...cell }, i) => {
          const ours = edited.cells[i];
          expect(cell).toEqual(ours && asKitReads(ours));
          if (ours && isPlainToKit(ours.source)) expect(value).toBe(ours.source);
        });
      }),
      { numRuns: 600 },
    );
  });
});

/** What a notebook says, whatever its file looks like. */
function meaning({ title, theme, readOnly, cells }: Notebook) {
  return { title, theme, readOnly, cells };
}

function withoutId(cell: Cell): Cell {
  return { ...cell, id: 0 };
}

/** A cell without its source, as notebook-kit tells it: with defaults, and only what the mode uses. */
function asKitReads({ id, mode, pinned, hidden, output, database, format }: Cell) {
  return {
    id,
    mode,
    pinned,
    hidden,
    output,
    database: mode === "sql" ? (database ?? "var:db") : undefined,
    format: ["node", "python", "r"].includes(mode) ? (format ?? "buffer") : undefined,
  };
}

/** What an HTML parser changes, and the escapes that notebook-kit does not know. */
function isPlainToKit(source: string): boolean {
  return !/<\\*!--|<\\*\/script(?=\/|$)/i.test(source) && !/[\r\0\ud800-\udfff]/.test(source);
}

function expectSoundIds({ cells }: Notebook): void {
  expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
  expect(cells.every(({ id }) => Number.isSafeInteger(id) && id > 0)).toBe(true);
}

/** Does an edit and checks what must hold of it whatever the notebook was. */
function checkedEdit(before: Notebook, edit: Edit): Notebook {
  const old = "at" in edit && edit.verb !== "insert" ? before.cells[edit.at] : undefined;
  if (!old && edit.verb !== "insert" && edit.verb !== "rename") return before;
  const after = edited(before, edit, old?.id ?? 0);
  expectSoundIds(after);
  expect(after.cells).toEqual(expectedCells(before, after, edit, old));
  expectOthersUntouched(before, after, old?.id);
  if (edit.verb === "rename") expect(after.title).toBe(edit.title);
  else expect(inkOf(after)).toBe(inkOf(before));
  if (edit.verb === "update")
    expect(textAround(after, old?.id)).toEqual(textAround(before, old?.id));
  return after;
}

function edited(notebook: Notebook, edit: Edit, id: number): Notebook {
  switch (edit.verb) {
    case "insert":
      return insertCell(notebook, edit.at, edit.cell);
    case "update":
      return updateCell(notebook, id, edit.patch);
    case "move":
      return moveCell(notebook, id, edit.to);
    case "remove":
      return removeCell(notebook, id);
    case "rename":
      return renameNotebook(notebook, edit.title);
  }
}

function expectedCells(
  before: Notebook,
  after: Notebook,
  edit: Edit,
  old: Cell | undefined,
): readonly object[] {
  const others = before.cells.filter((cell) => cell !== old);
  switch (edit.verb) {
    case "insert": {
      const added = after.cells[Math.min(edit.at, others.length)];
      expect(added).toMatchObject(defined(edit.cell));
      return added ? others.toSpliced(edit.at, 0, added) : others;
    }
    case "update":
      return before.cells.map((cell) => (cell === old ? { ...cell, ...edit.patch } : cell));
    case "move":
      return old ? others.toSpliced(edit.to, 0, old) : others;
    default:
      return others;
  }
}

function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** But for a cell that the file does not close: it gets an end tag when something follows it. */
function expectOthersUntouched(before: Notebook, after: Notebook, id: number | undefined): void {
  const now = new Map(cellParts(after).map((part) => [part.cell.id, part]));
  for (const part of cellParts(before)) {
    const other = now.get(part.cell.id);
    if (!other) continue;
    expect(unknownAttributes(other.open)).toEqual(unknownAttributes(part.open));
    if (part.cell.id === id) continue;
    expect(other.open).toBe(part.open);
    if (htmlTokens(part.close).next().value?.end !== part.close.length) continue;
    expect(other.content + other.close).toBe(part.content + part.close);
  }
}

function unknownAttributes(open: string): string[] {
  const known = split("id¦type¦pinned¦hidden¦output¦database¦format");
  return htmlAttributes(open)
    .filter(({ name, repeats }) => !known.includes(name) && !repeats)
    .map(({ name, value }) => `${name}=${value}`);
}

function cellParts({ parts }: Notebook): CellPart[] {
  return parts.flatMap((part) => (part.kind === "cell" ? [part] : []));
}

/** The file without its cells and without white space. */
function inkOf({ parts }: Notebook): string {
  return parts.map((part) => (part.kind === "cell" ? "" : part.text.replace(/\s/g, ""))).join("");
}

/** The file before a cell and after it. */
function textAround(notebook: Notebook, id: number | undefined): string[] {
  const at = notebook.parts.findIndex((part) => part.kind === "cell" && part.cell.id === id);
  const textOf = (parts: Notebook["parts"]) => serializeNotebook({ ...notebook, parts });
  return [textOf(notebook.parts.slice(0, at)), textOf(notebook.parts.slice(at + 1))];
}
