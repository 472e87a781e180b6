import type { Cell } from "./cell.ts";
import type { GraphCell } from "./cell-graph.ts";
import { CellRun } from "./cell-run.ts";
import { isSameCode } from "./cell-shape.ts";
import { isFaulty } from "./compile.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import { FingerprintHistory } from "./fingerprint-history.ts";
import { FingerprintRecord, type KnownBuiltins } from "./fingerprint-record.ts";
import { isOnlyText } from "./only-text.ts";
import { Recall } from "./recall.ts";
import type { ResultKeeper } from "./result-keeper.ts";
import type { RunMemory } from "./run-memory.ts";
import type { Variable } from "./variable.ts";
import type { RunOwner } from "./run-owner.ts";

/** What runs need of the cell that they are of. */
export interface RunningCell {
  readonly id: number;
  readonly cell: Cell;
  readonly compiled: GraphCell;
  /** names that it reads, and what gives their values */
  readonly reads: readonly string[];
  readonly inputs: readonly Variable[];
  /** has it look again for the run that is wanted */
  touch(): void;
}

/** What runs need of the workbook. */
export interface RunContext {
  readonly builtins: KnownBuiltins;
  /** the runs that cells had before */
  readonly memory: RunMemory;
  /** where results outlive the page, if anywhere */
  readonly keeper: ResultKeeper | undefined;
  /** whether nothing runs until a person says so */
  isHeld(): boolean;
}

/**
 * How the run that is wanted stands. `looking`: whether it is known takes a while to find out, and
 * the cell is touched when it is clear. `policy`, `hold`: it waits for a person, because of the cell's
 * policy or because the workbook is held, and an earlier run stays.
 */
export type Brought = "here" | "looking" | "policy" | "hold";

/**
 * The runs of a cell: the one at hand, and the way to the one that is wanted. That is kept, comes back
 * from memory or from the store, or begins, unless that is left to a person.
 */
export class CellRuns {
  /** the run at hand */
  run: CellRun | undefined;
  /** whether it came from memory or from the store */
  isRestored = false;
  /** how often the body ran */
  count = 0;
  readonly history = new FingerprintHistory();
  private readonly recall: Recall;
  /** whether the person wants the body to run, whatever is known and whatever the policy */
  private isAsked = false;
  /** whether the person lets it run, should it have to, whatever the policy */
  private isAllowed = false;
  /** a run that came back, and does not count any more */
  private doubted: CellRun | undefined;

  constructor(
    private readonly cell: RunningCell,
    private readonly owner: RunOwner,
    private readonly context: RunContext,
  ) {
    this.recall = new Recall(cell, owner, context.memory, context.keeper);
  }

  /** Has the run at hand be the one that is wanted now, all inputs having values. */
  bring(): Brought {
    if (this.fits()) {
      this.isAllowed = false;
      return "here";
    }
    const record = this.recorded();
    if (!this.isAsked) {
      const waits = this.waitsBecause();
      // a cell that would wait is looked up, however quickly it runs
      const duration = waits === undefined ? this.run?.duration : undefined;
      const known = this.isDoubted()
        ? undefined
        : this.recall.find(this.compiled, record, duration);
      if (known === "looking") return "looking";
      if (known !== undefined) {
        this.restore(known);
        return "here";
      }
      if (waits !== undefined) return waits;
    }
    this.start(record);
    return "here";
  }

  /** Has the body run again, equal inputs or not, and whatever is known. */
  ask(): void {
    this.isAsked = true;
  }

  /** Has its policy hold the cell no more until it is what it should be: what it reads may change. */
  allow(): void {
    this.isAllowed = true;
  }

  /** A result that came back does not count any more: it is as if it were not known. */
  doubt(): void {
    if (this.isRestored) this.doubted = this.run;
  }

  /** What a person wanted holds no more. */
  forgetWishes(): void {
    this.isAsked = false;
    this.isAllowed = false;
  }

  /** What is shown is what the cell is made of now. */
  finish(): void {
    this.history.finish();
    if (this.run !== undefined && !this.isRestored) this.context.keeper?.note(this.run);
  }

  /** Lets go of the run at hand. */
  release(): void {
    const { run } = this;
    if (run === undefined) return;
    this.run = undefined;
    this.isRestored = false;
    run.dispose();
    this.recall.keep(run);
  }

  /** What a run would be made of now. */
  recorded(): FingerprintRecord {
    const { reads, inputs } = this.cell;
    return new FingerprintRecord(this.compiled, reads, inputs, this.context.builtins);
  }

  /** Only for a cell that stands where it can run. */
  private get compiled(): CompiledCell {
    return this.cell.compiled as CompiledCell;
  }

  private fits(): boolean {
    const { run } = this;
    if (run === undefined || this.isAsked || isFaulty(this.cell.compiled)) return false;
    return run !== this.doubted && this.isWanted(run);
  }

  /** Whether a run of what is wanted came back and does not count. */
  private isDoubted(): boolean {
    return this.doubted !== undefined && this.isWanted(this.doubted);
  }

  private isWanted(run: CellRun): boolean {
    const { reads, inputs } = this.cell;
    return run.record.fits(reads, inputs) && isSameCode(run.compiled, this.compiled);
  }

  /** Why the person, not the graph, says when the cell runs, if so. */
  private waitsBecause(): "policy" | "hold" | undefined {
    const { cell, inputs } = this.cell;
    if (this.isAllowed) return undefined;
    if (cell.policy === "manual") return "policy";
    if (cell.policy === "once" && this.history.last !== undefined) return "policy";
    return this.context.isHeld() && !isOnlyText(cell, inputs) ? "hold" : undefined;
  }

  private start(record: FingerprintRecord): void {
    const { compiled } = this;
    const before = this.run;
    const previous =
      before !== undefined && isSameCode(before.compiled, compiled) ? before.value : undefined;
    this.release();
    this.recall.reset();
    this.forgetWishes();
    this.doubted = undefined;
    this.count++;
    const run = new CellRun(compiled, record, this.owner);
    this.run = run;
    this.history.begin(record);
    run.begin(this.cell.inputs, previous);
  }

  private restore(run: CellRun): void {
    // before the run at hand takes its place
    this.recall.take(run);
    this.release();
    this.recall.reset();
    this.run = run;
    this.isRestored = true;
    this.isAllowed = false;
    this.history.begin(run.record);
    run.showAgain();
  }
}
