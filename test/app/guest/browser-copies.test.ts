import { expect, test } from "vitest";
import { BrowserCopies, StorageFullError } from "../../../app/shell/guest/browser-copies.ts";
import { Preferences } from "../../../app/shell/preferences.ts";
import { MemoryStore } from "../memory-store.ts";

const copy = {
  name: "penguins.html",
  title: "Penguins",
  text: "<notebook></notebook>",
  from: { title: "Penguins", by: "Ada", publication: { digest: "ab", folder: "http://a/s/ab/" } },
};

test("a copy comes back as it was kept, and as it was changed", () => {
  const store = new MemoryStore();
  const { id } = new BrowserCopies(store, "/").add(copy);
  const next = new BrowserCopies(store, "/");
  expect(next.read(id)).toMatchObject({ ...copy, id });
  next.save(id, "<notebook>2</notebook>");
  expect(next.read(id)).toMatchObject({ ...copy, text: "<notebook>2</notebook>" });
  next.remove(id);
  expect([next.read(id), next.list(), store.size]).toEqual([undefined, [], 0]);
});

test("a copy of a link names no publication", () => {
  const copies = new BrowserCopies(new MemoryStore(), "/");
  const from = { title: "Penguins", by: null };
  expect(copies.read(copies.add({ ...copy, from }).id)?.from).toEqual(from);
});

test("one site lists its own copies, the one that was written last first", () => {
  const store = new MemoryStore();
  store.setItem("tierbook.copy:/a:broken", "{");
  store.setItem("another", "thing");
  const old = { ...copy, title: "Old", at: "2026-01-01T00:00:00.000Z" };
  store.setItem("tierbook.copy:/a:old", JSON.stringify(old));
  new BrowserCopies(store, "/a").add({ ...copy, title: "New" });
  new BrowserCopies(store, "/a/b").add(copy);
  const titles = new BrowserCopies(store, "/a").list().map(({ title }) => title);
  expect(titles).toEqual(["New", "Old"]);
});

test("a full storage is said, and what was kept stays", () => {
  const store = new MemoryStore(1000);
  const copies = new BrowserCopies(store, "/");
  const { id } = copies.add(copy);
  expect(() => copies.save(id, "x".repeat(1000))).toThrow(StorageFullError);
  expect(copies.read(id)?.text).toBe(copy.text);
  expect(() => copies.add({ ...copy, text: "x".repeat(1000) })).toThrow(StorageFullError);
  expect(copies.list()).toHaveLength(1);
});

test("a copy that was deleted in another tab is not made anew by a change", () => {
  const copies = new BrowserCopies(new MemoryStore(), "/");
  const { id } = copies.add(copy);
  copies.remove(id);
  expect([copies.save(id, ""), copies.list()]).toEqual([undefined, []]);
});

test("with a copy goes all that the browser knows of it, and nothing of another", () => {
  const store = new MemoryStore();
  const copies = new BrowserCopies(store, "/");
  const [one, two] = [copies.add(copy).id, copies.add(copy).id];
  for (const id of [one, two])
    new Preferences(store, copies.workspace(id)).hold("a.html", { from: "a link", notes: [] });
  copies.remove(one);
  expect(store.size).toBe(2);
  expect(new Preferences(store, copies.workspace(two)).heldCopy("a.html")?.from).toBe("a link");
});
