import type { Cell, CellError, CellState } from "./cell.ts";
import {
  blockedFault,
  CellFault,
  disabledFault,
  faultOf,
  isNotRun,
  noSqlFault,
} from "./cell-fault.ts";
import type { GraphCell, Placement } from "./cell-graph.ts";
import { CellRun, type RunOwner } from "./cell-run.ts";
import { isSameCode, isSamePlacement, shapeOf } from "./cell-shape.ts";
import { StatusSnapshot, type StatusFacts } from "./cell-status.ts";
import { isFaulty } from "./compile.ts";
import type { CompiledCell, SqlStatement } from "./compiled-cell.ts";
import { fingerprintChanges, inputSource, type FingerprintChange } from "./fingerprint-change.ts";
import { explanationOf, type Explanation } from "./fingerprint-explanation.ts";
import { FingerprintHistory } from "./fingerprint-history.ts";
import { FingerprintRecord, type KnownBuiltins } from "./fingerprint-record.ts";
import { Recall } from "./recall.ts";
import type { ResultKeeper } from "./result-keeper.ts";
import type { RunMemory } from "./run-memory.ts";
import { Variable } from "./variable.ts";
import type { Wave } from "./wave.ts";
import type { WorkbookOptions } from "./workbook-options.ts";

/** What a node needs of the workbook that it belongs to. */
export interface NodeContext {
  readonly options: WorkbookOptions;
  readonly builtins: KnownBuiltins;
  readonly wave: Wave<CellNode>;
  /** the runs that cells had before */
  readonly memory: RunMemory;
  /** where results outlive the page, if anywhere */
  readonly keeper: ResultKeeper | undefined;
  /** the node that defines a name, if a cell does */
  definer(name: string): CellNode | undefined;
  /** what is known about the node changed */
  changed(node: CellNode): void;
}

/** A state that a node is in by itself, whatever it waits for. */
type BaseState = Exclude<CellState, "stale">;

const noInputs: readonly Variable[] = [];
const noNames: readonly string[] = [];

/** A cell in the graph: its variables, its run, and the truth about it. */
export class CellNode implements RunOwner, StatusFacts {
  compiled: GraphCell;
  isDisabled = false;
  rank = 0;
  isTouched = false;
  /** whether others are to hear of a change */
  private isNews = false;
  /** what others heard last */
  private told: StatusSnapshot | undefined;
  /** what it reads, in the order of the placement's inputs */
  inputs: readonly Variable[] = noInputs;
  /** what it defines */
  outputs: readonly Variable[] = noInputs;
  private placement: Placement | undefined;
  private run: CellRun | undefined;
  /** whether the run came from memory or from the store */
  private isRestored = false;
  private readonly recall: Recall;
  private readonly history = new FingerprintHistory();
  private base: BaseState = "queued";
  error: CellError | undefined;
  /** what the error was made of, so that it is made once */
  private reason: unknown;
  /** the error as readers outside of the graph get it */
  private thrown: unknown;
  private hadValue = false;
  private wait: string | undefined;
  /** whether it waits by itself, not because of what it reads */
  private isWaitOwn = false;
  /** whether its policy keeps it from running on what it is made of now */
  private isHolding = false;
  /** whether the person wants the body to run, whatever is known and whatever the policy */
  private isAsked = false;
  /** whether the person lets it run, should it have to, whatever the policy */
  private isAllowed = false;
  private isGone = false;
  runs = 0;

  constructor(
    public cell: Cell,
    compiled: GraphCell,
    private readonly context: NodeContext,
  ) {
    this.compiled = compiled;
    this.recall = new Recall(this, context.memory, context.keeper);
  }

  /** Names that it reads, or none before there is a place for it. */
  get reads(): readonly string[] {
    return this.placement?.kind === "runs" ? this.placement.inputs : noNames;
  }

  /** Names that it defines. */
  get defines(): readonly string[] {
    return this.placement?.defines ?? noNames;
  }

  get id(): number {
    return this.cell.id;
  }

  get volatile(): boolean {
    return !isFaulty(this.compiled) && this.compiled.volatile;
  }

  /** Whether the result came from memory or from the store. */
  get isCached(): boolean {
    return this.isRestored;
  }

  /** Milliseconds that the run at hand took. */
  get duration(): number | undefined {
    return this.run?.duration;
  }

  /** What the run at hand is made of. */
  get record(): FingerprintRecord | undefined {
    return this.run?.record;
  }

  /** Why the node waits for a person, by itself or because of what it reads, if it does. */
  get waitsFor(): string | undefined {
    return this.wait;
  }

  /** The one state that the cell is in. */
  get state(): CellState {
    if (this.wait !== undefined) return this.hadValue ? "stale" : "idle";
    return this.base === "fresh" && this.run?.activity.state === "running" ? "running" : this.base;
  }

  /** Whether its policy keeps it from running on what it is made of now. */
  get isHeld(): boolean {
    return this.isHolding;
  }

  /** Whether it waits for a person by itself, not because of what it reads. */
  get waitsBySelf(): boolean {
    return this.wait !== undefined && this.isWaitOwn;
  }

  /** All that is known about the cell now. */
  status(): StatusSnapshot {
    return new StatusSnapshot(this);
  }

  /** What is known now, for those who were told of changes before; until the next one nobody is. */
  tell(): StatusSnapshot {
    this.isNews = false;
    return (this.told = this.status());
  }

  /** Why the cell ran again or is stale; undefined where there is no finished run to compare with. */
  explain(): Explanation | undefined {
    if (this.isHolding) return this.explainHold();
    if (this.wait !== undefined && !this.isWaitOwn)
      return this.hadValue ? explanationOf("stale", this.waitingInputs()) : undefined;
    const changes = this.history.changes();
    if (changes === undefined) return undefined;
    return explanationOf(this.wait === undefined ? "ran" : "stale", changes);
  }

  /** Puts the node where it belongs in the graph. */
  place(placement: Placement, inputs: readonly Variable[]): void {
    const wanted: Placement = this.isDisabled
      ? { kind: "fault", fault: disabledFault, defines: placement.defines }
      : placement;
    const isSame = isSamePlacement(wanted, this.placement);
    if (!isSame) this.placement = wanted;
    if (isSame && inputs.every((input, i) => input === this.inputs[i])) return;
    this.inputs = wanted.kind === "runs" ? inputs : noInputs;
    this.touch();
  }

  /** Makes the variables for the names that it defines, and gives up others. */
  define(defines: readonly string[]): void {
    const known = new Map(this.outputs.map((variable) => [variable.name, variable]));
    this.outputs = defines.map((name) => {
      const variable = known.get(name) ?? new Variable(name, this.history);
      variable.wait = this.waitOf(name);
      return variable;
    });
  }

  /**
   * Takes new source in. Code that is equal but for comments and formatting does not run again.
   *
   * @returns whether the node may now stand elsewhere in the graph
   */
  recompile(cell: Cell, compiled: GraphCell): boolean {
    const before = this.compiled;
    this.cell = cell;
    this.compiled = compiled;
    this.touch();
    if (!isFaulty(before) && !isFaulty(compiled) && isSameCode(before, compiled)) return false;
    return isFaulty(before) || isFaulty(compiled) || shapeOf(before) !== shapeOf(compiled);
  }

  /** Runs the body again, equal inputs or not, and whatever is known. */
  rerun(): void {
    this.isAsked = true;
    this.touch();
  }

  /** Has its policy hold it no more until it is what it should be: what it reads may change first. */
  allow(): void {
    this.isAllowed = true;
    this.touch();
  }

  /** Stops what goes on in the run at hand. */
  cancel(): void {
    this.isAsked = false;
    this.isAllowed = false;
    const { run } = this;
    if (run?.phase === "running" || (run !== undefined && run.activity.state !== "none"))
      run.cancel();
  }

  /** Takes the node out of the graph. */
  remove(): void {
    this.isGone = true;
    this.forget();
  }

  /** Has the node look at what it reads, in this wave or the next. */
  touch(): void {
    if (!this.isGone) this.context.wave.touch(this);
  }

  /** Does what follows from what it reads, from its code and from how its run stands. */
  update(): void {
    if (this.isGone || this.placement === undefined) return;
    const { wait } = this;
    this.follow(this.placement);
    this.wait = this.findWait();
    if (this.state === "fresh") this.finish();
    if (wait !== this.wait) this.tellReaders();
    if (this.isNews || this.told?.isOf(this) === true) return;
    this.isNews = true;
    this.context.changed(this);
  }

  changed(run: CellRun): void {
    if (run === this.run) this.touch();
  }

  clear(): void {
    this.context.options.observer?.clear?.(this.cell.id);
  }

  display(slot: number, value: unknown): void {
    this.context.options.observer?.display?.(this.cell.id, slot, value);
  }

  running(isRunning: boolean): void {
    this.context.options.observer?.running?.(isRunning ? this.cell.id : null);
  }

  async inSight(): Promise<void> {
    await this.context.options.inSight?.(this.cell.id);
  }

  runSql(statement: unknown, values: readonly unknown[], signal: AbortSignal): unknown {
    const { runSql } = this.context.options;
    if (runSql === undefined) throw new CellFault(noSqlFault);
    const [name] = this.defines;
    return runSql({
      ...(statement as SqlStatement),
      tables: this.tables(values),
      ...(name === undefined ? {} : { name }),
      cell: this.cell.id,
      signal,
    });
  }

  private follow(placement: Placement): void {
    this.isHolding = false;
    if (placement.kind === "fault") return this.stay(placement.fault);
    let isPending = false;
    for (const input of this.inputs) {
      if (input.state === "error") return this.block(input);
      if (input.state === "pending") isPending = true;
    }
    if (isPending) this.queue();
    else if (this.fits()) {
      this.isAllowed = false;
      this.reflect();
    } else this.begin();
  }

  /** There is nothing to be said of it yet. */
  private queue(): void {
    this.base = "queued";
    this.error = undefined;
    this.reason = undefined;
    for (const variable of this.outputs) variable.pend();
  }

  /** It cannot run where it stands. */
  private stay(fault: CellError): void {
    this.forget();
    this.isAsked = false;
    this.isAllowed = false;
    if (this.reason !== fault) {
      this.reason = fault;
      this.error = fault;
      this.thrown = new CellFault(fault);
      this.clear();
    }
    this.base = this.isDisabled || isNotRun(fault) ? "idle" : "error";
    this.failOutputs(this.thrown);
  }

  private block(input: Variable): void {
    this.forget();
    this.isAsked = false;
    this.isAllowed = false;
    const upstream = this.context.definer(input.name);
    const error =
      upstream === undefined
        ? faultOf(input.error, {})
        : blockedFault(input.name, {
            id: upstream.cell.id,
            error: upstream.error,
            disabled: upstream.isDisabled,
          });
    if (this.base !== "blocked" || this.error?.message !== error.message) {
      this.error = error;
      this.reason = error;
      this.thrown = new CellFault(error);
    }
    this.base = "blocked";
    this.failOutputs(this.thrown);
  }

  private fits(): boolean {
    const { run } = this;
    if (run === undefined || this.isAsked || this.placement?.kind !== "runs") return false;
    return this.isSame(run.compiled, run.record);
  }

  /** Whether a run of this code with this record would be the run that is wanted now. */
  private isSame(compiled: CompiledCell, record: FingerprintRecord): boolean {
    const now = this.compiled;
    return !isFaulty(now) && record.fits(this.reads, this.inputs) && isSameCode(compiled, now);
  }

  /** Gets the result that is wanted now: from memory, from the store, or by running the body. */
  private begin(): void {
    const record = this.recorded();
    if (!this.isAsked) {
      // a cell that would wait is looked up, however quickly it runs
      const duration = this.isToWait() ? undefined : this.run?.duration;
      const known = this.recall.find(this.compiled as CompiledCell, record, duration);
      if (known === "looking") return this.queue();
      if (known !== undefined) return this.restore(known);
      if (this.isToWait()) return this.hold();
    }
    this.start(record);
  }

  private start(record: FingerprintRecord): void {
    const compiled = this.compiled as CompiledCell;
    const before = this.run;
    const previous =
      before !== undefined && isSameCode(before.compiled, compiled) ? before.value : undefined;
    this.forget();
    this.recall.reset();
    this.isAsked = false;
    this.isAllowed = false;
    this.runs++;
    const run = new CellRun(compiled, record, this);
    this.run = run;
    this.history.begin(record);
    run.begin(this.inputs, previous);
    this.reflect();
  }

  private restore(run: CellRun): void {
    // before the run at hand takes its place
    this.recall.take(run);
    this.forget();
    this.recall.reset();
    this.run = run;
    this.isRestored = true;
    this.isAllowed = false;
    this.history.begin(run.record);
    run.showAgain();
    this.reflect();
  }

  /** The old result stays, and the person is asked. */
  private hold(): void {
    this.isHolding = true;
    if (this.run === undefined) this.queue();
    else this.reflect();
  }

  /** Whether the person, not the graph, says when the cell runs. */
  private isToWait(): boolean {
    const { policy } = this.cell;
    if (this.isAllowed) return false;
    return policy === "manual" || (policy === "once" && this.history.last !== undefined);
  }

  /** Brings state and outputs in line with the run at hand. */
  private reflect(): void {
    const { run } = this;
    if (run === undefined) return;
    if (run.failure !== undefined) this.fail(run.failure);
    else {
      this.error = undefined;
      this.reason = undefined;
      this.base = run.phase === "running" ? "running" : "fresh";
    }
    if (run.phase === "running") this.pend();
    else if (run.phase === "failed" || run.isCancelled) this.failOutputs(run.failure?.error);
    else
      for (const variable of this.outputs) {
        const late = run.late?.get(variable.name);
        if (late !== undefined && late.version > 0) this.hadValue = true;
        // code that waits for a person may define what this run did not
        if (this.isHolding && !Object.hasOwn(run.exports, variable.name)) variable.pend();
        else if (late === undefined) variable.give(run.exports[variable.name], run);
        else variable.follow(late);
      }
  }

  private fail(failure: { readonly error: unknown }): void {
    if (this.reason !== failure) {
      this.reason = failure;
      const { compiled, run } = this;
      this.error = faultOf(failure.error, isFaulty(compiled) ? {} : compiled.locate(failure.error));
      // what an earlier run displayed is no result of this one
      if (run === undefined || run.shown.length === 0) this.clear();
    }
    this.base = isNotRun(this.error) ? "idle" : "error";
  }

  private failOutputs(error: unknown): void {
    for (const variable of this.outputs) variable.fail(error);
  }

  private pend(): void {
    for (const variable of this.outputs) variable.pend();
  }

  /** What is shown is what the cell is made of now. */
  private finish(): void {
    this.hadValue = true;
    this.history.finish();
    if (this.run !== undefined && !this.isRestored) this.context.keeper?.note(this.run);
  }

  private forget(): void {
    const { run } = this;
    if (run === undefined) return;
    this.run = undefined;
    this.isRestored = false;
    run.dispose();
    this.recall.keep(run);
  }

  private recorded(): FingerprintRecord {
    const { reads, inputs, context } = this;
    return new FingerprintRecord(this.compiled as CompiledCell, reads, inputs, context.builtins);
  }

  /** What is waited for: here, or where something that it reads comes from. */
  private findWait(): string | undefined {
    this.isWaitOwn = true;
    if (this.isHolding) return policyWait;
    if (this.base === "fresh") {
      const reason = this.run?.activity.waitsFor;
      if (reason !== undefined) return reason;
    } else if (this.base !== "queued") return undefined;
    this.isWaitOwn = false;
    for (const { wait } of this.inputs) if (wait !== undefined) return wait;
    return undefined;
  }

  private tellReaders(): void {
    for (const variable of this.outputs) {
      variable.wait = this.waitOf(variable.name);
      variable.tell();
    }
  }

  /** What the readers of a name that it defines wait for. */
  private waitOf(name: string): string | undefined {
    const { wait } = this;
    return this.isWaitOwn && wait !== undefined ? `\`${name}\` waits: ${wait}` : wait;
  }

  private explainHold(): Explanation | undefined {
    const { lastFinished } = this.history;
    if (lastFinished === undefined) return undefined;
    return explanationOf("stale", fingerprintChanges(lastFinished, this.recorded()));
  }

  /** What a cell reads of cells that wait for a person, or for one that does. */
  private waitingInputs(): readonly FingerprintChange[] {
    const inputs = this.history.last?.inputs ?? [];
    return inputs
      .filter(({ name }) => this.context.definer(name)?.waitsFor !== undefined)
      .map((input) => ({ ...inputSource(input), how: "changed" }));
  }

  private tables(values: readonly unknown[]): Readonly<Record<string, unknown>> {
    if (this.placement?.kind !== "runs") return {};
    const { tables, inputs } = this.placement;
    return Object.fromEntries(
      Object.entries(tables).map(([written, name]) => [written, values[inputs.indexOf(name)]]),
    );
  }
}

const policyWait = "it runs when you say so";
