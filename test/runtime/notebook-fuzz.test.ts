import { deserialize } from "@observablehq/notebook-kit";
import * as fc from "fast-check";
import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import type { Cell } from "../../runtime/cell.ts";
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
  parseNotebook,
  serializeNotebook,
  type CellPart,
  type Notebook,
} from "../../runtime/notebook.ts";
import { anyPatch, anyText, foreignText, newCell, ownNotebook } from "./random-notebook.ts";

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
  const known = ["id", "type", "pinned", "hidden", "output", "database", "format"];
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
