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
