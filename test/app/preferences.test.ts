import { expect, test } from "vitest";
import { Preferences } from "../../app/shell/preferences.ts";
import { MemoryStore } from "./memory-store.ts";

test("a permission is for one workbook of one workspace", () => {
  const store = new MemoryStore();
  const preferences = new Preferences(store, "/one");
  preferences.allowSmallRuns("a.html", true);
  expect([
    preferences.allowsSmallRuns("a.html"),
    preferences.allowsSmallRuns("b.html"),
    new Preferences(store, "/two").allowsSmallRuns("a.html"),
    new Preferences(store, "/one").allowsSmallRuns("a.html"),
  ]).toEqual([true, false, false, true]);
  preferences.allowSmallRuns("a.html", false);
  expect([preferences.allowsSmallRuns("a.html"), store.size]).toEqual([false, 0]);
});

test("what nobody chose, or nobody knows, is left to the system", () => {
  const store = new MemoryStore();
  const preferences = new Preferences(store);
  expect([preferences.colorScheme, preferences.device]).toEqual(["system", "auto"]);
  store.setItem("tierbook.device", "abacus");
  expect(preferences.device).toBe("auto");
  preferences.device = "webgpu";
  preferences.colorScheme = "dark";
  expect([preferences.device, preferences.colorScheme]).toEqual(["webgpu", "dark"]);
});

test("a copy is held in one workspace until it is released, also in the next visit", () => {
  const store = new MemoryStore();
  const copy = { from: "a link", notes: ["data/a.csv is not here"] };
  new Preferences(store, "/one").hold("a.html", copy);
  const next = new Preferences(store, "/one");
  expect([
    next.heldCopy("a.html"),
    next.heldCopy("b.html"),
    new Preferences(store, "/two").heldCopy("a.html"),
  ]).toEqual([copy, undefined, undefined]);
  next.release("a.html");
  expect([next.heldCopy("a.html"), store.size]).toEqual([undefined, 0]);
});

test("a mark that cannot be read still holds", () => {
  const store = new MemoryStore();
  new Preferences(store, "/one").hold("a.html", { from: "a link", notes: [] });
  store.setItem("tierbook.held:/one:a.html", "{");
  expect(new Preferences(store, "/one").heldCopy("a.html")?.from).toBe("somebody else");
});
