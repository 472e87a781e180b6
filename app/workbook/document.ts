import type { Cell, CellMode } from "../../runtime/cell.ts";
import {
  insertCell,
  moveCell,
  removeCell,
  updateCell,
  type CellPatch,
} from "../../runtime/notebook-edits.ts";
import type { Notebook } from "../../runtime/notebook.ts";

/**
 * The notebook under edit. States are immutable. What was done to cells (made, deleted, moved,
 * changed in mode, name or policy) can be undone step by step, and leaves alone what was typed since:
 * typing is each editor's own to undo.
 */
export interface NotebookDocument {
  readonly notebook: Notebook;
  /** the notebook before each thing that was done, the latest last */
  readonly before: readonly Notebook[];
  /** the notebook before each undo that was not redone, the latest last */
  readonly after: readonly Notebook[];
}

/** A document in which nothing was done yet. */
export function openDocument(notebook: Notebook): NotebookDocument {
  return { notebook, before: [], after: [] };
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
  const at = cells.findIndex((cell) => cell.id === before);
  const index = at === -1 ? cells.length : at;
  const notebook = insertCell(document.notebook, index, { mode });
  return { document: done(document, notebook), id: cellAt(notebook, index).id };
}

/** The document without a cell. */
export function withoutCell(document: NotebookDocument, id: number): NotebookDocument {
  return done(document, removeCell(document.notebook, id));
}

/** A cell some places up (negative) or down; the ends stop it. */
export function withMovedCell(
  document: NotebookDocument,
  id: number,
  step: number,
): NotebookDocument {
  const { cells } = document.notebook;
  const from = cells.findIndex((cell) => cell.id === id);
  const to = Math.min(Math.max(0, from + step), cells.length - 1);
  return done(document, moveCell(document.notebook, id, to));
}

/** A cell with another mode, name of its result or policy, or its source in sight or not. */
export function withAttributes(
  document: NotebookDocument,
  id: number,
  changes: Pick<CellPatch, "mode" | "pinned" | "output" | "policy">,
): NotebookDocument {
  return done(document, updateCell(document.notebook, id, changes));
}

/** The document before what was done last; itself when nothing was done. */
export function undo(document: NotebookDocument): NotebookDocument {
  const target = document.before.at(-1);
  if (target === undefined) return document;
  return {
    notebook: withSourcesOf(target, document.notebook),
    before: document.before.slice(0, -1),
    after: [...document.after, document.notebook],
  };
}

/** The document with what was undone last; itself when nothing was undone. */
export function redo(document: NotebookDocument): NotebookDocument {
  const target = document.after.at(-1);
  if (target === undefined) return document;
  return {
    notebook: withSourcesOf(target, document.notebook),
    before: [...document.before, document.notebook],
    after: document.after.slice(0, -1),
  };
}

function done(document: NotebookDocument, notebook: Notebook): NotebookDocument {
  if (notebook === document.notebook) return document;
  return { notebook, before: [...document.before, document.notebook], after: [] };
}

/** A notebook with the texts that its cells have in a later state. */
function withSourcesOf(target: Notebook, later: Notebook): Notebook {
  return later.cells.reduce(
    (notebook, { id, source }) =>
      target.cells.some((cell) => cell.id === id) ? updateCell(notebook, id, { source }) : notebook,
    target,
  );
}

function cellAt(notebook: Notebook, index: number): Cell {
  const cell = notebook.cells[index];
  if (cell === undefined) throw new RangeError(`The notebook has no cell at ${index}`);
  return cell;
}
