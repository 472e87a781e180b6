import { expect, test } from "vitest";
import { decodeResult } from "../../runtime/result-codec.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { files } from "./fake-files.ts";
import { openOn } from "./kept-workbook.ts";
import { MemoryStore } from "./memory-store.ts";
import { cell, cells, deferred, open } from "./open-workbook.ts";

/** What is kept under the keys that a workbook names, by cell. */
async function keptBy(
  { workbook }: ReturnType<typeof open>,
  store: MemoryStore,
): Promise<Readonly<Record<number, unknown>>> {
  const kept = [...(await workbook.keptResults())].map(([id, key]) => {
    const bytes = store.entries.get(key);
    return [id, bytes && decodeResult(bytes, [])?.exports] as const;
  });
  return Object.fromEntries(kept);
}

test("what cells came to now is written and named at once", async () => {
  const store = new MemoryStore();
  const opened = await openOn(store, cells("const a = 1", "const b = a + 1", "const f = () => a"));
  expect(store.puts).toEqual([]);
  expect(await keptBy(opened, store)).toEqual({ 1: { a: 1 }, 2: { b: 2 } });
  // what came back is named as well, and not written again
  const again = await openOn(store, cells("const a = 1", "const b = a + 1"));
  expect(await keptBy(again, store)).toEqual({ 1: { a: 1 }, 2: { b: 2 } });
  expect(store.puts).toHaveLength(2);
});

test("a workbook without a store, and one whose store is broken, name nothing", async () => {
  const { workbook } = open(cells("const a = 1"));
  await workbook.settled();
  expect([...(await workbook.keptResults())]).toEqual([]);
  const broken = open(cells("const a = 1"), { results: Promise.reject(new Error("no store")) });
  await broken.workbook.settled();
  expect([...(await broken.workbook.keptResults())]).toEqual([]);
});

test("what a cell came to before is not named, though it is kept", async () => {
  const store = new MemoryStore();
  const opened = await openOn(store, cells("const a = 'secret'", "const b = a + '!'"));
  expect(await keptBy(opened, store)).toEqual({ 1: { a: "secret" }, 2: { b: "secret!" } });
  opened.workbook.setCell(cell(1, "const a = 'open'"));
  await opened.workbook.settled();
  expect(await keptBy(opened, store)).toEqual({ 1: { a: "open" }, 2: { b: "open!" } });
  opened.workbook.setCell(cell(1, "throw new Error('no a'); const a = 1"));
  await opened.workbook.settled();
  expect(await keptBy(opened, store)).toEqual({});
  expect(store.entries.size).toBe(4);
});

test("a stale result is not named", async () => {
  const store = new MemoryStore();
  const sources = [cell(1, "const a = 1"), cell(2, "const b = a", { policy: "once" })];
  const opened = await openOn(store, sources);
  expect(await keptBy(opened, store)).toEqual({ 1: { a: 1 }, 2: { b: 1 } });
  opened.workbook.setCell(cell(1, "const a = 2"));
  await opened.workbook.settled();
  expect(opened.workbook.status(2)?.state).toBe("stale");
  expect(await keptBy(opened, store)).toEqual({ 1: { a: 2 } });
});

test("what a cell came to on another file is not named, though it has the same key", async () => {
  const store = new MemoryStore();
  const texts: Record<string, string> = { "a.csv": "secret" };
  const source =
    "const a = await FileAttachment('a.csv').text(), mayBeKept = a !== 'open' || (() => a)";
  store.files = { "a.csv": sha256("secret") };
  const opened = await openOn(store, cells(source), files(texts));
  expect(await keptBy(opened, store)).toEqual({ 1: { a: "secret", mayBeKept: true } });
  // this time the cell comes to what cannot be kept
  texts["a.csv"] = "open";
  store.files = { "a.csv": sha256("open") };
  opened.workbook.run(1);
  await opened.workbook.settled();
  expect(await opened.workbook.value("a")).toBe("open");
  expect(store.entries.size).toBe(1);
  expect(await keptBy(opened, store)).toEqual({});
});

test("of two cells that share a key, the one whose result is there is named", async () => {
  const store = new MemoryStore();
  const texts: Record<string, string> = { "a.csv": "one" };
  const source = "await FileAttachment('a.csv').text()";
  const opened = await openOn(store, cells(source, source), files(texts));
  expect([...(await opened.workbook.keptResults()).keys()]).toEqual([1, 2]);
  texts["a.csv"] = "two";
  opened.workbook.run(2);
  await opened.workbook.settled();
  expect([...(await opened.workbook.keptResults()).keys()]).toEqual([2]);
  expect(opened.workbook.status(1)?.state).toBe("fresh");
});

test("a cell that changes while results are being written is not named", async () => {
  const store = new MemoryStore();
  const { promise, resolve } = deferred<void>();
  const isAsked = deferred<void>();
  store.written = () => {
    isAsked.resolve();
    return promise;
  };
  const opened = await openOn(store, cells("const a = 1", "const b = 2"));
  const kept = keptBy(opened, store);
  await isAsked.promise;
  opened.workbook.setCell(cell(1, "const a = 3"));
  await opened.workbook.settled();
  resolve();
  expect(await kept).toEqual({ 2: { b: 2 } });
});

test("what the store could not keep is not named", async () => {
  const store = new MemoryStore();
  store.written = () => {
    store.entries.clear();
    return Promise.resolve();
  };
  const opened = await openOn(store, cells("const a = 1"));
  expect(await keptBy(opened, store)).toEqual({});
  expect(store.puts).toHaveLength(1);
});
