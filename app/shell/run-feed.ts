import * as v from "valibot";
import type { LostResult } from "../../cells/host.ts";
import type { RunEvent, RunResult } from "../../engines/run.ts";
import { ApiError } from "./api.ts";
import { ledgerNewsSchema, runNewsSchema } from "./api-schema.ts";
import { readEventStream, type StreamEvent } from "./event-stream.ts";

/** Who hears of a run. */
export interface RunListener {
  event(event: RunEvent): void;
  result(result: RunResult | LostResult): void;
}

/** How long the feed waits, in milliseconds. */
export interface FeedTimes {
  /** before the first attempt after a break; doubled at each failure */
  readonly retry: number;
  readonly mostRetry: number;
  /** without any sign of life, the server's comments included */
  readonly silence: number;
}

/** The server sends a comment every 15 s. */
const usualTimes: FeedTimes = { retry: 250, mostRetry: 10_000, silence: 40_000 };

/**
 * One stream of events for the whole page: of all runs that it follows, and of the ledger. Goes on
 * by itself after a break, each run from the event after the last that was heard.
 */
export class RunFeed {
  private readonly runs = new Map<string, { after: number; readonly listener: RunListener }>();
  private readonly ledgerListeners = new Set<(head: number) => void>();
  /** the number of the ledger's last entry, once the server has said it */
  private ledgerHead: number | undefined;
  private connection: AbortController | undefined;
  private isClosed = false;

  constructor(
    private readonly open: (
      runs: ReadonlyMap<string, number>,
      signal: AbortSignal,
    ) => Promise<ReadableStream<Uint8Array>>,
    /** whether the server has a run; one that is gone would keep the stream from opening */
    private readonly knows: (key: string) => Promise<boolean>,
    private readonly times: FeedTimes = usualTimes,
  ) {}

  /** Hears a run from the event after `after` until its result; the answer stops it. */
  follow(key: string, after: number, listener: RunListener): () => void {
    const following = { after, listener };
    this.runs.set(key, following);
    this.reconnect();
    return () => {
      if (this.runs.get(key) === following) this.runs.delete(key);
    };
  }

  /** Hears how long the ledger is, at once and when it has grown; the answer stops it. */
  onLedger(listener: (head: number) => void): () => void {
    this.ledgerListeners.add(listener);
    const { ledgerHead } = this;
    if (ledgerHead !== undefined) queueMicrotask(() => listener(ledgerHead));
    if (this.connection === undefined) this.reconnect();
    return () => this.ledgerListeners.delete(listener);
  }

  /** Ends the stream for good. */
  close(): void {
    this.isClosed = true;
    this.connection?.abort();
  }

  private reconnect(): void {
    this.connection?.abort();
    if (this.isClosed) return;
    const connection = new AbortController();
    this.connection = connection;
    // Several runs that are followed in one go share one request.
    queueMicrotask(() => void this.keepOpen(connection.signal));
  }

  private async keepOpen(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.listen(signal, () => (failures = 0));
      } catch (error) {
        failures += 1;
        if (error instanceof ApiError && error.status === 404) await this.dropUnknown();
      }
      const wait = Math.min(
        this.times.mostRetry,
        this.times.retry * 2 ** Math.max(0, failures - 1),
      );
      await pause(wait * (0.75 + Math.random() / 2), signal);
    }
  }

  private async listen(signal: AbortSignal, opened: () => unknown): Promise<void> {
    const attempt = new AbortController();
    const stop = (): void => attempt.abort();
    signal.addEventListener("abort", stop);
    let silence = setTimeout(stop, this.times.silence);
    try {
      if (signal.aborted) return;
      const positions = new Map([...this.runs].map(([key, { after }]) => [key, after]));
      const stream = await this.open(positions, attempt.signal);
      opened();
      for await (const event of readEventStream(stream)) {
        clearTimeout(silence);
        silence = setTimeout(stop, this.times.silence);
        if (signal.aborted) return;
        this.hear(event);
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
    }
  }

  private hear(event: StreamEvent): void {
    if (event.event === "ledger") return this.tellLedger(parseJson(event.data));
    if (event.event === "comment") return;
    const news = v.safeParse(runNewsSchema, parseJson(event.data));
    if (!news.success) return;
    const following = this.runs.get(news.output.run);
    if (following === undefined) return;
    if ("event" in news.output) {
      if (news.output.event.seq <= following.after) return;
      following.after = news.output.event.seq;
      following.listener.event(news.output.event);
    } else {
      this.runs.delete(news.output.run);
      following.listener.result(news.output.result);
    }
  }

  private async dropUnknown(): Promise<void> {
    for (const [key, following] of this.runs) {
      if (await this.knows(key).catch(() => true)) continue;
      this.runs.delete(key);
      const reason = "The server no longer has this run";
      following.listener.result({ key, state: "lost", reason });
    }
  }

  private tellLedger(data: unknown): void {
    const news = v.safeParse(ledgerNewsSchema, data);
    if (!news.success) return;
    this.ledgerHead = news.output.head.seq;
    for (const listener of this.ledgerListeners) listener(this.ledgerHead);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
