import type { CompiledCell } from "./compiled-cell.ts";
import { cancelledFault, CellFault, notAnInputFault } from "./cell-fault.ts";
import { exportsOf, type Exports } from "./cell-exports.ts";
import { filesOf, readerFor } from "./fingerprint-files.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";
import { isPromise } from "./is-promise.ts";
import { isLive, type Live } from "./live.ts";
import {
  isGenerator,
  isInput,
  Stream,
  streamFromGenerator,
  streamFromInput,
  streamFromLive,
} from "./stream.ts";
import { produced, valueToken } from "./value-token.ts";

/** What a run tells the cell that it belongs to. Nothing is told after the run was disposed. */
export interface RunListener {
  /** what goes on in the run changed: see {@link CellRun.activity} */
  changed(): void;
  /** something failed after the body had given its result */
  failed(error: unknown): void;
  clear(): void;
  display(slot: number, value: unknown): void;
  running(isRunning: boolean): void;
}

/** What still goes on in a run whose body has given its result. */
export interface Activity {
  readonly state: "none" | "running" | "waiting";
  readonly waitsFor?: string;
}

const noExports: Exports = {};
const noActivity: Activity = { state: "none" };

/**
 * One execution of a cell's body on certain inputs. It is kept as long as the inputs stay equal,
 * also while the body is still running, and disposed when they change, when the code changes, or
 * when the cell goes.
 */
export class CellRun {
  /** what the body gave, once it has */
  value: unknown;
  /**
   * What the body came to: its exports by name at once where it did not wait for anything, else a
   * promise that settles as the body does. Most bodies never wait, and a promise each is what a wave
   * through a thousand cells would spend its time on.
   */
  exports: Exports | Promise<Exports> = noExports;
  private reject: ((error: unknown) => void) | undefined;
  private controller: AbortController | undefined;
  private streams: Map<object, Stream> | undefined;
  private activities: Map<object, Activity> | undefined;
  private end: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  private disposed = false;
  private slots = 0;
  private cleared = false;

  constructor(
    private readonly compiled: CompiledCell,
    /** what the run before gave, while the code was the same; the body's `this` */
    private readonly previous: unknown,
    /** what the run is made of, and what it reads while it goes on */
    readonly record: FingerprintRecord,
    /** of the record's inputs, in their order */
    private readonly values: readonly unknown[],
    private readonly evaluate: (statement: unknown, signal: AbortSignal) => unknown,
    private readonly listener: RunListener,
  ) {}

  /** Whether the run put anything before the person. */
  get hasDisplayed(): boolean {
    return this.slots > 0;
  }

  /** Starts the body. The listener may be called before this returns. */
  begin(): void {
    try {
      const started = this.start(this.compiled.inputs.map((name) => this.argument(name)));
      if (this.compiled.references === undefined && !isPromise(started))
        this.exports = this.finish(started);
      else this.exports = this.wait(started);
    } catch (error) {
      this.exports = Promise.reject(error);
    }
    if (isPromise(this.exports)) this.exports.catch(() => undefined);
  }

  /** Whether the run would be the same on these inputs. */
  fits(names: readonly string[], values: readonly unknown[]): boolean {
    const { inputs } = this.record;
    return (
      names.length === inputs.length &&
      inputs.every(
        ({ name, token }, i) => name === names[i] && Object.is(valueToken(values[i]), token),
      )
    );
  }

  /** What goes on now besides the body. */
  activity(): Activity {
    let found = noActivity;
    for (const activity of this.activities?.values() ?? []) {
      if (activity.state === "running") return activity;
      if (activity.state === "waiting") found = activity;
    }
    return found;
  }

  /**
   * What an exported value means to the cells that read it: a stream's, a generator's or a live
   * value's values, from the newest on; what a promise gives; any other value itself. A promise is
   * given up when the run is.
   */
  unwrapped(value: unknown): unknown {
    if (value instanceof Stream) return value.attach();
    if (isLive(value) || isGenerator(value)) return this.stream(value).attach();
    return isPromise(value) ? Promise.race([value, this.over]) : value;
  }

  /** Ends the run with an error that says so: the person's wish. */
  cancel(): void {
    const error = new CellFault(cancelledFault);
    this.listener.failed(error);
    this.reject?.(error);
    this.dispose();
  }

  /** Ends the run: its signal fires, `invalidation` resolves, and it is never heard of again. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.controller?.abort(new DOMException("The cell runs anew or is gone", "AbortError"));
    this.end?.resolve();
    for (const stream of this.streams?.values() ?? []) stream.close();
    for (const source of this.activities?.keys() ?? [])
      if (source instanceof Stream) source.close();
  }

  /** Resolves when the run is disposed; made only for those who ask. */
  private get over(): Promise<void> {
    if (this.end === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((yes) => (resolve = yes));
      this.end = { promise, resolve };
      if (this.disposed) resolve();
    }
    return this.end.promise;
  }

  /** For a body that waits: it can be cancelled meanwhile. */
  private wait(started: unknown): Promise<Exports> {
    return new Promise((resolve, reject) => {
      this.reject = reject;
      const evaluated = async (): Promise<Exports> => {
        const statement = await started;
        const isSql = this.compiled.references !== undefined;
        return this.finish(isSql ? await this.evaluate(statement, this.signal) : statement);
      };
      evaluated().then(resolve, reject);
    });
  }

  private finish(value: unknown): Exports {
    this.value = value;
    const exports = exportsOf(this.compiled, value, this);
    this.note(exports);
    if (this.disposed) return exports;
    for (const each of Object.values(exports)) if (isPromise(each)) this.trackPromise(each);
    if (this.compiled.autodisplay) this.show(value);
    else if (this.compiled.kind === "view") this.display(value);
    if (this.slots === 0) this.clear();
    return exports;
  }

  private note(exports: Exports): void {
    const { compiled, record } = this;
    for (const name of Object.keys(exports)) {
      const value = exports[name];
      produced(value);
      if (typeof value !== "object") continue;
      if (value instanceof Stream)
        record.addChanging(name, this.isOfInput(value) ? "input" : "stream");
      else if (isLive(value) || isGenerator(value)) record.addChanging(name, "stream");
    }
    if (compiled.references === undefined) return;
    for (const [path, digest] of Object.entries(filesOf(this.value))) record.addFile(path, digest);
  }

  /** Whether a stream is of what a person sets, not of what a generator or a stage gives. */
  private isOfInput(stream: Stream): boolean {
    for (const [source, known] of this.streams ?? [])
      if (known === stream) return !isLive(source) && isInput(source);
    return false;
  }

  /** The synchronous part, in which a loop without end would hang the page. */
  private start(args: readonly unknown[]): unknown {
    this.listener.running(true);
    try {
      return Reflect.apply(this.compiled.run, this.previous, args);
    } finally {
      this.listener.running(false);
    }
  }

  /** Fires when the run is disposed; made only for those who ask, for most bodies never do. */
  private get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.disposed) this.controller.abort();
    return this.controller.signal;
  }

  private argument(name: string): unknown {
    const index = this.record.inputs.findIndex((input) => input.name === name);
    if (index >= 0) {
      const value = this.values[index];
      if (typeof value !== "function") return value;
      return readerFor(value, (path, digest) => this.record.addFile(path, digest));
    }
    switch (name) {
      case "display":
        return (value: unknown) => this.display(value);
      case "view":
        return (value: unknown) => this.view(value);
      case "invalidation":
        return this.over;
      case "signal":
        return this.signal;
      default:
        return undefined;
    }
  }

  /** Shows a value in a slot of its own and gives it back. */
  private display<Value>(value: Value): Value {
    if (this.disposed) return value;
    const slot = this.slots++;
    if (isLive(value)) this.live(value, slot);
    else this.put(slot, value);
    return value;
  }

  /** Shows an input or a stage and gives the stream of its values. */
  private view(value: unknown): unknown {
    if (isLive(value)) {
      if (this.disposed) return value;
      return this.live(value, this.slots++);
    }
    this.display(value);
    return this.input(value);
  }

  /**
   * The stream of an input's values.
   *
   * @throws {CellFault} `not-an-input`
   */
  input(value: unknown): Stream {
    if (!isInput(value)) throw new CellFault(notAnInputFault(value));
    let stream = this.streams?.get(value);
    if (stream === undefined)
      (this.streams ??= new Map()).set(value, (stream = streamFromInput(value)));
    return stream;
  }

  /** Shows the result: of a stream each value as it comes. */
  private show(value: unknown): void {
    const stream =
      value instanceof Stream ? value : isGenerator(value) ? this.stream(value) : undefined;
    if (stream === undefined) return void this.display(value);
    const slot = this.slots++;
    void (async () => {
      try {
        for await (const each of stream.attach()) this.put(slot, each);
      } catch {
        // its failure is told by the stream's activity
      }
    })();
  }

  private put(slot: number, value: unknown): void {
    if (this.disposed) return;
    this.clear();
    this.listener.display(slot, value);
  }

  private clear(): void {
    if (this.cleared || this.disposed) return;
    this.cleared = true;
    this.listener.clear();
  }

  private stream(value: Live<unknown> | Iterator<unknown> | AsyncIterator<unknown>): Stream {
    const known = this.streams?.get(value);
    if (known !== undefined) return known;
    if (isLive(value)) return this.live(value);
    const stream = streamFromGenerator(value);
    (this.streams ??= new Map()).set(value, stream);
    this.track(stream);
    return stream;
  }

  private live(value: Live<unknown>, slot?: number): Stream {
    const known = this.streams?.get(value);
    if (known !== undefined) return known;
    const stream: Stream = streamFromLive(value, {
      state: ({ card, waitsFor }) => {
        if (slot !== undefined) this.put(slot, card);
        this.act(
          stream,
          waitsFor === undefined ? { state: "running" } : { state: "waiting", waitsFor },
        );
      },
      end: (error) => {
        // the failure first: without it the cell would be fresh for a moment
        if (error !== undefined && !this.disposed) this.listener.failed(error);
        this.act(stream, { state: "none" });
      },
    });
    (this.streams ??= new Map()).set(value, stream);
    this.act(stream, { state: "running" });
    return stream;
  }

  /** A generator's cell runs until its first value; then it is fresh, though more may come. */
  track(stream: Stream): void {
    this.act(stream, { state: "running" });
    void (async () => {
      const values = stream.attach();
      try {
        while ((await values.next()).done !== true) this.act(stream, { state: "none" });
      } catch (error) {
        if (!this.disposed) this.listener.failed(error);
      }
      this.act(stream, { state: "none" });
    })();
  }

  private trackPromise(promise: PromiseLike<unknown>): void {
    this.act(promise, { state: "running" });
    const end = (error?: unknown): void => {
      if (error !== undefined && !this.disposed) this.listener.failed(error);
      this.act(promise, { state: "none" });
    };
    promise.then(
      () => end(),
      (error: unknown) => end(error ?? new Error("The promise was rejected without a reason")),
    );
  }

  private act(source: object, activity: Activity): void {
    const before = this.activities?.get(source);
    (this.activities ??= new Map()).set(source, activity);
    if (this.disposed) {
      if (source instanceof Stream) source.close();
    } else if (before?.state !== activity.state || before.waitsFor !== activity.waitsFor)
      this.listener.changed();
  }
}
