import { afterTask } from "./after-task.ts";
import type { CellRun } from "./cell-run.ts";
import { isKeepable } from "./keepable.ts";

/** How much of what cells came to before is kept in memory. */
export interface MemoryLimits {
  /** runs of all cells together */
  readonly runs: number;
  /** runs of one cell, which a slider makes many of */
  readonly runsOfCell: number;
  /** bytes of their values, as far as they can be told */
  readonly bytes: number;
}

const defaultLimits: MemoryLimits = { runs: 2000, runsOfCell: 32, bytes: 256 * 2 ** 20 };

/**
 * The runs that cells had before, so that an edit that is undone brings their results back without
 * running anything. Bounded; the oldest go first.
 */
export class RunMemory {
  /** by cell, the newest last */
  private readonly byCell = new Map<number, CellRun[]>();
  /** the oldest first */
  private readonly sizes = new Map<CellRun, number>();
  private bytes = 0;
  /** what was added in this task, and is looked at when there is time */
  private fresh: CellRun[] = [];

  constructor(private readonly limits: MemoryLimits = defaultLimits) {}

  /** Keeps a run that its cell has no more, if it can come back. */
  add(run: CellRun): void {
    if (this.limits.runs === 0) return;
    if (this.fresh.push(run) === 1) afterTask(() => this.sort());
  }

  private sort(): void {
    for (const run of this.fresh.splice(0)) if (isKeepable(run)) this.keep(run);
  }

  private keep(run: CellRun): void {
    const cell = run.compiled.cell.id;
    this.take(run);
    const size = sizeOf(Object.values(run.exports)) + sizeOf(run.shown);
    if (size > this.limits.bytes) return;
    const before = this.byCell.get(cell);
    const oldest = before?.[0];
    if (oldest !== undefined && before !== undefined && before.length >= this.limits.runsOfCell)
      this.take(oldest);
    const runs = this.byCell.get(cell);
    if (runs === undefined) this.byCell.set(cell, [run]);
    else runs.push(run);
    this.sizes.set(run, size);
    this.bytes += size;
    for (const [oldest] of this.sizes) {
      if (this.sizes.size <= this.limits.runs && this.bytes <= this.limits.bytes) break;
      this.take(oldest);
    }
  }

  /** The newest run of a cell for which a condition holds. */
  find(cell: number, condition: (run: CellRun) => boolean): CellRun | undefined {
    if (this.fresh.length > 0) this.sort();
    return this.byCell.get(cell)?.findLast(condition);
  }

  /** Gives up a run, which becomes the cell's own again or is not wanted. */
  take(run: CellRun): void {
    const cell = run.compiled.cell.id;
    const size = this.sizes.get(run);
    if (size === undefined) return;
    this.sizes.delete(run);
    this.bytes -= size;
    const left = this.byCell.get(cell)?.filter((other) => other !== run) ?? [];
    if (left.length === 0) this.byCell.delete(cell);
    else this.byCell.set(cell, left);
  }

  /** Forgets everything. */
  clear(): void {
    this.fresh = [];
    this.byCell.clear();
    this.sizes.clear();
    this.bytes = 0;
  }
}

/** Bytes that values hold, roughly: large buffers, tables and texts count, the rest is small. */
function sizeOf(values: readonly unknown[], depth = 0): number {
  let bytes = 0;
  for (const value of values) {
    if (typeof value === "string") bytes += 2 * value.length;
    else if (typeof value !== "object" || value === null) bytes += 16;
    else if ("byteLength" in value && typeof value.byteLength === "number")
      bytes += value.byteLength;
    else if ("numRows" in value && typeof value.numRows === "number" && "columns" in value)
      bytes += 16 * value.numRows * (Array.isArray(value.columns) ? value.columns.length : 1);
    else if (Array.isArray(value) && depth < 5) bytes += arraySize(value, depth + 1);
    else bytes += 512;
  }
  return bytes;
}

/** The first members tell for all. */
function arraySize(values: readonly unknown[], depth: number): number {
  const first = values.slice(0, 20);
  return first.length === 0 ? 16 : (sizeOf(first, depth) / first.length) * values.length;
}
