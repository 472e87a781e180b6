import type { Cell, CellMode } from "../../runtime/cell.ts";
import {
  insertCell,
  moveCell,
  removeCell,
  updateCell,
  type Notebook,
} from "../../runtime/notebook.ts";

/** A change of the notebook's structure, such that it can be undone whatever was typed since. */
export type StructureEdit =
  | { readonly type: "insert"; readonly index: number; readonly cell: Cell }
  | { readonly type: "remove"; readonly index: number; readonly cell: Cell }
  | { readonly type: "move"; readonly id: number; readonly from: number; readonly to: number }
  | {
      readonly type: "change";
      readonly id: number;
      readonly before: CellAttributes;
      readonly after: CellAttributes;
    };

/** What else than text a person changes in a cell. */
export interface CellAttributes {
  readonly mode: CellMode;
  readonly pinned: boolean;
  /** the name of a result; absent where there is none */
  readonly output?: string;
}

/**
 * The notebook under edit. States are immutable; what was done to cells can be undone step by
 * step, while typing is each editor's own to undo.
 */
export interface NotebookDocument {
  readonly notebook: Notebook;
  /** what undo would take back, the last first to go */
  readonly done: readonly StructureEdit[];
  /** what redo would bring back, the last first to come */
  readonly undone: readonly StructureEdit[];
}

/** A document in which nothing was done yet. */
export function openDocument(notebook: Notebook): NotebookDocument {
  return { notebook, done: [], undone: [] };
}

/** The document after typing: a cell has another text. */
export function withSource(
  document: NotebookDocument,
  id: number,
  source: string,
): NotebookDocument {
  return { ...document, notebook: updateCell(document.notebook, id, { source }) };
}

/** A new empty cell before another one, or at the end; `id` is the new cell's. */
export function withNewCell(
  document: NotebookDocument,
  before: number | undefined,
  mode: CellMode,
): { readonly document: NotebookDocument; readonly id: number } {
  const { cells } = document.notebook;
  const id = unusedId(document);
  const at = before === undefined ? -1 : indexOf(document, before);
  const cell: Cell = { id, mode, source: "", pinned: isPinned(mode), hidden: false };
  return {
    id,
    document: perform(document, { type: "insert", index: at === -1 ? cells.length : at, cell }),
  };
}

/** The document without a cell. */
export function withoutCell(document: NotebookDocument, id: number): NotebookDocument {
  const index = indexOf(document, id);
  const cell = document.notebook.cells[index];
  return cell === undefined ? document : perform(document, { type: "remove", index, cell });
}

/** A cell one or more places up (negative) or down; the ends stop it. */
export function withMovedCell(
  document: NotebookDocument,
  id: number,
  step: number,
): NotebookDocument {
  const from = indexOf(document, id);
  const to = Math.min(Math.max(0, from + step), document.notebook.cells.length - 1);
  return from === -1 || from === to ? document : perform(document, { type: "move", id, from, to });
}

/** A cell with another mode, another name of its result, or its source in sight or not. */
export function withAttributes(
  document: NotebookDocument,
  id: number,
  changes: Partial<CellAttributes>,
): NotebookDocument {
  const cell = document.notebook.cells[indexOf(document, id)];
  if (cell === undefined) return document;
  const before = attributesOf(cell);
  const after = { ...before, ...changes };
  return isSame(before, after)
    ? document
    : perform(document, { type: "change", id, before, after });
}

/** The document before what was done last; itself when nothing was done. */
export function undo(document: NotebookDocument): NotebookDocument {
  const edit = document.done.at(-1);
  if (edit === undefined) return document;
  const inverse = invert(current(document, edit));
  return {
    notebook: apply(document.notebook, inverse),
    done: document.done.slice(0, -1),
    undone: [...document.undone, invert(inverse)],
  };
}

/** The document with what was undone last; itself when nothing was undone. */
export function redo(document: NotebookDocument): NotebookDocument {
  const edit = document.undone.at(-1);
  if (edit === undefined) return document;
  const again = currentRemoval(document, edit);
  return {
    notebook: apply(document.notebook, again),
    done: [...document.done, again],
    undone: document.undone.slice(0, -1),
  };
}

function perform(document: NotebookDocument, edit: StructureEdit): NotebookDocument {
  return {
    notebook: apply(document.notebook, edit),
    done: [...document.done, edit],
    undone: [],
  };
}

function apply(notebook: Notebook, edit: StructureEdit): Notebook {
  switch (edit.type) {
    case "insert":
      return insertCell(notebook, edit.index, edit.cell);
    case "remove":
      return removeCell(notebook, edit.cell.id);
    case "move":
      return moveCell(notebook, edit.id, edit.to);
    case "change":
      return updateCell(notebook, edit.id, { ...edit.after });
  }
}

function invert(edit: StructureEdit): StructureEdit {
  switch (edit.type) {
    case "insert":
      return { ...edit, type: "remove" };
    case "remove":
      return { ...edit, type: "insert" };
    case "move":
      return { ...edit, from: edit.to, to: edit.from };
    case "change":
      return { ...edit, before: edit.after, after: edit.before };
  }
}

/** An insertion as it would be taken back now: with what was typed into the cell since. */
function current(document: NotebookDocument, edit: StructureEdit): StructureEdit {
  if (edit.type !== "insert") return edit;
  const cell = document.notebook.cells[indexOf(document, edit.cell.id)];
  return cell === undefined ? edit : { ...edit, cell };
}

function currentRemoval(document: NotebookDocument, edit: StructureEdit): StructureEdit {
  if (edit.type !== "remove") return edit;
  const cell = document.notebook.cells[indexOf(document, edit.cell.id)];
  return cell === undefined ? edit : { ...edit, cell };
}

function indexOf(document: NotebookDocument, id: number): number {
  return document.notebook.cells.findIndex((cell) => cell.id === id);
}

/** An id that no cell has, also none that undo or redo could bring back. */
function unusedId({ notebook, done, undone }: NotebookDocument): number {
  const gone = [...done, ...undone].map((edit) => ("cell" in edit ? edit.cell.id : 0));
  return Math.max(0, ...notebook.cells.map((cell) => cell.id), ...gone) + 1;
}

function attributesOf({ mode, pinned, output }: Cell): CellAttributes {
  return { mode, pinned, ...(output === undefined ? {} : { output }) };
}

function isSame(a: CellAttributes, b: CellAttributes): boolean {
  return a.mode === b.mode && a.pinned === b.pinned && a.output === b.output;
}

/** Whether the source of a new cell is in sight for good: that of text is not. */
function isPinned(mode: CellMode): boolean {
  return mode !== "md" && mode !== "html" && mode !== "tex" && mode !== "dot";
}
