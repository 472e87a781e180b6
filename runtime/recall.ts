import { CellRun } from "./cell-run.ts";
import { isSameCode } from "./cell-shape.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";
import { isFunctionOfInputs, isKeepable } from "./keepable.ts";
import type { ResultKeeper } from "./result-keeper.ts";
import type { PastRuns, RunMemory } from "./run-memory.ts";
import type { RunOwner } from "./run-owner.ts";

/** What looks for what is known: a cell of the graph. */
export interface RecallingCell {
  readonly reads: readonly string[];
  readonly inputs: Parameters<FingerprintRecord["fits"]>[1];
  readonly id: number;
  touch(): void;
}

/** Milliseconds that a run must have taken to be worth a look into the store. */
const cheap = 1;

/** Milliseconds after which a store that does not answer knows nothing. */
const patience = 10_000;

/**
 * Finds the result of a run that is wanted now and was had before: in memory by what tells its
 * inputs from others, in the store by its fingerprint.
 */
export class Recall {
  private lookup:
    | {
        readonly compiled: CompiledCell;
        readonly record: FingerprintRecord;
        isOver: boolean;
        found: CellRun | undefined;
      }
    | undefined;

  /** those that the cell had */
  private readonly past: PastRuns;

  constructor(
    private readonly cell: RecallingCell,
    private readonly owner: RunOwner,
    private readonly memory: RunMemory,
    private readonly keeper: ResultKeeper | undefined,
  ) {
    this.past = memory.of(cell.id);
  }

  /**
   * The run whose result is wanted, if it is known. `looking` where that takes a while: the cell is
   * touched when it is clear.
   *
   * @param record of the run that is wanted
   * @param duration of the cell's run before, in milliseconds
   */
  find(
    compiled: CompiledCell,
    record: FingerprintRecord,
    duration?: number,
  ): CellRun | "looking" | undefined {
    const { lookup } = this;
    if (lookup !== undefined && this.isWanted(lookup.compiled, lookup.record, compiled))
      return lookup.isOver ? lookup.found : "looking";
    this.lookup = undefined;
    const known = this.remembered(compiled, record);
    if (known !== undefined && !known.record.readsFiles) return known;
    if (this.keeper === undefined || (duration !== undefined && duration < cheap)) return undefined;
    if (!isFunctionOfInputs(compiled, record)) return undefined;
    const found = known === undefined ? this.stored(compiled, record) : this.verified(known);
    if (!(found instanceof Promise)) return found;
    const looking = { compiled, record, isOver: false, found: undefined as CellRun | undefined };
    this.lookup = looking;
    void inTime(found).then((run) => {
      looking.isOver = true;
      looking.found = run;
      if (this.lookup === looking) this.cell.touch();
    });
    return "looking";
  }

  /** Keeps a run that the cell has no more. */
  keep(run: CellRun): void {
    if (run.isComplete) this.memory.add(this.past, run);
  }

  /** Gives up a run that becomes the cell's own again. */
  take(run: CellRun): void {
    this.memory.take(this.past, run);
  }

  /** A run began, or came back: what was found before counts no more. */
  reset(): void {
    this.lookup = undefined;
  }

  private remembered(compiled: CompiledCell, { hash }: FingerprintRecord): CellRun | undefined {
    const { runs, hashes } = this.past;
    for (let i = runs.length - 1; i >= 0; i--) {
      // nearly always this tells, without a look at runs that have long left the processor's cache
      if (hashes[i] !== hash) continue;
      const run = runs[i];
      if (run === undefined || !this.isWanted(run.compiled, run.record, compiled)) continue;
      if (isKeepable(run)) return run;
    }
    return undefined;
  }

  private isWanted(was: CompiledCell, record: FingerprintRecord, now: CompiledCell): boolean {
    const { reads, inputs } = this.cell;
    return record.fits(reads, inputs) && isSameCode(was, now);
  }

  private stored(
    compiled: CompiledCell,
    record: FingerprintRecord,
  ): CellRun | undefined | Promise<CellRun | undefined> {
    const { owner } = this;
    const found = this.keeper?.find(compiled, record);
    const restored = (result: Awaited<typeof found>): CellRun | undefined => {
      if (result === undefined) return undefined;
      for (const [path, digest] of Object.entries(result.files)) record.addFile(path, digest);
      return CellRun.restored(compiled, record, owner, result);
    };
    return found instanceof Promise ? found.then(restored) : restored(found);
  }

  /** A run that read files counts as long as they are what they were. */
  private async verified(run: CellRun): Promise<CellRun | undefined> {
    return (await this.keeper?.areFilesSame(run.record.readFiles)) === true ? run : undefined;
  }
}

/** What a promise gives, or undefined where it takes too long or fails. */
function inTime<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), patience);
    const end = (value?: Value): void => {
      clearTimeout(timer);
      resolve(value);
    };
    promise.then(end, () => end());
  });
}
