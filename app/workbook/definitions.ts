import type { Cell } from "../../runtime/cell.ts";

/**
 * What each cell was when it was last asked to run: what the graph holds, while people type on.
 * Only {@link Definitions.run} and structure change it.
 */
export class Definitions {
  private readonly ran = new Map<number, Cell>();

  /** Takes over what a person runs: the cell as it is written now. */
  run(cell: Cell): void {
    this.ran.set(cell.id, cell);
  }

  /**
   * The graph's cells for a notebook: those that it has, in its order, as they last ran. A cell
   * that is new here runs as it is written; one that is gone is forgotten. When a cell runs is no
   * part of what it was: a new policy holds at once.
   */
  graphCells(cells: readonly Cell[]): readonly Cell[] {
    const ids = new Set(cells.map((cell) => cell.id));
    for (const id of this.ran.keys()) if (!ids.has(id)) this.ran.delete(id);
    return cells.map((cell) => {
      const ran = withPolicyOf(cell, this.ran.get(cell.id) ?? cell);
      this.ran.set(cell.id, ran);
      return ran;
    });
  }

  /** Whether a cell is written otherwise than it last ran. */
  isEdited(cell: Cell): boolean {
    const ran = this.ran.get(cell.id);
    return (
      ran !== undefined &&
      (ran.source !== cell.source || ran.mode !== cell.mode || ran.output !== cell.output)
    );
  }
}

function withPolicyOf({ policy }: Cell, ran: Cell): Cell {
  if (ran.policy === policy) return ran;
  const { policy: _before, ...rest } = ran;
  return policy === undefined ? rest : { ...rest, policy };
}
