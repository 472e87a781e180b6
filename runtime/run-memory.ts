import type { CellRun } from "./cell-run.ts";

/** How much of what cells came to before is kept in memory. */
export interface MemoryLimits {
  /** runs of each cell that took less than a millisecond, to be had again for as little */
  readonly cheapRuns: number;
  /** runs of each cell that took longer, of which a slider makes many */
  readonly runs: number;
  /** bytes of all values together, as far as they can be told */
  readonly bytes: number;
}

/** The runs that a cell had, the newest last, and of each the hash of what it was made of. */
export interface PastRuns {
  readonly runs: CellRun[];
  readonly hashes: number[];
}

const defaultLimits: MemoryLimits = { cheapRuns: 2, runs: 32, bytes: 256 * 2 ** 20 };

/**
 * The runs that cells had before, so that an edit that is undone brings their results back without
 * running anything. Bounded; the oldest go first.
 */
export class RunMemory {
  /** by cell, the newest last */
  private readonly byCell = new Map<number, PastRuns>();
  /** of runs with values of some size, the oldest first */
  private readonly sizes = new Map<CellRun, number>();
  private bytes = 0;

  constructor(private readonly limits: MemoryLimits = defaultLimits) {}

  /** The runs that a cell had, the newest last; what {@link add} and {@link take} change. */
  of(cell: number): PastRuns {
    let past = this.byCell.get(cell);
    if (past === undefined) this.byCell.set(cell, (past = { runs: [], hashes: [] }));
    return past;
  }

  /** Keeps a run among those of its cell. */
  add(past: PastRuns, run: CellRun): void {
    const { limits } = this;
    const most = isCheap(run) ? limits.cheapRuns : limits.runs;
    if (most === 0) return;
    past.runs.push(run);
    past.hashes.push(run.record.hash);
    if (past.runs.length > most) this.shorten(past, isCheap(run), most);
    if (hasObjects(run)) this.measure(run);
  }

  /** Gives up a run, which becomes the cell's own again or is not wanted. */
  take({ runs, hashes }: PastRuns, run: CellRun): void {
    const index = runs.indexOf(run);
    if (index >= 0) {
      runs.splice(index, 1);
      hashes.splice(index, 1);
    }
    this.release(run);
  }

  /** Forgets everything. */
  clear(): void {
    // cells hold on to their lists
    for (const { runs, hashes } of this.byCell.values()) runs.length = hashes.length = 0;
    this.sizes.clear();
    this.bytes = 0;
  }

  /** Gives up the oldest of a cell's cheap runs, or of the others, if there are more than `most`. */
  private shorten(past: PastRuns, cheap: boolean, most: number): void {
    const alike = past.runs.filter((run) => isCheap(run) === cheap);
    const [oldest] = alike;
    if (oldest !== undefined && alike.length > most) this.take(past, oldest);
  }

  private measure(run: CellRun): void {
    const size = sizeOf(Object.values(run.exports)) + sizeOf(run.shown);
    this.sizes.set(run, size);
    this.bytes += size;
    if (this.bytes <= this.limits.bytes) return;
    for (const [oldest] of this.sizes) {
      if (this.bytes <= this.limits.bytes) return;
      this.take(this.of(oldest.compiled.cell.id), oldest);
    }
  }

  private release(run: CellRun | undefined): void {
    const size = run === undefined ? undefined : this.sizes.get(run);
    if (run === undefined || size === undefined) return;
    this.sizes.delete(run);
    this.bytes -= size;
  }
}

/** Whether a run is had again for as little as it takes to keep it. */
function isCheap({ duration = 0 }: CellRun): boolean {
  return duration < 1;
}

/** Most cells give a number or a short text, which is not worth measuring. */
function hasObjects({ exports, shown }: CellRun): boolean {
  if (shown.length > 0) return true;
  for (const name in exports) {
    const value = exports[name];
    if ((typeof value === "object" && value !== null) || typeof value === "string") return true;
  }
  return false;
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
