import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import { RunFeed } from "../../app/shell/run-feed.ts";
import type { LostResult } from "../../cells/host.ts";
import type { RunEvent, RunResult } from "../../engines/run.ts";

const key = "a".repeat(64);
const other = "b".repeat(64);
const at = "2026-01-01T00:00:00.000Z";
const times = { retry: 1, mostRetry: 5, silence: 10_000 };

/** A server whose connections a test writes to and breaks. */
class Connections {
  readonly opened: { runs: Record<string, number>; signal: AbortSignal }[] = [];
  private current: ReadableStreamDefaultController<Uint8Array> | undefined;
  refusal: Error | undefined;

  open = async (
    runs: ReadonlyMap<string, number>,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> => {
    this.opened.push({ runs: Object.fromEntries(runs), signal });
    if (this.refusal !== undefined) throw this.refusal;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.current = controller;
        signal.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    });
  };

  say(data: unknown, event = "message"): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    this.current?.enqueue(new TextEncoder().encode(text));
  }

  break(): void {
    this.current?.error(new Error("broken"));
  }
}

function event(seq: number): RunEvent {
  return { seq, at, type: "log", level: "info", text: `event ${seq}` };
}

function listener() {
  const seqs: number[] = [];
  const results: (RunResult | LostResult)[] = [];
  return {
    seqs,
    results,
    event: (heard: RunEvent) => void seqs.push(heard.seq),
    result: (result: RunResult | LostResult) => void results.push(result),
  };
}

let feed: RunFeed | undefined;

afterEach(() => feed?.close());

test("after a break every run goes on from the event after the last that was heard", async () => {
  const server = new Connections();
  feed = new RunFeed(server.open, async () => true, times);
  const heard = listener();
  feed.follow(key, 0, heard);
  await vi.waitFor(() => expect(server.opened).toHaveLength(1));
  server.say({ run: key, event: event(1) });
  server.say({ run: key, event: event(2) });
  await vi.waitFor(() => expect(heard.seqs).toEqual([1, 2]));
  server.break();
  await vi.waitFor(() => expect(server.opened).toHaveLength(2));
  expect(server.opened[1]?.runs).toEqual({ [key]: 2 });
  server.say({ run: key, event: event(2) });
  server.say({ run: key, event: event(3) });
  await vi.waitFor(() => expect(heard.seqs).toEqual([1, 2, 3]));
});

test("runs that are followed in one go share one connection, and a further one takes it over", async () => {
  const server = new Connections();
  feed = new RunFeed(server.open, async () => true, times);
  feed.follow(key, 0, listener());
  feed.follow(other, 5, listener());
  await vi.waitFor(() => expect(server.opened.at(-1)?.runs).toEqual({ [key]: 0, [other]: 5 }));
  expect(server.opened.filter(({ signal }) => !signal.aborted)).toHaveLength(1);
});

test("a run that is over is asked for no more", async () => {
  const server = new Connections();
  feed = new RunFeed(server.open, async () => true, times);
  const heard = listener();
  feed.follow(key, 0, heard);
  await vi.waitFor(() => expect(server.opened).toHaveLength(1));
  const result = { key, state: "lost", reason: "its process is gone" } as const;
  server.say({ run: key, result });
  await vi.waitFor(() => expect(heard.results).toEqual([result]));
  server.break();
  await vi.waitFor(() => expect(server.opened).toHaveLength(2));
  expect(server.opened[1]?.runs).toEqual({});
});

test("a run that the server no longer has is lost, and does not keep the rest from being heard", async () => {
  const server = new Connections();
  server.refusal = new ApiError("there is no run", "run", 404);
  feed = new RunFeed(
    server.open,
    async (asked) => {
      server.refusal = undefined;
      return asked === other;
    },
    times,
  );
  const gone = listener();
  const there = listener();
  feed.follow(key, 0, gone);
  feed.follow(other, 0, there);
  await vi.waitFor(() => expect(gone.results).toMatchObject([{ key, state: "lost" }]));
  await vi.waitFor(() => expect(server.opened.at(-1)?.runs).toEqual({ [other]: 0 }));
});

test("a silent connection is taken for a dead one", async () => {
  const server = new Connections();
  feed = new RunFeed(server.open, async () => true, { ...times, silence: 20 });
  feed.follow(key, 0, listener());
  await vi.waitFor(() => expect(server.opened.length).toBeGreaterThan(1));
});

test("whoever comes late hears at once how long the ledger is", async () => {
  const server = new Connections();
  feed = new RunFeed(server.open, async () => true, times);
  const first: number[] = [];
  const second: number[] = [];
  feed.onLedger((head) => first.push(head));
  await vi.waitFor(() => expect(server.opened).toHaveLength(1));
  server.say({ head: { seq: 4, hash: key } }, "ledger");
  await vi.waitFor(() => expect(first).toEqual([4]));
  feed.onLedger((head) => second.push(head));
  await vi.waitFor(() => expect(second).toEqual([4]));
  server.say({ head: { seq: 5, hash: key } }, "ledger");
  await vi.waitFor(() =>
    expect([first, second]).toEqual([
      [4, 5],
      [4, 5],
    ]),
  );
});
