import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { maxIndexBytes, maxSmallResultBytes } from "../../cells/result-index.ts";
import { DiskResultStore } from "../../server/result-store.ts";
import { builtScript } from "./build-cli.ts";
import { temporaryFolder } from "./fixtures.ts";
import { bytesOf, keyOf, someResult } from "./some-result.ts";

let folder: string;
let remove: () => Promise<void>;
let store: DiskResultStore;

const limits = { diskBytes: 100e6, entryBytes: 1 << 20 };
const open = (more: Partial<typeof limits> = {}): DiskResultStore =>
  new DiskResultStore(folder, { ...limits, ...more });

beforeEach(async () => {
  const made = await temporaryFolder();
  remove = made.remove;
  folder = join(made.path, "results");
  store = open();
});
afterEach(() => remove());

/** Every file below the folder, with its size. */
async function filesOnDisk(): Promise<{ path: string; size: number }[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  return await Promise.all(files.map(async (path) => ({ path, size: (await stat(path)).size })));
}

async function fileOf(key: string): Promise<string> {
  const found = (await filesOnDisk()).find(({ path }) => path.endsWith(key));
  if (found === undefined) throw new Error(`there is no file of ${key}`);
  return found.path;
}

/** Waits until the next file is begun. */
async function newFile(): Promise<void> {
  const names = async (): Promise<string[]> =>
    (await readdir(folder, { recursive: true })).filter((name) => name.includes("/"));
  const before = new Set(await names());
  while ((await names()).every((name) => before.has(name)));
}

async function age(key: string, minutes: number): Promise<void> {
  const then = Date.now() / 1000 - minutes * 60;
  await utimes(await fileOf(key), then, then);
}

test("what is kept comes back, in another process too, and each workbook has its own", async () => {
  const key = keyOf("a");
  const bytes = new Uint8Array([1, 2, 3]);
  expect(await store.get("a.html", key)).toBeUndefined();
  expect(await store.put("a.html", key, bytes)).toBe(true);
  await store.put("../b c/é\0\n.html", key, new Uint8Array());
  const other = open();
  expect(await other.get("a.html", key)).toEqual(bytes);
  expect(await other.get("../b c/é\0\n.html", key)).toEqual(new Uint8Array());
  expect(await other.list("a.html")).toEqual([{ key, size: 3 }]);
  expect(await other.list("c.html")).toEqual([]);
});

test("a result that is written again is the newer one", async () => {
  const key = keyOf("a");
  for (const text of ["first", "and second"])
    await store.put("a.html", key, new TextEncoder().encode(text));
  expect(new TextDecoder().decode(await store.get("a.html", key))).toBe("and second");
});

test("a key that is no digest reaches no file", async () => {
  for (const key of ["", "../../ledger.jsonl", "A".repeat(64), `${"a".repeat(64)}/`]) {
    await expect(store.get("a.html", key)).rejects.toThrow("is no key");
    await expect(store.put("a.html", key, new Uint8Array(1))).rejects.toThrow("is no key");
    await expect(store.delete("a.html", key)).rejects.toThrow("is no key");
  }
});

test("results are forgotten one by one, or all of a workbook", async () => {
  const [one, two] = [someResult("1"), someResult("2")];
  for (const book of ["a.html", "b.html"])
    for (const { key, bytes } of [one, two]) await store.put(book, key, bytes);
  await store.delete("a.html", one.key);
  expect(await store.list("a.html")).toEqual([{ key: two.key, size: two.bytes.length }]);
  await store.clear("a.html");
  expect(await store.list("a.html")).toEqual([]);
  expect((await store.list("b.html")).length).toBe(2);
});

test("a file that was damaged in any way is not there, and goes", async () => {
  const key = keyOf("a");
  const bytes = bytesOf(key).slice(0, 300);
  await store.put("a.html", key, bytes);
  const path = await fileOf(key);
  const whole = await readFile(path);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc
          .tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }))
          .map(([at, change]) => whole.map((byte, i) => (i === at ? byte ^ change : byte))),
        fc.nat(whole.length - 1).map((end) => whole.subarray(0, end)),
        fc.uint8Array({ minLength: 1, maxLength: 40 }).map((end) => Buffer.concat([whole, end])),
        fc.uint8Array(),
      ),
      async (damaged) => {
        await writeFile(path, damaged);
        expect(await store.get("a.html", key)).toBeUndefined();
        expect(await stat(path).catch(() => undefined)).toBeUndefined();
      },
    ),
    { numRuns: 200 },
  );
  await writeFile(path, whole);
  expect(await store.get("a.html", key)).toEqual(bytes);
});

test("an index has all keys, newest first, and of the small results the newest that fit", async () => {
  const small = new Uint8Array(maxSmallResultBytes).fill(7);
  const count = maxIndexBytes / maxSmallResultBytes + 10;
  const keys = Array.from({ length: count }, (_, i) => keyOf(String(i)));
  for (const [i, key] of keys.entries()) {
    await store.put("a.html", key, small);
    await age(key, count - i);
  }
  const large = keyOf("large");
  await store.put("a.html", large, new Uint8Array(maxSmallResultBytes + 1));
  const index = await store.index("a.html");
  const newest = keys.toReversed();
  expect(index.keys).toEqual([large, ...newest]);
  expect(index.small.map(({ key }) => key)).toEqual(newest.slice(0, count - 10));
  expect(index.small.every(({ bytes }) => Buffer.compare(bytes, small) === 0)).toBe(true);
  // being read has not changed their order
  expect((await store.index("a.html")).small.map(({ key }) => key)).toEqual(
    newest.slice(0, count - 10),
  );
});

test("an index leaves out what is damaged", async () => {
  const [one, two] = [someResult("1"), someResult("2")];
  for (const { key } of [one, two]) await store.put("a.html", key, new Uint8Array(100));
  await truncate(await fileOf(one.key), 70);
  const index = await store.index("a.html");
  expect([index.keys, index.small.map(({ key }) => key)]).toEqual([[two.key], [two.key]]);
});

test("room is made by letting the least recently used go", async () => {
  store = open({ diskBytes: 40_000 });
  const keys = ["a", "b", "c", "d"].map((seed) => keyOf(seed));
  const [a = "", b = "", c = "", d = ""] = keys;
  for (const key of [a, b, c]) await store.put("a.html", key, new Uint8Array(10_000));
  for (const [i, key] of [a, b, c].entries()) await age(key, 30 - i);
  // another process has read the oldest since
  await open({ diskBytes: 40_000 }).get("a.html", a);
  expect(await store.put("b.html", d, new Uint8Array(10_000))).toBe(true);
  expect((await store.list("a.html")).map(({ key }) => key)).toEqual([a, c]);
  expect(await store.get("b.html", d)).toBeDefined();
});

test("a use is noted at most once a minute", async () => {
  const key = keyOf("a");
  await store.put("a.html", key, new Uint8Array(10));
  const path = await fileOf(key);
  await age(key, 0.5);
  const before = (await stat(path)).mtimeMs;
  await store.get("a.html", key);
  expect((await stat(path)).mtimeMs).toBe(before);
  await age(key, 2);
  await store.get("a.html", key);
  expect((await stat(path)).mtimeMs).toBeGreaterThan(before);
});

test("the bound holds at every moment, though several stores write at once", async () => {
  const diskBytes = 2e6;
  const stores = [1, 2, 3].map(() => open({ diskBytes }));
  let isWriting = true;
  let most = 0;
  const watching = (async () => {
    while (isWriting) {
      const sizes = await filesOnDisk().catch(() => []);
      most = Math.max(
        most,
        sizes.reduce((sum, { size }) => sum + size, 0),
      );
    }
  })();
  const kept = await Promise.all(
    stores.flatMap((each, s) =>
      Array.from({ length: 20 }, (_, i) => {
        const { key, bytes } = someResult(`${s} ${i}`);
        return each.put(`${s}.html`, key, bytes);
      }),
    ),
  );
  isWriting = false;
  await watching;
  expect(kept.every(Boolean)).toBe(true);
  // beside the results: the lock, and who wrote last
  expect(most).toBeLessThanOrEqual(diskBytes + 2_000);
  expect(most).toBeGreaterThan(diskBytes / 2);
});

test("what is larger than one result or all of them may be is not kept, and nothing goes for it", async () => {
  store = open({ diskBytes: 50_000, entryBytes: 60_000 });
  const [one, two] = [someResult("1"), someResult("2")];
  await store.put("a.html", one.key, new Uint8Array(1000));
  expect(await store.put("a.html", two.key, new Uint8Array(55_000))).toBe(false);
  expect(await store.put("a.html", two.key, new Uint8Array(60_001))).toBe(false);
  expect((await store.list("a.html")).map(({ key }) => key)).toEqual([one.key]);
});

test("a limit that was lowered holds from the next write on", async () => {
  for (const seed of ["a", "b", "c", "d", "e"])
    await store.put("a.html", keyOf(seed), new Uint8Array(10_000));
  const lower = open({ diskBytes: 30_000 });
  expect(await lower.put("a.html", keyOf("f"), new Uint8Array(10_000))).toBe(true);
  expect((await store.list("a.html")).length).toBe(2);
});

test("where nothing can be written nothing is kept, and nobody hears an error", async () => {
  const key = keyOf("a");
  await writeFile(folder, "a file where the folder should be");
  expect(await store.put("a.html", key, new Uint8Array(1))).toBe(false);
  expect(await store.get("a.html", key)).toBeUndefined();
  expect(await store.list("a.html")).toEqual([]);
  expect(await store.index("a.html")).toEqual({ keys: [], small: [] });
  await store.delete("a.html", key);
  await store.clear("a.html");
  await rm(folder);
  await mkdir(folder);
  await chmod(folder, 0o500);
  // root may write anywhere
  if (process.getuid?.() !== 0)
    expect(await store.put("a.html", key, new Uint8Array(1))).toBe(false);
});

test("a process that is killed at any moment leaves whole results only, and no litter for long", async () => {
  const script = await builtScript(fileURLToPath(new URL("./keep-results.ts", import.meta.url)));
  const diskBytes = 15e6;
  const most = 1_000_000;
  const reading = { diskBytes, entryBytes: most };
  const seen = new Set<string>();
  let killed: ChildProcess | undefined;
  try {
    for (let round = 0; round < 25; round++) {
      killed = fork(script, [folder, String(diskBytes), String(round), String(most)]);
      for (let kept = 0; kept < 1 + (round % 3); kept++) await once(killed, "message");
      await newFile();
      await sleep(round % 4);
      killed.kill("SIGKILL");
      await once(killed, "exit");
      const reader = open(reading);
      for (const { key, size } of await reader.list("book.html")) {
        const [bytes, whole] = [await reader.get("book.html", key), bytesOf(key, most)];
        expect([size, bytes && Buffer.compare(bytes, whole)]).toEqual([whole.length, 0]);
        seen.add(key);
      }
    }
  } finally {
    killed?.kill("SIGKILL");
  }
  expect(seen.size).toBeGreaterThanOrEqual(25);
  const { key, bytes } = someResult("last");
  expect(await open(reading).put("book.html", key, bytes)).toBe(true);
  const left = (await filesOnDisk()).map(({ path }) => path.slice(folder.length + 1));
  expect(left.filter((path) => path.includes("/.") && path.endsWith(".tmp"))).toEqual([]);
  const total = (await filesOnDisk()).reduce((sum, { size }) => sum + size, 0);
  expect(total).toBeLessThanOrEqual(diskBytes + 2_000);
}, 60_000);
