import type { Live } from "./live.ts";
import { produced, valueToken, type ValueToken } from "./value-token.ts";

/**
 * Values that come one after another, shared: the source is driven once, and whoever listens sees
 * the newest. A value equal to the one before is not passed on.
 */
export class Stream {
  /** how many values there were; 0 as long as there is none */
  version = 0;
  /** the newest value */
  latest: unknown;
  private token: ValueToken;
  private end: { readonly error?: unknown } | undefined;
  private listeners: (() => void)[] = [];
  private readonly onClose: (() => void)[] = [];

  /** Whether it is over, well or badly. */
  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** What it failed with, if it did. */
  get failure(): { readonly error: unknown } | undefined {
    return this.end !== undefined && "error" in this.end ? { error: this.end.error } : undefined;
  }

  /** Passes a value on, unless it equals the newest. */
  push(value: unknown): void {
    if (this.end !== undefined) return;
    produced(value);
    const token = valueToken(value);
    if (this.version > 0 && Object.is(token, this.token)) return;
    this.latest = value;
    this.token = token;
    this.version++;
    this.tell();
  }

  /** Ends with an error. */
  fail(error: unknown): void {
    this.finish({ error });
  }

  /** Ends; the newest value stays. */
  close(): void {
    this.finish({});
  }

  /** Calls `listener` at each new value and at the end. */
  listen(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Runs `callback` when the stream ends, or now if it has. */
  closed(callback: () => void): void {
    if (this.end !== undefined) callback();
    else this.onClose.push(callback);
  }

  private finish(end: { readonly error?: unknown }): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.tell();
    this.listeners = [];
    for (const callback of this.onClose.splice(0)) callback();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** What a promise gives, as the only value of a stream. */
export function streamFromPromise(promise: PromiseLike<unknown>): Stream {
  const stream = new Stream();
  promise.then(
    (value) => {
      stream.push(value);
      stream.close();
    },
    (error: unknown) =>
      stream.fail(error ?? new Error("The promise was rejected without a reason")),
  );
  return stream;
}

/** Whether a value is an iterator that can be let go: a generator of either kind. */
export function isGenerator(value: unknown): value is Iterator<unknown> | AsyncIterator<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "next" in value &&
    typeof value.next === "function" &&
    "return" in value &&
    typeof value.return === "function"
  );
}

/**
 * Drives a generator into a stream until it ends or the stream is closed. A generator that yields
 * without waiting is paced to one value a frame (1/60 s), so that `while (true) yield` animates and
 * does not burn the machine; it needs no animation frames, so hidden tabs go on.
 *
 * @param step does what it is given, which is the generator's own code
 */
export function streamFromGenerator(
  generator: Iterator<unknown> | AsyncIterator<unknown>,
  step: <Result>(next: () => Result) => Result = (next) => next(),
): Stream {
  const stream = new Stream();
  stream.closed(() => {
    try {
      void Promise.resolve(generator.return?.()).catch(() => undefined);
    } catch {
      // a generator that throws as it is let go has nobody left to tell
    }
  });
  void drive(generator, stream, step);
  return stream;
}

const frame = 1000 / 60;

async function drive(
  generator: Iterator<unknown> | AsyncIterator<unknown>,
  stream: Stream,
  step: <Result>(next: () => Result) => Result,
): Promise<void> {
  let open = true;
  stream.closed(() => (open = false));
  let value: unknown;
  try {
    while (open) {
      const started = performance.now();
      const next = await step(() => generator.next(value as never));
      if (next.done === true) return stream.close();
      value = await next.value;
      stream.push(value);
      const left = frame - (performance.now() - started);
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    }
  } catch (error) {
    stream.fail(error);
  }
}

/** What hears of a live value's states as they come. */
export interface LiveListener {
  state?(state: { readonly card: unknown; readonly waitsFor?: string }): void;
  end?(error?: unknown): void;
}

/** Starts a live value: its values as a stream, its states told to `listener`. */
export function streamFromLive(live: Live<unknown>, listener: LiveListener = {}): Stream {
  const stream = new Stream();
  const iterator = live[Symbol.asyncIterator]();
  stream.closed(() => void Promise.resolve(iterator.return?.()).catch(() => undefined));
  void (async () => {
    try {
      for (;;) {
        const step = await iterator.next();
        if (step.done === true) break;
        listener.state?.(step.value);
        if (step.value.error !== undefined) throw step.value.error;
        if ("value" in step.value) stream.push(step.value.value);
      }
      listener.end?.();
      stream.close();
    } catch (error) {
      listener.end?.(error);
      stream.fail(error);
    }
  })();
  return stream;
}

/** The values of an input element: the first at once, then one at each `input` event. */
export function streamFromInput(element: InputElement): Stream {
  const stream = new Stream();
  const event = inputEvent(element);
  const read = (): void => stream.push(inputValue(element));
  element.addEventListener(event, read);
  stream.closed(() => element.removeEventListener(event, read));
  if (inputValue(element) !== undefined) read();
  return stream;
}

/** Something that has a value and says when it changes; an element, or what behaves like one. */
export interface InputElement {
  readonly value?: unknown;
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** Whether a value can be viewed as an input. */
export function isInput(value: unknown): value is InputElement {
  return (
    typeof value === "object" &&
    value !== null &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
  );
}

function inputEvent(element: object): string {
  const type = "type" in element ? element.type : undefined;
  return type === "button" || type === "submit" || type === "checkbox"
    ? "click"
    : type === "file"
      ? "change"
      : "input";
}

// The same reading of elements as Observable's Generators.input.
function inputValue(element: InputElement): unknown {
  const read = element as InputElement & Record<string, unknown>;
  switch (read["type"]) {
    case "range":
    case "number":
      return read["valueAsNumber"];
    case "date":
      return read["valueAsDate"];
    case "checkbox":
      return read["checked"];
    case "file":
      return read["multiple"] === true
        ? read["files"]
        : (read["files"] as ArrayLike<unknown> | undefined)?.[0];
    case "select-multiple":
      return Array.from(read["selectedOptions"] as ArrayLike<{ value: unknown }>, (o) => o.value);
    default:
      return read.value;
  }
}
