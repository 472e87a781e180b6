import type { Cell, CellError, CellState } from "./cell.ts";
import { explainCell, type ExplainedCell } from "./cell-explanation.ts";
import { CellFailure } from "./cell-failure.ts";
import { blockedFault, disabledFault, faultOf, isNotRun } from "./cell-fault.ts";
import type { GraphCell, Placement } from "./cell-graph.ts";
import { CellOutputs, type Wait } from "./cell-outputs.ts";
import type { CellRun } from "./cell-run.ts";
import { CellRuns, type RunContext, type RunningCell } from "./cell-runs.ts";
import { isSameCode, isSamePlacement, shapeOf } from "./cell-shape.ts";
import { StatusSnapshot, type StatusFacts } from "./cell-status.ts";
import { isFaulty } from "./compile.ts";
import type { Explanation } from "./fingerprint-explanation.ts";
import type { FingerprintHistory } from "./fingerprint-history.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";
import { RunSurroundings, type SurroundedCell } from "./run-surroundings.ts";
import type { Variable } from "./variable.ts";
import type { Wave } from "./wave.ts";
import type { WorkbookOptions } from "./workbook-options.ts";

/** What a node needs of the workbook that it belongs to. */
export interface NodeContext extends RunContext {
  readonly options: WorkbookOptions;
  readonly wave: Wave<CellNode>;
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
export class CellNode implements StatusFacts, RunningCell, SurroundedCell, ExplainedCell {
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
  private placement: Placement | undefined;
  private readonly surroundings: RunSurroundings;
  private readonly own: CellRuns;
  private readonly variables: CellOutputs;
  private readonly failure = new CellFailure();
  private base: BaseState = "queued";
  hadValue = false;
  private wait: Wait | undefined;
  /** what keeps it from running on what it is made of now: its policy, or the hold on the workbook */
  private holding: Wait | undefined;
  /** whether a name that it reads may come yet */
  private waitsForNames = false;
  /** whether its own code is still being compiled */
  private waitsForCode = false;
  private isGone = false;

  constructor(
    public cell: Cell,
    compiled: GraphCell,
    private readonly context: NodeContext,
  ) {
    this.compiled = compiled;
    this.surroundings = new RunSurroundings(this, context.options, context.keeper);
    this.own = new CellRuns(this, this.surroundings, context);
    this.variables = new CellOutputs(this.own.history);
  }

  get id(): number {
    return this.cell.id;
  }

  /** Names that it reads, or none before there is a place for it. */
  get reads(): readonly string[] {
    return this.placement?.kind === "runs" ? this.placement.inputs : noNames;
  }

  get tables(): Readonly<Record<string, string>> {
    return this.placement?.kind === "runs" ? this.placement.tables : {};
  }

  /** Names that it defines. */
  get defines(): readonly string[] {
    return this.placement?.defines ?? noNames;
  }

  get volatile(): boolean {
    return !isFaulty(this.compiled) && this.compiled.volatile;
  }

  /** How often the body ran. */
  get runs(): number {
    return this.own.count;
  }

  get history(): FingerprintHistory {
    return this.own.history;
  }

  /** Whether the result came from memory or from the store. */
  get isCached(): boolean {
    return this.own.isRestored;
  }

  /** Milliseconds that the run at hand took. */
  get duration(): number | undefined {
    return this.run?.duration;
  }

  /** What the run at hand is made of. */
  get record(): FingerprintRecord | undefined {
    return this.run?.record;
  }

  get error(): CellError | undefined {
    return this.failure.error;
  }

  /** Why the node waits for a person, by itself or because of what it reads, if it does. */
  get waitsFor(): string | undefined {
    return this.wait?.reason;
  }

  private get run(): CellRun | undefined {
    return this.own.run;
  }

  /** The one state that the cell is in. */
  get state(): CellState {
    if (this.wait !== undefined) return this.hadValue ? "stale" : "idle";
    return this.base === "fresh" && this.run?.activity.state === "running" ? "running" : this.base;
  }

  /** Whether it is left to a person when it runs on what it is made of now. */
  get isHeld(): boolean {
    return this.holding !== undefined;
  }

  /** Whether it waits for a person by itself, not because of what it reads. */
  get waitsBySelf(): boolean {
    return this.wait?.isOwn === true;
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
    return explainCell(this);
  }

  /** Whether a name stands for the value of a cell that waits for a person. */
  isWaitedFor(name: string): boolean {
    return this.context.definer(name)?.waitsFor !== undefined;
  }

  /** What a run would be made of now. */
  recorded(): FingerprintRecord {
    return this.own.recorded();
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

  /** What it defines. */
  get outputs(): readonly Variable[] {
    return this.variables.all;
  }

  /** Makes the variables for the names that it defines, and gives up others. */
  define(defines: readonly string[]): void {
    this.variables.define(defines);
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
    this.waitsForCode = false;
    this.touch();
    if (!isFaulty(before) && !isFaulty(compiled) && isSameCode(before, compiled)) return false;
    return isFaulty(before) || isFaulty(compiled) || shapeOf(before) !== shapeOf(compiled);
  }

  /** A name that it reads is missing, and may come yet from a cell that is being compiled. */
  awaitNames(isToWait: boolean): void {
    if (this.waitsForNames === isToWait) return;
    this.waitsForNames = isToWait;
    this.touch();
  }

  /** Its code is another now, which takes time to compile. */
  awaitCode(): void {
    this.waitsForCode = true;
    this.touch();
  }

  /** Runs the body again, equal inputs or not, and whatever is known. */
  rerun(): void {
    this.own.ask();
    this.touch();
  }

  /** Has nothing hold it any more until it is what it should be: what it reads may change first. */
  allow(): void {
    this.own.allow();
    this.touch();
  }

  /** Has what came back for it count no more. */
  doubt(): void {
    this.own.doubt();
    this.touch();
  }

  /** Stops what goes on in the run at hand. */
  cancel(): void {
    this.own.forgetWishes();
    const { run } = this;
    if (run?.phase === "running" || (run !== undefined && run.activity.state !== "none"))
      run.cancel();
  }

  /** Takes the node out of the graph. */
  remove(): void {
    this.isGone = true;
    this.own.release();
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
    if (this.state === "fresh") {
      this.hadValue = true;
      this.own.finish();
    }
    if (wait?.reason !== this.wait?.reason || wait?.isOwn !== this.wait?.isOwn)
      this.variables.setWait(this.wait);
    if (this.isNews || this.told?.isOf(this) === true) return;
    this.isNews = true;
    this.context.changed(this);
  }

  changed(run: CellRun): void {
    if (run === this.run) this.touch();
  }

  private follow(placement: Placement): void {
    this.holding = undefined;
    if (this.waitsForCode || this.waitsForNames) return this.queue();
    if (placement.kind === "fault") return this.stay(placement.fault);
    let isPending = false;
    for (const input of this.inputs) {
      if (input.state === "error") return this.block(input);
      if (input.state === "pending") isPending = true;
    }
    if (isPending) return this.queue();
    const brought = this.own.bring();
    if (brought === "policy" || brought === "hold") this.holding = holds[brought];
    if (brought === "looking" || this.run === undefined) this.queue();
    else this.reflect(this.run);
  }

  /** There is nothing to be said of it yet. */
  private queue(): void {
    this.base = "queued";
    this.failure.end();
    this.variables.pend();
  }

  /** It cannot run where it stands. */
  private stay(fault: CellError): void {
    this.own.release();
    this.own.forgetWishes();
    if (this.failure.because(fault, () => fault)) this.surroundings.clear();
    this.base = this.isDisabled || isNotRun(fault) ? "idle" : "error";
    this.variables.fail(this.failure.thrown);
  }

  private block(input: Variable): void {
    this.own.release();
    this.own.forgetWishes();
    const upstream = this.context.definer(input.name);
    const error =
      upstream === undefined
        ? faultOf(input.error, {})
        : blockedFault(input.name, {
            id: upstream.cell.id,
            error: upstream.error,
            disabled: upstream.isDisabled,
          });
    this.failure.because(`blocked: ${error.message}`, () => error);
    this.base = "blocked";
    this.variables.fail(this.failure.thrown);
  }

  /** Brings state and outputs in line with the run at hand. */
  private reflect(run: CellRun): void {
    if (run.failure !== undefined) this.fail(run.failure);
    else {
      this.failure.end();
      this.base = run.phase === "running" ? "running" : "fresh";
    }
    if (run.phase === "running") this.variables.pend();
    else if (run.phase === "failed" || run.isCancelled) this.variables.fail(run.failure?.error);
    else if (this.variables.give(run, this.isHeld)) this.hadValue = true;
  }

  private fail(failure: { readonly error: unknown }): void {
    const { compiled, run } = this;
    const isNew = this.failure.because(failure, () =>
      faultOf(failure.error, isFaulty(compiled) ? {} : compiled.locate(failure.error)),
    );
    // what an earlier run displayed is no result of this one
    if (isNew && (run === undefined || run.shown.length === 0)) this.surroundings.clear();
    this.base = isNotRun(this.error) ? "idle" : "error";
  }

  /** What is waited for: here, or where something that it reads comes from. */
  private findWait(): Wait | undefined {
    if (this.holding !== undefined) return this.holding;
    if (this.base === "fresh") {
      const reason = this.run?.activity.waitsFor;
      if (reason !== undefined) return { reason, isOwn: true };
    } else if (this.base !== "queued") return undefined;
    for (const { wait } of this.inputs)
      if (wait !== undefined) return { reason: wait, isOwn: false };
    return undefined;
  }
}

const holds: Readonly<Record<"policy" | "hold", Wait>> = {
  policy: { reason: "it runs when you say so", isOwn: true },
  hold: { reason: "it runs when you let the workbook run", isOwn: true },
};
