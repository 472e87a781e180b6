import { Runtime } from "@observablehq/runtime";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Cell, CellStatus } from "../../runtime/cell.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { installDom, type HeadlessDom } from "../../server/headless/dom.ts";
import { cell, cells, deferred, modeCell, open, type Opened } from "./open-workbook.ts";
import { ours, sides, stock, type Notebook } from "./side-by-side.ts";

// Where we differ from Observable's runtime and notebooks on purpose: stock first, then ours.

let dom: HeadlessDom;
beforeAll(() => void (dom = installDom()));
afterAll(() => dom.close());

/** A workbook whose statuses can be read. */
function workbookOf(written: readonly Cell[], options: WorkbookOptions = {}): Opened {
  const opened = open(written, options);
  onTestFinished(() => opened.workbook.dispose());
  return opened;
}

/** What cells come to, once nothing runs. */
async function settled(...sources: readonly string[]): Promise<(id: number) => CellStatus> {
  const { workbook } = workbookOf(cells(...sources));
  await workbook.settled();
  return (id) => workbook.status(id) as CellStatus;
}

/** A builtin function that notes what cells pass to it. */
function noted(): { readonly heard: unknown[]; readonly builtins: Record<string, () => unknown> } {
  const heard: unknown[] = [];
  return { heard, builtins: { note: () => (value: unknown) => (heard.push(value), value) } };
}

/** Whether something is still not there after everything at hand was done. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const waits = new Promise<true>((resolve) => setTimeout(resolve, 50, true));
  return await Promise.race([
    promise.then(
      () => false as const,
      () => false as const,
    ),
    waits,
  ]);
}

/** Opens on both sides, and notes what each hears in lists of their own. */
function onBoth(
  sources: readonly (string | Cell)[],
  more: Readonly<Record<string, () => unknown>> = {},
): readonly { readonly notebook: Notebook; readonly heard: unknown[] }[] {
  return sides.map((side) => {
    const { heard, builtins } = noted();
    return { notebook: side.open(sources, { ...builtins, ...more }), heard };
  });
}

describe("a rerun starts at once", () => {
  test("where stock waits for the run that it replaces", async () => {
    const first = deferred<string>();
    const [theirs, own] = onBoth(["note('begins'); const a = await first();"], {
      first: () => () => first.promise,
    });
    for (const side of [theirs, own]) {
      await vi.waitFor(() => expect(side?.heard).toEqual(["begins"]));
      side?.notebook.edit("const a = 'second';");
    }
    expect(await own?.notebook.value("a")).toBe("second");
    first.resolve("first");
    expect(await theirs?.notebook.value("a")).toBe("second");
  });

  test("also where an input changes, so that a run for each edit begins, and only the last is heard of", async () => {
    const slow = deferred<void>();
    const reader = "note(`begins ${n}`); await slow(); const a = n;";
    const [theirs, own] = onBoth(["const n = 1;", reader], { slow: () => () => slow.promise });
    for (const n of [2, 3])
      for (const side of [theirs, own]) {
        await side?.notebook.value("n");
        await vi.waitFor(() => expect(side?.heard).toContain("begins 1"));
        if (side === own) await vi.waitFor(() => expect(own?.heard).toContain(`begins ${n - 1}`));
        side?.notebook.edit(`const n = ${n};`, reader);
      }
    await vi.waitFor(() => expect(own?.heard).toEqual(["begins 1", "begins 2", "begins 3"]));
    expect(theirs?.heard).toEqual(["begins 1"]);
    slow.resolve();
    expect(await own?.notebook.value("a")).toBe(3);
    await vi.waitFor(async () => expect(await theirs?.notebook.value("a")).toBe(3));
    expect(theirs?.heard).toEqual(["begins 1", "begins 3"]);
  });

  test("so that a run that never ends can be replaced, which in stock holds its readers for ever", async () => {
    const endless = "note('begins'); const a = new Promise(() => {});";
    const [theirs, own] = onBoth([endless, "const b = a;"]);
    for (const side of [theirs, own])
      await vi.waitFor(() => expect(side?.heard).toEqual(["begins"]));
    theirs?.notebook.edit("const a = 1;", "const b = a;");
    own?.notebook.edit("const a = 1;", "const b = a;");
    expect(await own?.notebook.value("b")).toBe(1);
    expect(await isPending(theirs?.notebook.value("b") as Promise<unknown>)).toBe(true);
  });

  test("and the old run is told by `signal`, which stock does not have", async () => {
    const source = "signal.addEventListener('abort', () => note('abort')); const a = n;";
    const [theirs, own] = onBoth(["const n = 1;", source]);
    await vi.waitFor(() => expect(theirs?.notebook.failure(2)).toMatch(/signal/));
    expect(await own?.notebook.value("a")).toBe(1);
    own?.notebook.edit("const n = 2;", source);
    await vi.waitFor(() => expect(own?.heard).toEqual(["abort"]));
  });

  test("and what the old run displays is dropped, where stock throws into it", async () => {
    const late = deferred<void>();
    const source =
      "const a = n; const again = late().then(() => { try { display(n); note('dropped'); } catch (e) { note(e.message); } });";
    const [theirs, own] = onBoth(["const n = 1;", source], { late: () => () => late.promise });
    for (const side of [theirs, own]) {
      expect(await side?.notebook.value("a")).toBe(1);
      side?.notebook.edit("const n = 2;", "const a = n; display('new');");
      await vi.waitFor(() => expect(side?.notebook.shown(2)).toEqual(['"new"']));
    }
    late.resolve();
    await vi.waitFor(() => expect(theirs?.heard).toEqual(["stale display"]));
    await vi.waitFor(() => expect(own?.heard).toEqual(["dropped"]));
    expect(own?.notebook.shown(2)).toEqual(['"new"']);
  });
});

describe("equal values stop the wave", () => {
  test("where stock runs every dependent again", async () => {
    const sources = (n: number): string[] => [
      `const n = ${n};`,
      "const odd = n % 2 === 1;",
      "note(odd);",
    ];
    const [theirs, own] = onBoth(sources(1));
    for (const side of [theirs, own]) {
      await vi.waitFor(() => expect(side?.heard).toEqual([true]));
      side?.notebook.edit(...sources(3));
      expect(await side?.notebook.value("n")).toBe(3);
    }
    await vi.waitFor(() => expect(theirs?.heard).toEqual([true, true]));
    expect(await own?.notebook.value("odd")).toBe(true);
    expect(own?.heard).toEqual([true]);
  });

  test("for each name, where stock runs the readers of every name of a cell", async () => {
    const [theirs, own] = onBoth(["const n = 1, fixed = 7;", "note(fixed);"]);
    for (const side of [theirs, own]) {
      await vi.waitFor(() => expect(side?.heard).toEqual([7]));
      side?.notebook.edit("const n = 2, fixed = 7;", "note(fixed);");
      expect(await side?.notebook.value("n")).toBe(2);
    }
    await vi.waitFor(() => expect(theirs?.heard).toEqual([7, 7]));
    expect(own?.heard).toEqual([7]);
  });

  test("of a generator, where stock passes each value on", async () => {
    const source = "const a = (function* () { yield 1; yield 1; yield 2; note('end'); })();";
    const [theirs, own] = onBoth([source, "note(a);"]);
    await vi.waitFor(() => expect(theirs?.heard).toEqual([1, 1, 2, "end"]));
    await vi.waitFor(() => expect(own?.heard).toContain("end"));
    expect(own?.heard.filter((value) => value === 1)).toEqual([1]);
  });

  test("of a mutable, where stock runs its readers at each assignment", async () => {
    const [theirs, own] = onBoth([
      modeCell(1, "ojs", "mutable a = 1"),
      modeCell(2, "ojs", "note(a)"),
      modeCell(3, "ojs", "put = (value) => mutable a = value"),
    ]);
    for (const side of [theirs, own]) {
      const put = (await side?.notebook.value("put")) as (value: number) => void;
      await vi.waitFor(() => expect(side?.heard).toEqual([1]));
      put(1);
      // stock takes it up in a later turn, and would pass over what is assigned again before
      if (side === theirs) await vi.waitFor(() => expect(side?.heard).toEqual([1, 1]));
      put(2);
      await vi.waitFor(() => expect(side?.heard.at(-1)).toBe(2));
    }
    expect(theirs?.heard).toEqual([1, 1, 2]);
    expect(own?.heard).toEqual([1, 2]);
  });

  test("also of code: comments and formatting run nothing, where every edit in stock does", async () => {
    const [theirs, own] = onBoth(["const a = note(1);"]);
    for (const side of [theirs, own]) {
      expect(await side?.notebook.value("a")).toBe(1);
      side?.notebook.edit("const a = note( 1 ) // one");
      expect(await side?.notebook.value("a")).toBe(1);
    }
    expect(theirs?.heard).toEqual([1, 1]);
    expect(own?.heard).toEqual([1]);
  });
});

describe("nothing waits for an animation frame", () => {
  test("where stock never settles without, as in a hidden tab", async () => {
    const held = globalThis.requestAnimationFrame;
    globalThis.requestAnimationFrame = () => 0;
    onTestFinished(() => void (globalThis.requestAnimationFrame = held));
    expect(await ours.open(["const a = 1;", "const b = a + 1;"]).value("b")).toBe(2);
    // a copy of its own, because stock takes the frame function as it is loaded
    const path = "../../node_modules/@observablehq/runtime/src/runtime.js?without-frames";
    const copy: unknown = await import(/* @vite-ignore */ new URL(path, import.meta.url).href);
    const module = new (copy as { Runtime: typeof Runtime }).Runtime().module();
    module.define("a", [], () => 1);
    expect(await isPending(module.value("a"))).toBe(true);
  });

  test("so generators are paced by the clock, where stock's run as fast as frames come", async () => {
    const source =
      "const a = (function* () { for (let i = 0; i < 7; i++) yield i; note('end'); })();";
    const ended: string[] = [];
    const builtins = (name: string) => ({ note: () => () => void ended.push(name) });
    const began = performance.now();
    ours.open([source], builtins("ours"));
    // Node has no frames: there stock takes one value in each turn of its loop
    stock.open([source], builtins("stock"));
    await vi.waitFor(() => expect(ended).toEqual(["stock", "ours"]));
    expect(performance.now() - began).toBeGreaterThan((6 * 1000) / 60);
  });
});

describe("names are strict", () => {
  test.each(["status", "length", "top", "event"])(
    "where stock gives what is on the window by accident: %s",
    async (name) => {
      const before = Object.getOwnPropertyDescriptor(globalThis, name);
      Object.defineProperty(globalThis, name, { value: "by accident", configurable: true });
      onTestFinished(() => {
        if (before === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, before);
      });
      const [theirs, own] = onBoth([`const a = ${name};`]);
      expect(await theirs?.notebook.value("a")).toBe("by accident");
      await expect(own?.notebook.value("a")).rejects.toThrow(`\`${name}\` is not defined`);
    },
  );

  test("and a missing one has its place and the nearest name, where stock has a message", async () => {
    const sources = ["const flights = 1;", "const b = 1;\nconst c = b + fligths;"];
    const theirs = stock.open(sources);
    await vi.waitFor(() => expect(theirs.failure(2)).toBe("fligths is not defined"));
    const status = await settled(...sources);
    expect(status(2).error).toMatchObject({
      code: "undefined-name",
      line: 2,
      column: 15,
      hint: "Did you mean `flights`?",
    });
  });
});

describe("errors keep their cause and their place", () => {
  const sources = ["const a = 1;\nthrow new TypeError('broken');", "const b = a;", "const c = b;"];

  test("line and column in the person's source, where stock has a stack of generated code", async () => {
    const status = await settled(...sources);
    expect(status(1).error).toMatchObject({
      name: "TypeError",
      message: "broken",
      line: 2,
      column: 7,
    });
  });

  test("readers are blocked, say by which cell and why, where stock's repeat the message", async () => {
    const theirs = stock.open(sources);
    await vi.waitFor(() => expect(theirs.failure(3)).toBe("broken"));
    const status = await settled(...sources);
    expect(status(2)).toMatchObject({
      state: "blocked",
      error: { message: "`a` failed: broken", blockedBy: { id: 1, name: "a" } },
    });
    expect(status(3)).toMatchObject({
      state: "blocked",
      error: { message: "`b` failed: `a` failed: broken", blockedBy: { id: 2, name: "b" } },
    });
    expect(status(3).error?.cause).toBeInstanceOf(TypeError);
  });

  test("a circle names the way round and its cells, where stock says that there is one", async () => {
    const circle = ["const a = b;", "const b = a;"];
    const theirs = stock.open(circle);
    await vi.waitFor(() => expect(theirs.failure(1)).toBe("circular definition"));
    const status = await settled(...circle);
    expect(status(1).error).toMatchObject({
      code: "cycle",
      message: "Circular definition: `b` → `a` → `b`, in cells 1 and 2",
    });
  });

  test("a value that is no error is said to be one, where stock has nothing to say", async () => {
    const theirs = stock.open(["const a = await Promise.reject(5);"]);
    await expect(theirs.value("a")).rejects.toThrow("cell 1 could not be resolved");
    const status = await settled("const a = await Promise.reject(5);");
    expect(status(1).error?.message).toBe("the cell threw 5, which is no Error");
  });

  test("a promise that fails after its cell is done fails the cell, where in stock nobody says so", async () => {
    const sources = ["const a = Promise.reject(new Error('broken'));"];
    const theirs = stock.open(sources);
    await expect(theirs.value("a")).rejects.toThrow("broken");
    expect(theirs.failure(1)).toBeUndefined();
    const status = await settled(...sources);
    expect(status(1)).toMatchObject({ state: "error", error: { message: "broken" } });
  });
});

describe("a name that is defined twice", () => {
  const sources = ["const a = 1, b = 10;", "const a = 2;", "const c = b;"];

  test("names every cell that defines it, where stock says that there is more than one", async () => {
    const theirs = stock.open([...sources, "const d = a;"]);
    await expect(theirs.value("a")).rejects.toThrow("a is defined more than once");
    expect(theirs.failure(1)).toBeUndefined();
    const status = await settled(...sources);
    for (const id of [1, 2])
      expect(status(id).error).toMatchObject({
        code: "duplicate-name",
        message: "`a` is defined more than once: in cells 1 and 2",
      });
  });

  test("keeps its cells from running at all, where stock runs them and gives their other names", async () => {
    expect(await stock.open(sources).value("c")).toBe(10);
    const status = await settled(...sources);
    expect(status(3)).toMatchObject({
      state: "blocked",
      error: { blockedBy: { id: 1, name: "b" } },
    });
  });
});

describe("cells run whether or not somebody looks", () => {
  test("where stock runs a variable only if it is observed", async () => {
    const runtime = new Runtime();
    onTestFinished(() => runtime.dispose());
    const ran: string[] = [];
    const module = runtime.module();
    module.define("a", [], () => void ran.push("stock"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ran).toEqual([]);
    const { workbook, ran: heard } = workbookOf(cells("ran('ours')"), { observer: {} });
    await workbook.settled();
    expect(heard).toEqual(["ours"]);
  });

  test("and have one state each, where stock tells pending, fulfilled and rejected", async () => {
    const status = await settled("const a = 1;", "const b = missing;", "const c = b;");
    expect([1, 2, 3].map((id) => status(id).state)).toEqual(["fresh", "error", "blocked"]);
  });

  test("and what is disabled is idle and blocks its readers, which stock does not know", async () => {
    const { workbook } = workbookOf(cells("const a = 1;", "const b = a;"));
    workbook.setDisabled(1, true);
    await workbook.settled();
    expect(workbook.status(1)).toMatchObject({ state: "idle", disabled: true });
    expect(workbook.status(2)).toMatchObject({ state: "blocked", error: { blockedBy: { id: 1 } } });
  });
});

describe("an input is told from what is none", () => {
  test("`view` says what it needs, where stock fails on a method", async () => {
    const [theirs, own] = onBoth(["const a = view(5);"]);
    await expect(theirs?.notebook.value("a")).rejects.toThrow(
      /addEventListener is not a function|not/,
    );
    await expect(own?.notebook.value("a")).rejects.toThrow(
      "view needs an input element or a stage, not a number",
    );
  });
});

describe("what is known comes back without a run", () => {
  test("where stock runs again when an edit is undone", async () => {
    const sources = (n: number): string[] => [`const n = ${n};`, "const a = note(n) * 10;"];
    const [theirs, own] = onBoth(sources(1));
    for (const side of [theirs, own])
      for (const n of [1, 2, 1]) {
        side?.notebook.edit(...sources(n));
        await vi.waitFor(async () => expect(await side?.notebook.value("a")).toBe(n * 10));
      }
    expect(theirs?.heard).toEqual([1, 2, 1]);
    expect(own?.heard).toEqual([1, 2]);
  });

  test("and a cell can wait for a person, where every cell of stock runs by itself", async () => {
    const sources = [cell(1, "note('ran');", { policy: "manual" })];
    const [theirs, own] = onBoth(sources);
    await vi.waitFor(() => expect(theirs?.heard).toEqual(["ran"]));
    expect(own?.heard).toEqual([]);
    const { workbook } = workbookOf([cell(1, "1", { policy: "manual" })]);
    await workbook.settled();
    expect(workbook.status(1)?.state).toBe("idle");
  });
});
