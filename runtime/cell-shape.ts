import type { Placement } from "./cell-graph.ts";
import type { CompiledCell } from "./compiled-cell.ts";

/** Whether two cells do the same, but for comments and formatting. */
export function isSameCode(a: CompiledCell, b: CompiledCell): boolean {
  if (a === b) return true;
  return (
    a.cell.mode === b.cell.mode &&
    a.kind === b.kind &&
    a.autodisplay === b.autodisplay &&
    a.outputs.join() === b.outputs.join() &&
    a.codeDigest === b.codeDigest
  );
}

/** All of a cell that decides where it stands in the graph. */
export function shapeOf(cell: CompiledCell): string {
  const { inputs, outputs, kind, references = [] } = cell;
  return JSON.stringify([inputs, outputs, kind, references.map(({ name }) => name)]);
}

/** Whether a node stands already where it is to stand. */
export function isSamePlacement(a: Placement, b: Placement | undefined): boolean {
  if (b === undefined || a.kind !== b.kind) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
