import * as fc from "fast-check";
import * as v from "valibot";
import { afterEach, expect, test } from "vitest";
import { messagePortEndpoint } from "../../cells/port-endpoint.ts";
import { connectPort, transferring, type ApiSchema, type Port } from "../../cells/port.ts";
import { PortError } from "../../cells/port-message.ts";
import { wire } from "./wire.ts";

interface Arithmetic {
  add(a: number, b: number): Promise<number>;
  count(to: number): AsyncIterable<number>;
  length(bytes: { readonly data: Uint8Array }): Promise<number>;
}

const schema: ApiSchema<Arithmetic> = {
  add: { kind: "call", args: v.tuple([v.number(), v.number()]), result: v.number() },
  count: { kind: "stream", args: v.tuple([v.number()]), item: v.number() },
  length: {
    kind: "call",
    args: v.tuple([v.strictObject({ data: v.instance(Uint8Array) })]),
    result: v.number(),
  },
};

const honest: Arithmetic = {
  add: (a, b) => Promise.resolve(a + b),
  async *count(to) {
    // bounded, because random messages ask for 1e300 items too
    for (let i = 1; i <= Math.min(to, 100); i++) yield i;
  },
  length: ({ data }) => Promise.resolve(data.length),
};

const noSchema: ApiSchema<object> = {};
const open: Port<unknown>[] = [];

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function connect(api: Arithmetic = honest): { remote: Arithmetic; ports: Port<unknown>[] } {
  const { port1, port2 } = new MessageChannel();
  const client = connectPort<Arithmetic, object>(messagePortEndpoint(port1), schema, {
    schema: noSchema,
    api: {},
  });
  const server = connectPort<object, Arithmetic>(messagePortEndpoint(port2), noSchema, {
    schema,
    api,
  });
  open.push(client, server);
  return { remote: client.remote, ports: [client, server] };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("calls are answered, each with its own answer", async () => {
  const { remote } = connect();
  expect(await Promise.all([remote.add(1, 2), remote.add(3, 4)])).toEqual([3, 7]);
});

test("both sides may call each other over one channel", async () => {
  const { port1, port2 } = new MessageChannel();
  const sides = [port1, port2].map((port, i) =>
    connectPort<Arithmetic, Arithmetic>(messagePortEndpoint(port), schema, {
      schema,
      api: { ...honest, add: (a, b) => Promise.resolve(a + b + 100 * i) },
    }),
  );
  open.push(...sides);
  expect(await Promise.all(sides.map(({ remote }) => remote.add(1, 1)))).toEqual([102, 2]);
});

test("a stream gives its items in order and ends", async () => {
  const { remote } = connect();
  expect(await collect(remote.count(5))).toEqual([1, 2, 3, 4, 5]);
});

test("each iteration of a stream opens it again", async () => {
  const { remote } = connect();
  const stream = remote.count(2);
  expect([await collect(stream), await collect(stream)]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("returning from a stream lets go of it on the serving side, even while it waits", async () => {
  let released = (): void => undefined;
  const isReleased = new Promise<void>((resolve) => (released = resolve));
  const { remote } = connect({
    ...honest,
    count: () => ({
      [Symbol.asyncIterator]: () => {
        let first = true;
        return {
          next: () => {
            if (!first) return new Promise(() => undefined);
            first = false;
            return Promise.resolve({ done: false, value: 1 });
          },
          return: () => {
            released();
            return Promise.resolve({ done: true, value: undefined });
          },
        };
      },
    }),
  });
  for await (const item of remote.count(9)) {
    expect(item).toBe(1);
    break;
  }
  await isReleased;
});

test("an error keeps its code, message and hint, and loses its stack", async () => {
  const { remote } = connect({
    ...honest,
    add: () =>
      Promise.reject(Object.assign(new Error("no"), { code: "conflict", hint: "Try again" })),
  });
  const error: unknown = await remote.add(1, 2).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PortError);
  expect(error).toMatchObject({ code: "conflict", message: "no", hint: "Try again" });
  expect(error instanceof Error && error.stack).not.toContain("honest");
});

test("an error inside a stream reaches its reader after the items before it", async () => {
  const { remote } = connect({
    ...honest,
    async *count() {
      yield 1;
      throw Object.assign(new Error("stopped"), { code: "lost" });
    },
  });
  const seen: number[] = [];
  const reading = (async () => {
    for await (const item of remote.count(2)) seen.push(item);
  })();
  await expect(reading).rejects.toMatchObject({ code: "lost", message: "stopped" });
  expect(seen).toEqual([1]);
});

test("arguments that do not fit the schema are refused by name before the method runs", async () => {
  const { remote } = connect({ ...honest, add: () => Promise.reject(new Error("ran")) });
  await expect(Reflect.apply(remote.add, remote, ["1", 2])).rejects.toMatchObject({
    code: "bad-argument",
  });
  await expect(Reflect.apply(remote.add, remote, [1])).rejects.toMatchObject({
    code: "bad-argument",
  });
});

test("an answer that does not fit the schema is not believed", async () => {
  const { remote } = connect({ ...honest, add: () => Promise.resolve(Number.NaN) });
  await expect(remote.add(1, 2)).rejects.toMatchObject({ code: "bad-answer" });
});

test("an argument that cannot be sent rejects the call and breaks nothing", async () => {
  const { remote } = connect();
  await expect(Reflect.apply(remote.add, remote, [1, () => 2])).rejects.toMatchObject({
    code: "cannot-send",
  });
  expect(await remote.add(1, 2)).toBe(3);
});

test("buffers that are marked are given away", async () => {
  const { remote } = connect();
  const data = new Uint8Array(1000);
  expect(await remote.length(transferring({ data }, [data.buffer]))).toBe(1000);
  expect(data.length).toBe(0);
});

test("what is under way fails when the connection closes, and so does what is asked later", async () => {
  const { remote, ports } = connect({ ...honest, add: () => new Promise(() => undefined) });
  const pending = remote.add(1, 2);
  ports[0]?.close();
  await expect(pending).rejects.toMatchObject({ code: "port-closed" });
  await expect(remote.add(1, 2)).rejects.toMatchObject({ code: "port-closed" });
  await expect(collect(remote.count(1))).rejects.toMatchObject({ code: "port-closed" });
});

test("one side closing ends the other", async () => {
  const { ports } = connect();
  ports[0]?.close();
  await ports[1]?.closed;
});

test("a side opens at most a thousand calls at once at the other", async () => {
  const { remote } = connect({ ...honest, add: () => new Promise(() => undefined) });
  for (let i = 0; i < 1000; i++) remote.add(i, i).catch(() => undefined);
  await expect(remote.add(1, 2)).rejects.toMatchObject({ code: "busy" });
});

const messageLike = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom("call", "open", "return", "next", "throw", "done", "detach"),
      fc.anything(),
    ),
    id: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.anything()),
    method: fc.oneof(
      fc.constantFrom("add", "count", "constructor", "__proto__", "toString", "hasOwnProperty"),
      fc.anything(),
    ),
    args: fc.oneof(fc.array(fc.anything()), fc.tuple(fc.double(), fc.double()), fc.anything()),
    value: fc.anything(),
    error: fc.anything(),
  },
  { requiredKeys: [] },
);

test("no message from outside throws, hangs an honest call, or reaches more than the schema names", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(messageLike, fc.anything({ withTypedArray: true, withMap: true }))),
      async (messages) => {
        const { endpoint, sent, receive } = wire();
        const called: unknown[][] = [];
        connectPort<Arithmetic, Arithmetic>(endpoint, schema, {
          schema,
          api: {
            ...honest,
            add: (...args) => {
              called.push(args);
              return Promise.resolve(0);
            },
          },
        });
        for (const message of messages) expect(() => receive(message)).not.toThrow();
        receive({ type: "call", id: 77, method: "add", args: [20, 22] });
        await expect.poll(() => sent).toContainEqual({ type: "return", id: 77, value: 0 });
        for (const args of called)
          expect(args.every((argument) => typeof argument === "number")).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("answers to numbers that were never asked are ignored", async () => {
  const { endpoint, receive } = wire();
  const { remote } = connectPort<Arithmetic, object>(endpoint, schema, {
    schema: noSchema,
    api: {},
  });
  const sum = remote.add(1, 2);
  receive({ type: "return", id: 99, value: 5 });
  receive({ type: "return", id: 1, value: 3 });
  receive({ type: "return", id: 1, value: 4 });
  expect(await sum).toBe(3);
});

test("methods are those of the schema, not those of every object", async () => {
  const { endpoint, sent, receive } = wire();
  connectPort<object, Arithmetic>(endpoint, noSchema, { schema, api: honest });
  for (const method of ["constructor", "toString", "__proto__", "valueOf"])
    receive({ type: "call", id: 5, method, args: [] });
  await expect.poll(() => sent.length).toBe(4);
  for (const message of sent)
    expect(message).toMatchObject({ type: "throw", error: { code: "unknown-method" } });
});

test("messages that are too deep, too wide or cyclic are ignored", () => {
  const { endpoint, sent, receive } = wire();
  connectPort<object, Arithmetic>(endpoint, noSchema, { schema, api: honest });
  const deep = Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 1);
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  receive({ type: "call", id: 1, method: "add", args: [deep, 1] });
  receive({ type: "call", id: 1, method: "add", args: [cyclic, 1] });
  receive({ type: "call", id: 1, method: "add", args: Array.from({ length: 4_100_000 }, () => 0) });
  expect(sent).toEqual([]);
});
