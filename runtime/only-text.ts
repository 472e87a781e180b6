import type { Cell, CellMode } from "./cell.ts";
import type { Variable } from "./variable.ts";

const textModes: ReadonlySet<CellMode> = new Set<CellMode>(["md", "html", "tex", "dot"]);

/**
 * Whether there is nothing to run in a cell but the builtin that draws its text: no `${}`, and the
 * builtin is not one that another cell defines.
 *
 * @param inputs what the cell reads
 */
export function isOnlyText({ mode, source }: Cell, inputs: readonly Variable[]): boolean {
  return (
    textModes.has(mode) &&
    !source.includes("${") &&
    inputs.every(({ given }) => given === undefined)
  );
}
