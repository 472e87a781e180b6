import { JSDOM } from "jsdom";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tableFromRows } from "../../data/index.ts";

const names = ["document", "Node", "NodeList", "NodeFilter", "HTMLCollection", "Event"] as const;
const before = new Map(names.map((name) => [name, Reflect.get(globalThis, name)]));

beforeAll(() => {
  const { window } = new JSDOM("");
  for (const name of names) Reflect.set(globalThis, name, window[name]);
  Reflect.set(globalThis, "requestAnimationFrame", (run: () => void) => setTimeout(run));
});
afterAll(() => {
  for (const [name, value] of before) Reflect.set(globalThis, name, value);
  Reflect.deleteProperty(globalThis, "requestAnimationFrame");
});

test("Inputs.table shows a table's columns and rows, and gives its rows", async () => {
  const Inputs = await import("@observablehq/inputs");
  const table = tableFromRows("t", [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ]);
  const form = Inputs.table(table);
  const texts = (of: string) => Array.from(form.querySelectorAll(of), (cell) => cell.textContent);
  expect(texts("thead th").slice(1)).toEqual(["a", "b"]);
  expect(texts("tbody td").filter((text) => text !== "")).toEqual(["1", "x", "2", "y"]);
  expect(Array.from(Reflect.get(form, "value") as Iterable<unknown>)).toEqual([...table]);
});
