import { Runtime, type Module } from "@observablehq/runtime";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Workbook } from "../../runtime/workbook.ts";
import { cells } from "./open-workbook.ts";

// What Observable's runtime promises and we keep: each contract holds on both, side by side.

function stock(): Module {
  const runtime = new Runtime();
  onTestFinished(() => runtime.dispose());
  return runtime.module();
}

function ours(...sources: readonly string[]): Workbook {
  const workbook = new Workbook(cells(...sources));
  onTestFinished(() => workbook.dispose());
  return workbook;
}

describe("as in the stock runtime", () => {
  test("promises are awaited from cell to cell, not within one", async () => {
    const module = stock();
    module.define("a", [], () => Promise.resolve(1));
    module.define("b", ["a"], (a: number) => a + 1);
    expect(await module.value("b")).toBe(2);
    const workbook = ours(
      "const a = Promise.resolve(1), same = a instanceof Promise;",
      "const b = a + 1;",
    );
    expect(await workbook.value("b")).toBe(2);
    expect(await workbook.value("same")).toBe(true);
  });

  test("a generator's cell takes each value in turn, and its readers see the last", async () => {
    const module = stock();
    const seen: number[] = [];
    module.variable(true).define("a", [], function* () {
      yield 1;
      yield 2;
      yield 3;
    });
    module.variable(true).define("b", ["a"], (a: number) => void seen.push(a));
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]));
    const bodies: number[] = [];
    const workbook = new Workbook(
      cells("const a = (function* () { yield 1; yield 2; yield 3; })();", "see(a);"),
      { builtins: { see: () => (value: number) => void bodies.push(value) } },
    );
    onTestFinished(() => workbook.dispose());
    await vi.waitFor(() => expect(bodies).toEqual([1, 2, 3]));
  });

  test("a generator is returned when its cell goes", async () => {
    const module = stock();
    const ended: string[] = [];
    const variable = module.variable(true).define("a", [], function* () {
      try {
        for (;;) yield 1;
      } finally {
        ended.push("stock");
      }
    });
    await module.value("a");
    variable.delete();
    await vi.waitFor(() => expect(ended).toEqual(["stock"]));
    const workbook = new Workbook(
      cells("const a = (function* () { try { for (;;) yield 1; } finally { end('ours'); } })();"),
      { builtins: { end: () => (name: string) => void ended.push(name) } },
    );
    onTestFinished(() => workbook.dispose());
    expect(await workbook.value("a")).toBe(1);
    workbook.setCells([]);
    await vi.waitFor(() => expect(ended).toEqual(["stock", "ours"]));
  });

  test("`invalidation` resolves when the cell runs anew", async () => {
    const module = stock();
    const ended: string[] = [];
    const root = module.define("root", [], () => 1);
    module
      .variable(true)
      .define("a", ["root", "invalidation"], (value: number, invalidation: Promise<void>) => {
        void invalidation.then(() => ended.push(`stock ${value}`));
      });
    await module.value("a");
    root.define("root", [], () => 2);
    await vi.waitFor(() => expect(ended).toEqual(["stock 1"]));
    const ownEnds: string[] = [];
    const end = () => (text: string) => void ownEnds.push(text);
    const body = "invalidation.then(() => end(`ours ${root}`)); const a = root;";
    const workbook = new Workbook(cells("const root = 1;", body), { builtins: { end } });
    onTestFinished(() => workbook.dispose());
    expect(await workbook.value("a")).toBe(1);
    workbook.setCells(cells("const root = 2;", body));
    await vi.waitFor(() => expect(ownEnds).toEqual(["ours 1"]));
  });

  test("a name defined twice fails its readers, and one definition that goes heals the other", async () => {
    const module = stock();
    module.define("a", [], () => 1);
    const second = module.define("a", [], () => 2);
    module.define("b", ["a"], (a: number) => a + 1);
    await expect(module.value("b")).rejects.toThrow(/more than once/);
    second.delete();
    expect(await module.value("b")).toBe(2);
    const [one, two, three] = cells("const a = 1;", "const a = 2;", "const b = a + 1;");
    if (!one || !two || !three) throw new Error("three cells");
    const workbook = new Workbook([one, two, three]);
    onTestFinished(() => workbook.dispose());
    await workbook.settled();
    expect(workbook.status(3)).toMatchObject({ state: "blocked" });
    workbook.setCells([one, three]);
    expect(await workbook.value("b")).toBe(2);
  });

  test("readers follow a name to the cell that defines it now", async () => {
    const module = stock();
    const first = module.define("a", [], () => 1);
    const second = module.define("b", [], () => 2);
    module.define("c", ["a", "b"], (a: number, b: number) => [a, b]);
    expect(await module.value("c")).toEqual([1, 2]);
    first.define("x", [], () => 1);
    second.define("a", [], () => 2);
    first.define("b", [], () => 1);
    expect(await module.value("c")).toEqual([2, 1]);
    const workbook = ours("const a = 1;", "const b = 2;", "const c = [a, b];");
    expect(await workbook.value("c")).toEqual([1, 2]);
    workbook.setCells(cells("const b = 1;", "const a = 2;", "const c = [a, b];"));
    expect(await workbook.value("c")).toEqual([2, 1]);
  });
});
