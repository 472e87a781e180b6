import { cancelledFault, CellFault, notAnInputFault } from "./cell-fault.ts";
import { exportsOf, type Exports } from "./cell-exports.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import { filesOf } from "./fingerprint-files.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";
import { isPromise } from "./is-promise.ts";
import { isLive } from "./live.ts";
import { RunActivities, type Activity } from "./run-activities.ts";
import { argumentsOf } from "./run-arguments.ts";
import { RunDisplays } from "./run-displays.ts";
import { RunEnd } from "./run-end.ts";
import type { RunOwner } from "./run-owner.ts";
import { isGenerator, isInput, Stream } from "./stream.ts";
import { produced } from "./value-token.ts";
import { WorkClock } from "./work-clock.ts";

/** What a run came to that was not run here. */
export interface RunResult {
  readonly exports: Exports;
  readonly displays: readonly unknown[];
  readonly duration: number;
}

const noExports: Exports = {};
const noDisplays: readonly unknown[] = [];
const noActivity: Activity = { state: "none" };

/**
 * One execution of a cell's body on certain inputs. It is kept as long as the inputs stay equal,
 * also while the body is still running, and disposed when they change, when the code changes, or
 * when the cell goes.
 */
export class CellRun {
  /** where the body is */
  phase: "running" | "done" | "failed" = "running";
  /** what the body gave, once it has */
  value: unknown;
  /** what it gives other cells, by name */
  exports: Exports = noExports;
  /** of those, what is not simply there: the newest of each stream counts */
  late: Map<string, Stream> | undefined;
  /** what the body or something that it began failed with */
  failure: { readonly error: unknown } | undefined;
  isCancelled = false;
  /** milliseconds of work, without waiting for a person */
  duration: number | undefined;
  private readonly began = performance.now();
  /** for runs that go on after their body, and may wait for a person */
  private clock: WorkClock | undefined;
  private activities: RunActivities | undefined;
  private displays: RunDisplays | undefined;
  private ending: RunEnd | undefined;
  private isDisposed = false;
  /** set when the run is disposed: what it let go of may come to an end without it */
  private wasComplete: boolean | undefined;
  /** whether there is more to the run than its result, so that it cannot come back */
  private isMore = false;

  constructor(
    readonly compiled: CompiledCell,
    /** what the run is made of, and what it reads while it goes on */
    readonly record: FingerprintRecord,
    private readonly owner: RunOwner,
  ) {}

  /** A run that is over, and of which nothing but its result is known. */
  static restored(
    compiled: CompiledCell,
    record: FingerprintRecord,
    owner: RunOwner,
    { exports, displays, duration }: RunResult,
  ): CellRun {
    const run = new CellRun(compiled, record, owner);
    run.phase = "done";
    run.exports = exports;
    run.displays = RunDisplays.closed(owner, displays);
    run.duration = duration;
    run.isDisposed = true;
    run.wasComplete = true;
    return run;
  }

  /** What was displayed last in each slot. */
  get shown(): readonly unknown[] {
    return this.displays?.shown ?? noDisplays;
  }

  /** Whether the cell has another run now, or none. */
  get isReplaced(): boolean {
    return this.isDisposed;
  }

  /** What goes on now besides the body. */
  get activity(): Activity {
    return this.activities?.activity ?? noActivity;
  }

  /**
   * Whether what the run came to can be shown and given again later: it is over, nothing of it goes
   * on or ended with it, and there is something to give.
   */
  get isComplete(): boolean {
    if (this.wasComplete !== undefined) return this.wasComplete;
    if (this.phase !== "done" || this.failure !== undefined || this.isMore) return false;
    if (this.activities !== undefined)
      if (!this.activities.isPure || this.activities.activity.state !== "none") return false;
    return this.shown.length > 0 || this.compiled.outputs.length > 0;
  }

  /** What each name stands for once the run is over. */
  finalExports(): Exports {
    if (this.late === undefined) return this.exports;
    const { late } = this;
    const entries = Object.entries(this.exports);
    return Object.fromEntries(
      entries.map(([name, value]) => [name, late.has(name) ? late.get(name)?.latest : value]),
    );
  }

  /**
   * Starts the body.
   *
   * @param inputs those of the record, in its order, with their values
   * @param previous what the run before gave, while the code was the same; the body's `this`
   */
  begin(inputs: readonly { readonly value: unknown }[], previous: unknown): void {
    const { compiled } = this;
    try {
      const own = (name: string): unknown => this.ownArgument(name);
      const args = argumentsOf(compiled.inputs, this.record, inputs, own);
      const started = this.guarded(() => Reflect.apply(compiled.run, previous, args));
      if (compiled.references !== undefined)
        this.ask(
          started,
          inputs.map(({ value }) => value),
        );
      else if (isPromise(started)) this.wait(started);
      else this.finish(started);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Shows again what the run showed. */
  showAgain(): void {
    if (this.displays === undefined) this.owner.clear();
    else this.displays.showAgain();
  }

  /** Ends the run with an error that says so: the person's wish. */
  cancel(): void {
    this.isCancelled = true;
    this.failure = { error: new CellFault(cancelledFault) };
    if (this.phase === "running") this.phase = "failed";
    this.owner.changed(this);
    this.dispose();
  }

  /** Ends the run: its signal fires, `invalidation` resolves, and it is never heard of again. */
  dispose(): void {
    if (this.isDisposed) return;
    this.wasComplete = this.isComplete;
    this.isDisposed = true;
    this.ending?.tell();
    this.displays?.close();
    this.activities?.close();
  }

  /**
   * The stream of an input's values.
   *
   * @throws {CellFault} `not-an-input`
   */
  input(value: unknown): Stream {
    if (!isInput(value)) throw new CellFault(notAnInputFault(value));
    return this.going.ofInput(value);
  }

  ofMutable(stream: Stream): Stream {
    return this.going.ofMutable(stream);
  }

  /** Code of the cell that runs without a pause, and in which a loop without end hangs the page. */
  private guarded<Result>(code: () => Result): Result {
    this.owner.running(true);
    try {
      return code();
    } finally {
      this.owner.running(false);
    }
  }

  /** A SQL cell's body gives the statement, perhaps later; the database gives the value. */
  private ask(statement: unknown, values: readonly unknown[]): void {
    const answer = async (): Promise<unknown> =>
      await this.owner.runSql(await statement, values, this.end.signal);
    this.wait(answer());
  }

  private wait(promise: PromiseLike<unknown>): void {
    promise.then(
      (value) => {
        if (this.isDisposed) return;
        try {
          this.finish(value);
        } catch (error) {
          this.fail(error);
        }
        this.owner.changed(this);
      },
      (error: unknown) => {
        if (this.isDisposed) return;
        this.fail(error);
        this.owner.changed(this);
      },
    );
  }

  private fail(error: unknown): void {
    this.phase = "failed";
    this.failure = { error };
    this.duration = this.worked();
  }

  private finish(value: unknown): void {
    const { compiled } = this;
    this.value = value;
    this.exports = exportsOf(compiled, value, this);
    for (const name in this.exports) this.note(name, this.exports[name]);
    if (compiled.references !== undefined)
      for (const [path, digest] of Object.entries(filesOf(value)))
        this.record.addFile(path, digest);
    if (compiled.autodisplay) this.show(value);
    else if (compiled.kind === "view") this.display(value);
    if (this.shown.length === 0 && !this.isDisposed) this.owner.clear();
    this.phase = "done";
    this.duration = this.worked();
  }

  /** What the cells that read a name get: of a stream, a stage or a promise what it gives. */
  private note(name: string, value: unknown): void {
    if (typeof value !== "object" && typeof value !== "function") return;
    if (value === null) return;
    produced(value);
    if (isPromise(value)) return this.follow(name, this.going.ofPromise(value));
    if (!(value instanceof Stream) && !isLive(value) && !isGenerator(value)) return;
    const stream = this.going.of(value);
    if (stream === undefined) return;
    this.record.addChanging(name, this.going.isOfInput(stream) ? "input" : "stream");
    this.follow(name, stream);
  }

  private follow(name: string, stream: Stream): void {
    (this.late ??= new Map()).set(name, stream);
  }

  /** What the runtime itself gives a body, by name. */
  private ownArgument(name: string): unknown {
    switch (name) {
      case "display":
        return (value: unknown) => this.display(value);
      case "view":
        return (value: unknown) => this.view(value);
      case "invalidation":
        this.isMore = true;
        return this.end.over;
      case "signal":
        this.isMore = true;
        return this.end.signal;
      case "visibility":
        return async (value: unknown) => {
          await this.owner.inSight();
          return value;
        };
      default:
        return undefined;
    }
  }

  /** Shows a value in a slot of its own and gives it back. */
  private display<Value>(value: Value): Value {
    if (this.isDisposed) return value;
    if (this.phase !== "running") this.goOn();
    const slot = this.screen.newSlot();
    if (isLive(value)) this.going.ofLive(value, slot);
    else this.screen.put(slot, value);
    return value;
  }

  /** Shows an input or a stage and gives the stream of its values. */
  private view(value: unknown): unknown {
    if (!isLive(value)) return this.input(this.display(value));
    if (this.isDisposed) return value;
    return this.going.ofLive(value, this.screen.newSlot());
  }

  /** Shows the result: of a stream each value as it comes. */
  private show(value: unknown): void {
    if (value instanceof Stream) this.screen.follow(value);
    else if (isGenerator(value) && !isLive(value))
      this.screen.follow(this.going.ofGenerator(value));
    else this.display(value);
  }

  private goOn(): void {
    this.isMore = true;
    this.owner.wentOn(this);
  }

  private worked(): number {
    if (this.activities === undefined) return performance.now() - this.began;
    this.clock ??= new WorkClock(this.began);
    return this.clock.read(this.activity.state === "waiting");
  }

  /** Made only for those who need it: most bodies give values that are simply there. */
  private get going(): RunActivities {
    return (this.activities ??= new RunActivities({
      changed: () => {
        if (this.isDisposed) return;
        if (this.phase === "done") this.duration = this.worked();
        this.owner.changed(this);
      },
      failed: (error) => {
        if (this.isDisposed) return;
        this.failure = { error };
        this.owner.changed(this);
      },
      step: (next) => (this.isDisposed ? next() : this.guarded(next)),
      card: (slot, card) => this.screen.put(slot, card),
    }));
  }

  private get screen(): RunDisplays {
    return (this.displays ??= new RunDisplays(this.owner));
  }

  private get end(): RunEnd {
    return (this.ending ??= new RunEnd(this.isDisposed));
  }
}
