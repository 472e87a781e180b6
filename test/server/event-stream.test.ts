import { expect, test } from "vitest";
import { eventStream, type StreamMessage } from "../../server/event-stream.ts";
import { merge } from "../../server/merge.ts";
import { detachable } from "../../server/detachable.ts";
import { eventually } from "./fixtures.ts";
import { collect, startTestServer } from "./test-server.ts";

const never = new AbortController().signal;

async function* messages(): AsyncGenerator<StreamMessage> {
  yield { id: 1, data: { text: "a\nb" } };
  yield { event: "end", data: null };
}

/** Waits for its signal, and says in `heard` that it came. */
async function* silence(signal: AbortSignal, heard: string[]): AsyncGenerator<StreamMessage> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  heard.push("aborted");
  yield* [];
}

test("messages are printed one line a field, and a newline in the data breaks none", async () => {
  const text = await eventStream(messages, never).text();
  expect(text).toBe(': hello\n\nid: 1\ndata: {"text":"a\\nb"}\n\nevent: end\ndata: null\n\n');
});

test("where nothing comes a comment does, and the message that is waited for is not lost", async () => {
  const late = async function* (): AsyncGenerator<StreamMessage> {
    await new Promise((resolve) => setTimeout(resolve, 60));
    yield { data: "late" };
  };
  const text = await eventStream(late, never, 10).text();
  expect(text.match(/^:$/gm)?.length).toBeGreaterThanOrEqual(2);
  expect(text.endsWith('data: "late"\n\n')).toBe(true);
});

test("a stream ends for its generator when the reader leaves, and when the server closes", async () => {
  const heard: string[] = [];
  const left = eventStream((signal) => silence(signal, heard), never);
  const reader = left.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await eventually(() => heard.length === 1 || undefined);
  const closing = new AbortController();
  const text = eventStream((signal) => silence(signal, heard), closing.signal).text();
  closing.abort();
  expect(await text).toBe(": hello\n\n");
  expect(heard).toEqual(["aborted", "aborted"]);
});

test("over the network, a reader that leaves leaves no watcher behind", async () => {
  const server = await startTestServer();
  const watchers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap").length;
  const before = watchers();
  const leave = new AbortController();
  const readers = await Promise.all(
    [1, 2, 3].map(() => server.api("/api/events", { signal: leave.signal })),
  );
  expect(readers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await eventually(() => watchers() === before + 3 || undefined);
  leave.abort();
  await eventually(() => watchers() === before || undefined);
  await server.dispose();
});

test("merged generators give all their items, each in its order, and the first failure", async () => {
  const count = async function* (name: string, to: number): AsyncGenerator<string> {
    for (let n = 0; n < to; n++) yield `${name}${n}`;
  };
  const merged = await collect(merge([count("a", 3), count("b", 5), count("c", 0)]));
  expect(merged.filter((item) => item.startsWith("a"))).toEqual(["a0", "a1", "a2"]);
  expect(merged.filter((item) => item.startsWith("b"))).toEqual(["b0", "b1", "b2", "b3", "b4"]);
  const fails = async function* (): AsyncGenerator<string> {
    yield* [];
    throw new Error("broken");
  };
  await expect(collect(merge([count("a", 1), fails()]))).rejects.toThrow("broken");
});

test("a detachable iterable can be left while its next item is awaited", async () => {
  const heard: string[] = [];
  const iterator = detachable((signal) => silence(signal, heard))[Symbol.asyncIterator]();
  const next = iterator.next();
  await iterator.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(heard).toEqual(["aborted"]);
});
