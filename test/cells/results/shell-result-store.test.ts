import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openResultStore, type ResultCalls } from "../../../cells/results/shell-result-store.ts";
import { messagePortEndpoint } from "../../../cells/port-endpoint.ts";
import { connectPort } from "../../../cells/port.ts";
import { maxResultBytes, maxSmallResultBytes } from "../../../cells/result-index.ts";
import { shellApiSchema, type ShellApi } from "../../../cells/shell-api.ts";
import { sha256 } from "../../../runtime/sha256.ts";

const keyOf = (seed: string | number): string => sha256(`key ${seed}`);
const bytesFor = (seed: string): Uint8Array => new TextEncoder().encode(`bytes of ${seed}`);
const largeFor = (seed: string): Uint8Array => {
  const bytes = new Uint8Array(maxSmallResultBytes + 1).fill(1);
  bytes.set(bytesFor(seed));
  return bytes;
};

/** A shell that keeps results in memory and answers when it is told to. */
class MemoryShell implements ResultCalls {
  readonly kept = new Map<string, Uint8Array>();
  readonly log: string[] = [];
  isFull = false;
  isSlow = false;
  private answers: (() => void)[] = [];

  constructor(private readonly small: readonly string[] = []) {}

  results: ResultCalls["results"] = () =>
    this.answer("index", () => ({
      keys: [...this.kept.keys()],
      small: this.small.map((key) => ({ key, bytes: this.kept.get(key) ?? new Uint8Array() })),
    }));

  result: ResultCalls["result"] = (key) =>
    this.answer("read", () => this.kept.get(key)?.slice() ?? null);

  keepResult: ResultCalls["keepResult"] = (key, bytes) =>
    this.answer("write", () => {
      if (!this.isFull) this.kept.set(key, bytes.slice());
      return !this.isFull;
    });

  forgetResult: ResultCalls["forgetResult"] = (key) =>
    this.answer("forget", () => void this.kept.delete(key));

  forgetResults: ResultCalls["forgetResults"] = () =>
    this.answer("forget all", () => {
      const { size } = this.kept;
      this.kept.clear();
      return size;
    });

  fileDigest: ResultCalls["fileDigest"] = (path) =>
    this.answer(`digest ${path}`, () => (path === "gone.csv" ? null : sha256(path)));

  /** Answers what was asked, one after the other, and what is asked thereupon. */
  async answerAll(): Promise<void> {
    do {
      for (const answer of this.answers.splice(0)) answer();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.answers.length > 0);
  }

  private answer<Value>(what: string, value: () => Value): Promise<Value> {
    this.log.push(what);
    if (!this.isSlow) return new Promise((resolve) => setImmediate(() => resolve(value())));
    return new Promise((resolve) => this.answers.push(() => resolve(value())));
  }
}

test("small results are there at once, large ones later, unknown ones never", async () => {
  const shell = new MemoryShell([keyOf("small")]);
  shell.kept.set(keyOf("small"), bytesFor("small"));
  shell.kept.set(keyOf("large"), largeFor("large"));
  const store = await openResultStore(shell);
  expect(["small", "large", "other"].map((seed) => store.has(keyOf(seed)))).toEqual([
    true,
    true,
    false,
  ]);
  expect(store.get(keyOf("small"))).toEqual(bytesFor("small"));
  expect(store.get(keyOf("other"))).toBeUndefined();
  expect(await store.get(keyOf("large"))).toEqual(largeFor("large"));
  expect(shell.log).toEqual(["index", "read"]);
});

test("a shell that has no index to give makes an empty store, which keeps what is new", async () => {
  const shell = new MemoryShell();
  shell.results = () => Promise.reject(new Error("no server"));
  const store = await openResultStore(shell);
  expect(store.has(keyOf("a"))).toBe(false);
  store.put(keyOf("a"), bytesFor("a"));
  await expect.poll(() => shell.kept.get(keyOf("a"))).toEqual(bytesFor("a"));
});

test("what is put can be read at once and is written later, a few at a time", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  shell.isSlow = true;
  const seeds = Array.from({ length: 50 }, (_, i) => String(i));
  for (const seed of seeds) store.put(keyOf(seed), bytesFor(seed));
  expect(shell.log).toEqual(["index"]);
  for (const seed of seeds) expect(store.get(keyOf(seed))).toEqual(bytesFor(seed));
  await Promise.resolve();
  expect(shell.log.length).toBe(1 + 4);
  await shell.answerAll();
  expect(shell.kept.size).toBe(50);
});

test("whoever waits until all is written hears of it then, and what was refused is not there", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  await store.written();
  for (let i = 0; i < 20; i++) store.put(keyOf(i), bytesFor(String(i)));
  await store.written();
  expect(shell.kept.size).toBe(20);
  shell.isSlow = true;
  store.put(keyOf(0), bytesFor("newer"));
  const written = store.written();
  // while one is on its way another comes for the same key
  store.put(keyOf(0), bytesFor("newest"));
  store.put(keyOf("late"), bytesFor("late"));
  const answered = shell.answerAll();
  await written;
  await answered;
  expect(shell.kept.get(keyOf(0))).toEqual(bytesFor("newest"));
  expect(shell.kept.has(keyOf("late"))).toBe(true);
  shell.isSlow = false;
  shell.isFull = true;
  store.put(keyOf("full"), bytesFor("full"));
  await store.written();
  expect(store.has(keyOf("full"))).toBe(false);
});

test("what is too large to be kept takes what was there for its key with it", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  store.put(keyOf("a"), bytesFor("a"));
  await store.written();
  store.put(keyOf("a"), new Uint8Array(maxResultBytes + 1));
  expect(store.has(keyOf("a"))).toBe(false);
  await expect.poll(() => shell.kept.has(keyOf("a"))).toBe(false);
});

test("the newest bytes for a key count, and equal ones in memory are not written again", async () => {
  const shell = new MemoryShell([keyOf("a")]);
  shell.kept.set(keyOf("a"), bytesFor("a"));
  const store = await openResultStore(shell);
  store.put(keyOf("a"), bytesFor("a"));
  await Promise.resolve();
  expect(shell.log).toEqual(["index"]);
  shell.isSlow = true;
  store.put(keyOf("a"), bytesFor("a after its file changed"));
  await Promise.resolve();
  // while the first is on its way, the last of these is enough
  for (const seed of ["x", "y", "z"]) store.put(keyOf("a"), largeFor(seed));
  expect(store.get(keyOf("a"))).toEqual(largeFor("z"));
  await Promise.resolve();
  expect(shell.log).toEqual(["index", "write"]);
  await shell.answerAll();
  expect(shell.kept.get(keyOf("a"))).toEqual(largeFor("z"));
  expect(shell.log).toEqual(["index", "write", "write"]);
});

test("what is deleted before it was written is not written, and what was comes no more", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  shell.isSlow = true;
  store.put(keyOf("never"), bytesFor("never"));
  store.delete(keyOf("never"));
  await shell.answerAll();
  expect(shell.log).toEqual(["index", "forget"]);
  store.put(keyOf("a"), largeFor("a"));
  await Promise.resolve();
  store.delete(keyOf("a"));
  expect([store.has(keyOf("a")), store.get(keyOf("a"))]).toEqual([false, undefined]);
  // one after the other, whatever order the server would answer in
  expect(shell.log.slice(2)).toEqual(["write"]);
  await shell.answerAll();
  expect(shell.log.slice(2)).toEqual(["write", "forget"]);
  expect(shell.kept.size).toBe(0);
});

test("a result that is on its way is read when it has arrived", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  shell.isSlow = true;
  store.put(keyOf("a"), largeFor("a"));
  await Promise.resolve();
  const read = store.get(keyOf("a"));
  await Promise.resolve();
  expect(shell.log).toEqual(["index", "write"]);
  await shell.answerAll();
  expect(await read).toEqual(largeFor("a"));
});

test("what the shell does not keep, or has lost, is not there any more", async () => {
  const shell = new MemoryShell();
  shell.kept.set(keyOf("lost"), largeFor("lost"));
  const store = await openResultStore(shell);
  shell.kept.clear();
  expect(await store.get(keyOf("lost"))).toBeUndefined();
  expect(store.has(keyOf("lost"))).toBe(false);
  shell.isFull = true;
  store.put(keyOf("new"), bytesFor("new"));
  await expect.poll(() => store.has(keyOf("new"))).toBe(false);
  shell.isFull = false;
  store.put(keyOf("new"), bytesFor("new"));
  await expect.poll(() => shell.kept.has(keyOf("new"))).toBe(true);
});

test("no fault of the shell reaches the cells", async () => {
  const fail = (): Promise<never> => Promise.reject(new Error("the port is closed"));
  const store = await openResultStore({
    results: () => Promise.resolve({ keys: [keyOf("a"), keyOf("b")], small: [] }),
    result: fail,
    keepResult: fail,
    forgetResult: fail,
    forgetResults: fail,
    fileDigest: fail,
  });
  expect(await store.get(keyOf("a"))).toBeUndefined();
  store.delete(keyOf("b"));
  store.put(keyOf("c"), bytesFor("c"));
  expect(await store.fileDigest("a.csv")).toBeUndefined();
  await expect.poll(() => store.has(keyOf("c"))).toBe(false);
});

test("all is forgotten at once: in memory, what waits, and what is just being written", async () => {
  const shell = new MemoryShell();
  shell.isSlow = true;
  const opening = openResultStore(shell);
  await shell.answerAll();
  const store = await opening;
  for (let i = 0; i < 6; i++) store.put(keyOf(i), i < 3 ? bytesFor("x") : largeFor("x"));
  await expect.poll(() => shell.log.filter((what) => what === "write").length).toBe(4);
  const forgetting = store.clear();
  // the shell hears of it when nothing is on its way to it any more
  expect(shell.log).not.toContain("forget all");
  for (let i = 0; i < 6; i++) {
    expect(store.has(keyOf(i))).toBe(false);
    expect(store.get(keyOf(i))).toBeUndefined();
  }
  await shell.answerAll();
  expect(await forgetting).toBe(4);
  expect(shell.kept.size).toBe(0);
  store.put(keyOf(0), bytesFor("x"));
  await shell.answerAll();
  expect([...shell.kept.keys()]).toEqual([keyOf(0)]);
  expect(store.get(keyOf(0))).toEqual(bytesFor("x"));
});

test("memory is bounded: the oldest small results go, and are still behind the shell", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  const count = (40 << 20) / maxSmallResultBytes;
  for (let i = 0; i < count; i++)
    store.put(keyOf(i), new Uint8Array(maxSmallResultBytes).fill(i & 255));
  await expect.poll(() => shell.kept.size, { timeout: 10_000 }).toBe(count);
  const first = store.get(keyOf(0));
  expect(first).toBeInstanceOf(Promise);
  expect(await first).toEqual(new Uint8Array(maxSmallResultBytes));
  expect(store.get(keyOf(count - 1))).toBeInstanceOf(Uint8Array);
});

test("what does not fit among what waits, or is too large, is let go in silence", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  shell.isSlow = true;
  store.put(keyOf("too large"), new Uint8Array(maxResultBytes + 1));
  for (const seed of ["a", "b", "c"]) store.put(keyOf(seed), new Uint8Array(maxResultBytes));
  expect(["too large", "a", "b", "c"].map((seed) => store.has(keyOf(seed)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  await shell.answerAll();
});

test("what a reader does to the bytes changes nothing that is kept", async () => {
  const store = await openResultStore(new MemoryShell());
  store.put(keyOf("a"), bytesFor("a"));
  const read = store.get(keyOf("a"));
  if (!(read instanceof Uint8Array)) throw new Error("it is not there at once");
  read.fill(0);
  structuredClone(read, { transfer: [read.buffer] });
  expect(store.get(keyOf("a"))).toEqual(bytesFor("a"));
});

test("a file that many cells ask about at once is looked at once, and anew later", async () => {
  const shell = new MemoryShell();
  const store = await openResultStore(shell);
  const asked = Array.from({ length: 100 }, () => store.fileDigest("a.csv"));
  expect(new Set(await Promise.all(asked))).toEqual(new Set([sha256("a.csv")]));
  expect(await store.fileDigest("gone.csv")).toBeUndefined();
  await store.fileDigest("a.csv");
  expect(shell.log).toEqual(["index", "digest a.csv", "digest gone.csv", "digest a.csv"]);
});

test("over a real port large bytes are given away, and all come back as they were", async () => {
  const { port1, port2 } = new MessageChannel();
  const shell = new MemoryShell();
  const served = connectPort<object, Partial<ShellApi>>(
    messagePortEndpoint(port2),
    {},
    // the methods that are asked for here are all there
    { schema: shellApiSchema, api: shell },
  );
  const frame = connectPort<ShellApi, object>(messagePortEndpoint(port1), shellApiSchema, {
    schema: {},
    api: {},
  });
  try {
    const store = await openResultStore(frame.remote);
    const given = largeFor("a");
    const part = largeFor("b").subarray(0, 70_000);
    store.put(keyOf("a"), given);
    store.put(keyOf("b"), part);
    store.put(keyOf("c"), bytesFor("c"));
    expect(await store.get(keyOf("a"))).toEqual(largeFor("a"));
    expect(await store.get(keyOf("b"))).toEqual(largeFor("b").slice(0, 70_000));
    expect(given.byteLength).toBe(0);
    await expect.poll(() => shell.kept.get(keyOf("c"))).toEqual(bytesFor("c"));
    expect(store.get(keyOf("c"))).toEqual(bytesFor("c"));
    expect(await store.fileDigest("a.csv")).toBe(sha256("a.csv"));
  } finally {
    frame.close();
    served.close();
  }
});

test("whatever is put, deleted and read in whatever order, a key gives its own bytes or none", async () => {
  const step = fc.record({
    seed: fc.constantFrom("a", "b", "c", "L1", "L2"),
    act: fc.constantFrom("put", "delete", "read", "let"),
    isFull: fc.boolean(),
  });
  const of = (seed: string): Uint8Array => (seed.startsWith("L") ? largeFor : bytesFor)(seed);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const shell = new MemoryShell();
      const store = await openResultStore(shell);
      shell.isSlow = true;
      const reads: Promise<void>[] = [];
      const last = new Map<string, string>();
      for (const { seed, act, isFull } of steps) {
        shell.isFull = isFull;
        if (act === "put") store.put(keyOf(seed), of(seed));
        else if (act === "delete") store.delete(keyOf(seed));
        else if (act === "read")
          reads.push(
            (async () => {
              const bytes = await store.get(keyOf(seed));
              if (bytes !== undefined) expect(isSame(bytes, of(seed))).toBe(true);
            })(),
          );
        else await shell.answerAll();
        if (act === "put" || act === "delete") last.set(seed, act);
      }
      await shell.answerAll();
      await Promise.all(reads);
      await shell.answerAll();
      // what the store does not know is not there, and what was deleted last is gone
      for (const [seed, act] of last) {
        if (act === "delete") expect(shell.kept.has(keyOf(seed))).toBe(false);
        const kept = shell.kept.get(keyOf(seed));
        if (store.has(keyOf(seed))) expect(isSame(kept, of(seed))).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

/** As `toEqual`, which takes long for long arrays. */
function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}
