import { isLive, type Live } from "./live.ts";
import {
  isGenerator,
  isInput,
  streamFromGenerator,
  streamFromInput,
  streamFromLive,
  streamFromPromise,
  Stream,
} from "./stream.ts";

/** What still goes on in a run whose body has given its result. */
export interface Activity {
  readonly state: "none" | "running" | "waiting";
  readonly waitsFor?: string;
}

const noActivity: Activity = { state: "none" };

/** What activities tell the run that they belong to. */
export interface ActivityListener {
  /** what goes on changed, or a stream has another value */
  changed(): void;
  failed(error: unknown): void;
  /** does a step of a generator, which may loop without end */
  step<Result>(next: () => Result): Result;
  /** a live value has another card for the slot in which it is displayed */
  card(slot: number, card: unknown): void;
}

/**
 * All that a run's values do after its body: streams of inputs, generators, stages and promises,
 * one for each source however often it is asked for.
 */
export class RunActivities {
  private readonly streams = new Map<object, Stream>();
  private readonly states = new Map<Stream, Activity>();
  private readonly stages: Live<unknown>[] = [];
  private isClosed = false;
  /** whether something goes on that is no stage and no promise */
  private isEndless = false;

  constructor(private readonly listener: ActivityListener) {}

  /** What goes on now: something that runs, else something that waits for a person. */
  get activity(): Activity {
    let found = noActivity;
    for (const activity of this.states.values()) {
      if (activity.state === "running") return activity;
      if (activity.state === "waiting") found = activity;
    }
    return found;
  }

  /** Whether all that went on may be had again by giving what it came to. */
  get isPure(): boolean {
    return !this.isEndless && this.stages.every(({ isPure }) => isPure === true);
  }

  /** The stream of an input element's values. */
  ofInput(element: Parameters<typeof streamFromInput>[0]): Stream {
    return this.known(element, () => {
      this.isEndless = true;
      return this.heard(streamFromInput(element));
    });
  }

  /** The stream of what a generator gives. Its cell runs until the first value. */
  ofGenerator(generator: Iterator<unknown> | AsyncIterator<unknown>): Stream {
    return this.known(generator, () => {
      this.isEndless = true;
      return this.untilFirst(streamFromGenerator(generator, (next) => this.listener.step(next)));
    });
  }

  /** A stream that a person's code pushes to, as `mutable` does. */
  ofMutable(stream: Stream): Stream {
    this.isEndless = true;
    this.streams.set(stream, stream);
    return this.untilFirst(stream);
  }

  /** What a promise gives. Its cell runs until then. */
  ofPromise(promise: PromiseLike<unknown>): Stream {
    return this.known(promise, () => this.untilFirst(streamFromPromise(promise)));
  }

  /** The values of a stage, which starts; its cell runs until it ends or waits for a person. */
  ofLive(live: Live<unknown>, slot?: number): Stream {
    return this.known(live, () => {
      this.stages.push(live);
      const stream: Stream = streamFromLive(live, {
        state: ({ card, waitsFor }) => {
          if (slot !== undefined) this.listener.card(slot, card);
          this.act(stream, waitsFor === undefined ? running : { state: "waiting", waitsFor });
        },
        end: (error) => {
          // the failure first: without it the cell would be fresh for a moment
          if (error !== undefined) this.listener.failed(error);
          this.act(stream, noActivity);
        },
      });
      this.act(stream, running);
      return this.heard(stream);
    });
  }

  /** The stream that stands for a value which is not simply there, if it is such a value. */
  of(value: object): Stream | undefined {
    if (value instanceof Stream) return value;
    if (isLive(value)) return this.ofLive(value);
    if (isGenerator(value)) return this.ofGenerator(value);
    return undefined;
  }

  /** Whether a stream is of what a person sets, not of what a generator or a stage gives. */
  isOfInput(stream: Stream): boolean {
    for (const [source, known] of this.streams)
      if (known === stream) return !isLive(source) && isInput(source);
    return false;
  }

  /** Lets go of all sources; what they gave stays. */
  close(): void {
    this.isClosed = true;
    for (const stream of this.streams.values()) stream.close();
  }

  private known(source: object, make: () => Stream): Stream {
    let stream = this.streams.get(source);
    if (stream === undefined) {
      this.streams.set(source, (stream = make()));
      if (this.isClosed) stream.close();
    }
    return stream;
  }

  private heard(stream: Stream): Stream {
    stream.listen(() => this.tell());
    return stream;
  }

  private untilFirst(stream: Stream): Stream {
    const isThere = (): boolean => stream.version > 0 || stream.isOver;
    if (!isThere()) this.act(stream, running);
    stream.listen(() => {
      const { failure } = stream;
      if (failure !== undefined && !this.isClosed) this.listener.failed(failure.error);
      if (isThere()) this.act(stream, noActivity);
      this.tell();
    });
    return stream;
  }

  private act(stream: Stream, activity: Activity): void {
    const before = this.states.get(stream);
    this.states.set(stream, activity);
    if (before?.state !== activity.state || before.waitsFor !== activity.waitsFor) this.tell();
  }

  private tell(): void {
    if (!this.isClosed) this.listener.changed();
  }
}

const running: Activity = { state: "running" };
