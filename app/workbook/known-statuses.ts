import type { CellStatus } from "../../runtime/cell.ts";

/** What the graph has said last of each cell, and what follows from all of it. */
export class KnownStatuses {
  private readonly statuses = new Map<number, CellStatus>();
  /** the cell that defines each name; made again after a status has changed */
  private definers: ReadonlyMap<string, number> | undefined;

  get(id: number): CellStatus | undefined {
    return this.statuses.get(id);
  }

  set(status: CellStatus): void {
    this.statuses.set(status.id, status);
    this.definers = undefined;
  }

  /** Forgets cells that are not there any more. */
  keepOnly(isThere: (id: number) => boolean): void {
    for (const id of this.statuses.keys()) if (!isThere(id)) this.statuses.delete(id);
    this.definers = undefined;
  }

  /** The cell that defines a name, if one does. */
  definerOf(name: string): number | undefined {
    this.definers ??= definersIn(this.statuses.values());
    return this.definers.get(name);
  }

  /** A cell and all that it depends on, as far as the graph knows. */
  needed(id: number): ReadonlySet<number> {
    const needed = new Set([id]);
    // the set grows while it is walked
    for (const each of needed)
      for (const name of this.get(each)?.reads ?? []) {
        const definer = this.definerOf(name);
        if (definer !== undefined) needed.add(definer);
      }
    return needed;
  }
}

/** Of a name that several cells define the first cell counts. */
function definersIn(statuses: Iterable<CellStatus>): ReadonlyMap<string, number> {
  const definers = new Map<string, number>();
  for (const { id, defines } of statuses)
    for (const name of defines) if (!definers.has(name)) definers.set(name, id);
  return definers;
}
