import type { Module, Variable } from "@observablehq/runtime";
import type { Cell, CellError, CellState, CellStatus } from "./cell.ts";
import {
  blockedFault,
  CellFault,
  disabledFault,
  faultOf,
  isNotRun,
  noSqlFault,
} from "./cell-fault.ts";
import type { GraphCell, Placement } from "./cell-graph.ts";
import { CellRun, type Activity } from "./cell-run.ts";
import { isSameCode, isSamePlacement, shapeOf } from "./cell-shape.ts";
import { isFaulty } from "./compile.ts";
import type { CompiledCell, SqlStatement } from "./compiled-cell.ts";
import { inputSource, type FingerprintChange } from "./fingerprint-change.ts";
import { explanationOf, type Explanation } from "./fingerprint-explanation.ts";
import { FingerprintHistory } from "./fingerprint-history.ts";
import { FingerprintRecord, recordInputs } from "./fingerprint-record.ts";
import { WorkClock } from "./work-clock.ts";
import type { WorkbookOptions } from "./workbook-options.ts";

/** What a node needs of the workbook that it belongs to. */
export interface NodeContext {
  readonly module: Module;
  readonly options: WorkbookOptions;
  /** the node that defines a name, if a cell does */
  definer(name: string): CellNode | undefined;
  /** the node's state changed, as others see it */
  changed(node: CellNode): void;
}

/** A cell in the graph: its variables, its run, and the truth about it. */
export class CellNode {
  compiled: GraphCell;
  disabled = false;
  private placement: Placement | undefined;
  /** whether the variables stand as the placement and the code say */
  private isDefined = false;
  private run: CellRun | undefined;
  private readonly history = new FingerprintHistory();
  private body: Variable | undefined;
  private readonly outputs = new Map<string, Variable>();
  private base: Exclude<CellState, "stale"> = "queued";
  /** whether the body was reached since the last time that its inputs began to change */
  private reached = false;
  private error: CellError | undefined;
  /** what failed in a run after or while its body was done, such as a stage that it began */
  private failure: { readonly run: CellRun; readonly error: unknown } | undefined;
  private hadValue = false;
  private wait: string | undefined;
  private runs = 0;
  private duration: number | undefined;

  constructor(
    public cell: Cell,
    compiled: GraphCell,
    private readonly context: NodeContext,
  ) {
    this.compiled = compiled;
  }

  /** The placement's names, or none before there is one. */
  get inputs(): readonly string[] {
    return this.placement?.kind === "runs" ? this.placement.inputs : [];
  }

  /** Why the node waits for a person, by itself or because of what it reads, if it does. */
  get waitsFor(): string | undefined {
    return this.wait;
  }

  /** The one state that the cell is in. */
  get state(): CellState {
    if (this.wait !== undefined) return this.hadValue ? "stale" : "idle";
    return this.base === "fresh" && this.activity().state === "running" ? "running" : this.base;
  }

  /** All that is known about the cell now. */
  status(): CellStatus {
    const { waitsFor } = this;
    const volatile = "fault" in this.compiled ? false : this.compiled.volatile;
    const fingerprint = (): string | undefined => this.fingerprint();
    return {
      id: this.cell.id,
      state: this.state,
      defines: this.placement?.defines ?? [],
      reads: this.inputs,
      runs: this.runs,
      volatile,
      disabled: this.disabled,
      ...(this.duration === undefined ? {} : { duration: this.duration }),
      ...(waitsFor === undefined ? {} : { waitsFor }),
      ...(this.error === undefined ? {} : { error: this.error }),
      // computed when somebody reads it, because it costs more than most cells
      get fingerprint(): string {
        return fingerprint() ?? "";
      },
    };
  }

  /** The fingerprint of the run at hand; undefined before there is one. */
  fingerprint(): string | undefined {
    return this.run?.record.fingerprint();
  }

  /** Why the cell ran again or is stale; undefined where there is no finished run to compare with. */
  explain(): Explanation | undefined {
    if (this.wait !== undefined && this.base === "queued")
      return this.hadValue ? explanationOf("stale", this.waitingInputs()) : undefined;
    const changes = this.history.changes();
    if (changes === undefined) return undefined;
    return explanationOf(this.wait === undefined ? "ran" : "stale", changes);
  }

  /** Puts the node where it belongs in the graph; does nothing if it stands there already. */
  place(placement: Placement): void {
    const wanted: Placement = this.disabled
      ? { kind: "fault", fault: disabledFault, defines: placement.defines }
      : placement;
    if (this.isDefined && isSamePlacement(wanted, this.placement)) return;
    this.placement = wanted;
    this.define();
  }

  /** Runs new code in the place where the old one stood. */
  replace(): void {
    if (!this.isDefined) this.define();
  }

  /** Gives up names that another node is about to define. */
  release(defines: readonly string[]): void {
    for (const [name, variable] of this.outputs)
      if (!defines.includes(name)) {
        variable.delete();
        variable.dispose();
        this.outputs.delete(name);
      }
  }

  /**
   * Takes new source in; {@link place} or {@link replace} must follow. Code that is equal but for
   * comments and formatting does not run again.
   *
   * @returns whether the node may now stand elsewhere in the graph
   */
  recompile(cell: Cell, compiled: GraphCell): boolean {
    const before = this.compiled;
    const isSame = !isFaulty(before) && !isFaulty(compiled) && isSameCode(before, compiled);
    this.cell = cell;
    this.compiled = compiled;
    if (isSame) return false;
    this.isDefined = false;
    this.forget();
    return isFaulty(before) || isFaulty(compiled) || shapeOf(before) !== shapeOf(compiled);
  }

  /** Runs the body again, equal inputs or not. */
  rerun(): void {
    this.forget();
    this.define();
  }

  /** Stops the run at hand. */
  cancel(): void {
    if (this.state === "running" || this.waitsFor !== undefined) this.run?.cancel();
  }

  /** Takes the node out of the graph. */
  remove(): void {
    this.forget();
    this.release([]);
    this.body?.delete();
    this.body?.dispose();
    this.body = undefined;
  }

  private forget(): void {
    this.run?.dispose();
    this.run = undefined;
  }

  private define(): void {
    const { placement } = this;
    if (placement === undefined) return;
    this.isDefined = true;
    this.body ??= this.context.module.variable({
      pending: () => this.pend(),
      fulfilled: () => this.settle("fresh"),
      rejected: (error) => this.reject(error),
    });
    const bodyName = `cell ${this.cell.id}`;
    this.set("queued");
    if (placement.kind === "fault") {
      this.forget();
      const { fault } = placement;
      this.body.define(bodyName, [], () => {
        this.reached = true;
        throw new CellFault(fault);
      });
    } else {
      const inputs = placement.inputs;
      this.body.define(
        bodyName,
        ["invalidation", ...inputs],
        (invalidation: Promise<void>, ...values: unknown[]) =>
          this.invoke(inputs, values, invalidation),
      );
    }
    this.release(placement.defines);
    for (const name of placement.defines)
      if (!this.outputs.has(name))
        this.outputs.set(
          name,
          this.context.module
            .variable(true)
            .define(name, [bodyName], (exports: Readonly<Record<string, unknown>>) =>
              this.run === undefined ? exports[name] : this.run.unwrapped(exports[name]),
            ),
        );
  }

  /**
   * Gives the exports of the run at hand if it fits the inputs, running or done; else of a new one.
   * Settles at once when the inputs change again: nobody waits for a run that is not wanted.
   */
  private invoke(
    names: readonly string[],
    values: readonly unknown[],
    superseded: Promise<void>,
  ): unknown {
    this.reached = true;
    if (this.run?.fits(names, values) !== true) this.start(names, values);
    else if (this.base === "queued") this.set("running");
    const exports = this.run?.exports;
    return exports instanceof Promise ? Promise.race([exports, superseded]) : exports;
  }

  private start(names: readonly string[], values: readonly unknown[]): void {
    const previous = this.run?.value;
    this.forget();
    const { observer, runSql } = this.context.options;
    const { id } = this.cell;
    const clock = new WorkClock();
    this.runs++;
    this.error = undefined;
    const isCurrent = (): boolean => this.run === run;
    const record = this.recorded(names, values);
    const run: CellRun = new CellRun(
      this.compiled as CompiledCell,
      previous,
      record,
      values,
      (statement, signal) => {
        if (runSql === undefined) throw new CellFault(noSqlFault);
        return runSql({
          ...(statement as SqlStatement),
          tables: this.tables(names, values),
          ...this.sqlName(),
          cell: id,
          signal,
        });
      },
      {
        changed: () => {
          if (!isCurrent()) return;
          this.duration = clock.read(run.activity().state === "waiting");
          this.set(this.base);
        },
        failed: (error) => {
          if (!isCurrent()) return;
          this.failure = { run, error };
          this.fail(error);
        },
        clear: () => observer?.clear?.(id),
        display: (slot, value) => observer?.display?.(id, slot, value),
        running: (isRunning) => observer?.running?.(isRunning ? id : null),
      },
    );
    this.run = run;
    this.history.begin(record);
    this.set("running");
    run.begin();
    const done = (): void => {
      if (isCurrent()) this.duration = clock.read(run.activity().state === "waiting");
    };
    if (run.exports instanceof Promise) run.exports.then(done, done);
    else done();
  }

  private recorded(names: readonly string[], values: readonly unknown[]): FingerprintRecord {
    const { builtins = {}, builtinsVersion = "0" } = this.context.options;
    const giver = (name: string) => this.context.definer(name)?.history.last;
    const inputs = recordInputs(names, values, giver, builtins);
    return new FingerprintRecord(this.compiled as CompiledCell, inputs, builtinsVersion);
  }

  /** What a cell reads of cells that wait for a person, or for one that does. */
  private waitingInputs(): readonly FingerprintChange[] {
    const inputs = this.history.last?.inputs ?? [];
    return inputs
      .filter(({ name }) => this.context.definer(name)?.wait !== undefined)
      .map((input) => ({ ...inputSource(input), how: "changed" }));
  }

  private tables(
    names: readonly string[],
    values: readonly unknown[],
  ): Readonly<Record<string, unknown>> {
    if (this.placement?.kind !== "runs") return {};
    return Object.fromEntries(
      Object.entries(this.placement.tables).map(([written, name]) => [
        written,
        values[names.indexOf(name)],
      ]),
    );
  }

  private sqlName(): { readonly name?: string } {
    const [name] = this.placement?.defines ?? [];
    return name === undefined ? {} : { name };
  }

  /** Its inputs know by themselves why they wait, so one step up is enough. */
  private findWait(): string | undefined {
    if (this.base === "fresh") return this.activity().waitsFor;
    if (this.base !== "queued") return undefined;
    for (const name of this.inputs) {
      const reason = this.context.definer(name)?.wait;
      if (reason !== undefined) return `\`${name}\` waits: ${reason}`;
    }
    return undefined;
  }

  private activity(): Activity {
    return this.run?.activity() ?? noActivity;
  }

  private pend(): void {
    this.reached = false;
    this.set("queued");
  }

  private settle(state: "fresh"): void {
    // what the body began may have failed before the body itself was heard to be done
    if (this.failure !== undefined && this.failure.run === this.run)
      return this.fail(this.failure.error);
    this.error = undefined;
    this.set(state);
  }

  private reject(error: unknown): void {
    if (this.reached) return this.fail(error);
    this.forget();
    this.error = this.blocked(error);
    this.set("blocked");
  }

  private fail(error: unknown): void {
    const compiled = this.compiled;
    const place = "fault" in compiled ? {} : compiled.locate(error);
    this.error = faultOf(error, place);
    // what an earlier run displayed is no result of this one
    if (this.run?.hasDisplayed !== true) this.context.options.observer?.clear?.(this.cell.id);
    this.set(this.disabled || isNotRun(this.error) ? "idle" : "error");
  }

  /** Which of the inputs is to blame: the first whose cell has no value to give. */
  private blocked(error: unknown): CellError {
    for (const name of this.inputs) {
      const upstream = this.context.definer(name);
      if (upstream === undefined || upstream === this) continue;
      if (upstream.error !== undefined || upstream.disabled)
        return blockedFault(name, {
          id: upstream.cell.id,
          error: upstream.error,
          disabled: upstream.disabled,
        });
    }
    return faultOf(error, {});
  }

  /** Looks again at what it reads: something there began or ceased to wait. */
  refresh(): void {
    this.set(this.base);
  }

  private set(base: Exclude<CellState, "stale">): void {
    this.base = base;
    this.wait = this.findWait();
    if (this.state === "fresh") {
      this.hadValue = true;
      if (this.run !== undefined) this.history.finish();
    }
    this.context.changed(this);
  }
}

const noActivity: Activity = { state: "none" };
