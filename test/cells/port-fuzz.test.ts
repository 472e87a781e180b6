import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PortError } from "../../cells/port-message.ts";
import { connectPort } from "../../cells/port.ts";
import {
  frameApiSchema,
  shellApiSchema,
  type FrameApi,
  type ShellApi,
} from "../../cells/shell-api.ts";
import { wire } from "./wire.ts";

const digest = "a".repeat(64);
const plan = { kind: "tierbook.plan" };
const rows = { digest, numRows: 3, ipc: new Uint8Array(8) };
const train = { plan, rows, engine: "tfjs", device: "auto" };
const body = {
  stage: "schema",
  verdict: "pass",
  summary: "3 columns",
  checks: [{ name: "columns", verdict: "pass", message: "as expected" }],
  subject: { plan: digest, data: { rows: digest } },
  metrics: { rows: 3 },
  environment: { tier: "page" },
};
const open = {
  path: "a.html",
  text: "<notebook>",
  disabled: [4],
  held: false,
  colorScheme: "dark",
};

/** What each method takes, as an honest side sends it. */
const toShell: Readonly<Record<keyof ShellApi, readonly unknown[]>> = {
  receipt: [body],
  recallReceipt: [digest],
  dryRun: [{ plan, rows, device: "wasm" }],
  train: [train],
  submit: [train],
  cancel: [digest],
  ask: [digest],
  table: ["data/a.csv"],
  file: ["data/a.csv"],
  draft: ["<notebook>"],
  save: ["<notebook>"],
  running: [4],
  results: [],
  result: [digest],
  keepResult: [digest, new Uint8Array(3)],
  forgetResult: [digest],
  forgetResults: [],
  fileDigest: ["data/a.csv"],
};
const toFrame: Readonly<Record<keyof FrameApi, readonly unknown[]>> = {
  open: [open],
  ping: [],
  text: [],
  save: [],
  runStale: [],
  runAll: [],
  forgetResults: [],
  report: [],
  share: [],
  release: [],
  setColorScheme: ["light"],
};
const sides = [
  { schema: shellApiSchema, honest: toShell },
  { schema: frameApiSchema, honest: toFrame },
] as const;

/** A port whose other side is the test. `called` has what got through to the side that serves. */
function serve(schema: object): {
  called: { method: string; args: unknown[] }[];
  sent: unknown[];
  receive: (message: unknown) => void;
} {
  const called: { method: string; args: unknown[] }[] = [];
  const { endpoint, sent, receive } = wire();
  const api = new Proxy(
    {},
    {
      get:
        (_, method) =>
        (...args: unknown[]) => {
          called.push({ method: String(method), args });
          return forEver();
        },
    },
  );
  connectPort<object, object>(endpoint, {}, { schema, api });
  return { called, sent, receive };
}

/** As a call it is answered at once; as a stream it has no item and no end. */
function forEver(): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: () => Promise.resolve({ done: true, value: undefined }),
    }),
  };
}

/** The places in a value: its members and theirs, but not inside a plan, which a dry run checks. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const isNested = typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
  if (!isNested || value === plan) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key])),
  ];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const inner = replaced(Reflect.get(value as object, key), rest, by);
  if (Array.isArray(value))
    return value.map((each: unknown, i) => (String(i) === key ? inner : each));
  return { ...(value as object), [key]: inner };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => Reflect.get(inner as object, key), value);
}

/** What a stranger may put in the place of a value: of another kind, or out of bounds. */
function wrongFor(value: unknown): readonly unknown[] {
  const others = [true, [[]], { toString: "x" }, new Map(), new Date(0), 10n, () => value];
  if (typeof value === "boolean")
    return [...others.slice(1), 1, String(value), null, undefined, Object(value)];
  if (typeof value === "string") return [...others, 7, null, undefined, ["x"], new String("x")];
  if (typeof value === "number") return [...others, "7", Number.NaN, Infinity, new Number(1)];
  if (value instanceof Uint8Array)
    return [...others, null, [1], new ArrayBuffer(3), new Float32Array(3)];
  if (Array.isArray(value)) return [true, "x", null, 7, { 0: value[0], length: 1 }, new Set(value)];
  return [...others, null, "x", 7, Object.create({ ...(value as object) })];
}

const calls = sides.flatMap(({ schema, honest }) =>
  Object.entries(honest).map(([method, args]) => {
    const kind: unknown = Reflect.get(Reflect.get(schema, method) as object, "kind");
    return { schema, method, args, type: kind === "call" ? "call" : "open" };
  }),
);

test("each side knows the methods of the other, and an honest call of each gets through", async () => {
  for (const { schema, method, args, type } of calls) {
    const { called, receive } = serve(schema);
    receive({ type, id: 1, method, args });
    await expect.poll(() => called).toEqual([{ method, args }]);
  }
  for (const { schema, honest } of sides)
    expect(Object.keys(honest).sort()).toEqual(Object.keys(schema).sort());
});

test("an honest call with one thing wrong in it, wherever that is, does not get through", async () => {
  const withArguments = calls.filter(({ args }) => args.length > 0);
  const spoiled = fc
    .constantFrom(...withArguments)
    .chain(({ schema, method, args, type }) =>
      fc
        .constantFrom(...placesIn(args).filter((path) => path.length > 0))
        .chain((path) =>
          fc
            .constantFrom(...wrongFor(at(args, path)))
            .map((wrong) => ({ schema, method, type, args: replaced(args, path, wrong) })),
        ),
    );
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ schema, method, type, args }) => {
      const { called, sent, receive } = serve(schema);
      receive({ type, id: 1, method, args });
      // an unknown method after it is answered: it has been dealt with
      receive({ type: "call", id: 2, method: "nothing", args: [] });
      await expect.poll(() => sent).toContainEqual(expect.objectContaining({ id: 2 }));
      expect(called).toEqual([]);
      expect(sent.filter((message) => Reflect.get(message as object, "type") !== "throw")).toEqual(
        [],
      );
    }),
    { numRuns: 1000 },
  );
});

test("a call of the wrong kind, or of the other side's method, does not get through", async () => {
  for (const { schema, method, args, type } of calls) {
    const { called, sent, receive } = serve(schema);
    receive({ type: type === "call" ? "open" : "call", id: 1, method, args });
    await expect.poll(() => sent).toHaveLength(1);
    expect([called, sent]).toMatchObject([[], [{ error: { code: "unknown-method" } }]]);
  }
  const { called, sent, receive } = serve(shellApiSchema);
  receive({ type: "call", id: 1, method: "ping", args: [] });
  await expect.poll(() => sent).toHaveLength(1);
  expect(called).toEqual([]);
});

test("members that the schema does not name are refused, and none changes what every object has", async () => {
  for (const name of ["confirmed", "__proto__", "constructor"]) {
    const { called, sent, receive } = serve(shellApiSchema);
    const more: unknown = JSON.parse(`{"${name}": {"allowed": true}}`);
    const request = Object.defineProperty({ ...train }, name, {
      value: Reflect.getOwnPropertyDescriptor(more as object, name)?.value as unknown,
      enumerable: true,
    });
    receive({ type: "open", id: 1, method: "submit", args: [request] });
    receive(JSON.parse(`{"type":"call","id":2,"method":"ask","args":[],"__proto__":{"x":1}}`));
    await expect.poll(() => sent).toHaveLength(2);
    expect(called).toEqual([]);
    expect(Reflect.get({}, "allowed")).toBeUndefined();
  }
});

test("whatever a frame answers, the shell hears what it asked for or an error with a code", async () => {
  const answer = fc.record({
    type: fc.constantFrom("return", "throw", "done", "next"),
    value: fc.oneof(fc.string(), fc.constant(undefined), fc.anything({ withTypedArray: true })),
    error: fc.anything(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("ping", "text", "save", "runAll", "forgetResults"),
      fc.array(fc.anything(), { maxLength: 3 }),
      answer,
      async (method, noise, message) => {
        const { endpoint, receive } = wire();
        const { remote } = connectPort<FrameApi, object>(endpoint, frameApiSchema, {
          schema: {},
          api: {},
        });
        const heard = remote[method as "ping" | "text"]().then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        for (const each of noise) receive(each);
        receive({ ...message, id: 1 });
        // what is no message is ignored, and the side that asked goes on waiting
        receive({ type: "throw", id: 1, error: { name: "E", message: "m", code: "late" } });
        const got = await heard;
        if ("error" in got) expect(got.error).toBeInstanceOf(PortError);
        else expect(typeof got.value).toBe(method === "text" ? "string" : "undefined");
      },
    ),
    { numRuns: 500 },
  );
});

test("streams that are opened and let go of again, in any order, take up no room", async () => {
  const { called, sent, receive } = serve(shellApiSchema);
  for (let round = 0; round < 3; round++) {
    for (let id = 1; id <= 1000; id++)
      receive({ type: "open", id, method: "train", args: [train] });
    for (let id = 1000; id >= 1; id--) receive({ type: "detach", id });
    await expect.poll(() => called.length).toBe(1000 * (round + 1));
    // letting go takes a few turns
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent).toEqual([]);
});
