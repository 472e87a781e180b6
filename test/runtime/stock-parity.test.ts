import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { installDom, type HeadlessDom } from "../../server/headless/dom.ts";
import { cell, deferred, modeCell } from "./open-workbook.ts";
import { sides } from "./side-by-side.ts";

// What Observable's runtime and notebooks promise and we keep: each contract holds on both sides.

let dom: HeadlessDom;
beforeAll(() => void (dom = installDom()));
afterAll(() => dom.close());

/** A builtin function, which notes what cells pass to it. */
function noted(): { readonly heard: unknown[]; readonly builtins: Record<string, () => unknown> } {
  const heard: unknown[] = [];
  return { heard, builtins: { note: () => (value: unknown) => (heard.push(value), value) } };
}

describe.each(sides)("in $name, values", ({ open }) => {
  test("that are promises are awaited from cell to cell, not within one", async () => {
    const notebook = open([
      "const a = Promise.resolve(1), same = a instanceof Promise;",
      "const b = a + 1;",
    ]);
    expect(await notebook.value("b")).toBe(2);
    expect(await notebook.value("same")).toBe(true);
  });

  test("reach their readers in any order of the cells", async () => {
    const notebook = open(["const c = a + b;", "const b = a + 1;", "const a = 1;"]);
    expect(await notebook.value("c")).toBe(3);
  });

  test("of several names of one cell come together", async () => {
    const notebook = open([
      "const a = 1, b = a + 1; function c() { return a + b; }",
      "const d = c();",
    ]);
    expect(await Promise.all(["a", "b", "d"].map((name) => notebook.value(name)))).toEqual([
      1, 2, 3,
    ]);
  });

  test("of cells that wait come in the order of the graph, cells that need not wait at once", async () => {
    const { heard, builtins } = noted();
    const slow = deferred<number>();
    const notebook = open(
      ["const a = await slow(); note('a');", "const b = 1; note('b');", "note(`c${a + b}`);"],
      { ...builtins, slow: () => () => slow.promise },
    );
    await vi.waitFor(() => expect(heard).toEqual(["b"]));
    slow.resolve(1);
    await notebook.value("a");
    await vi.waitFor(() => expect(heard).toEqual(["b", "a", "c2"]));
  });

  test("are the newest: edits while a cell waits come to the last of them", async () => {
    const { heard, builtins } = noted();
    const slow = deferred<void>();
    const reader = "await slow(); note(n); const m = n;";
    const notebook = open(["const n = 1;", reader], {
      ...builtins,
      slow: () => () => slow.promise,
    });
    await notebook.value("n");
    for (const n of [2, 3, 4]) {
      notebook.edit(`const n = ${n};`, reader);
      await notebook.value("n");
    }
    slow.resolve();
    await vi.waitFor(async () => expect(await notebook.value("m")).toBe(4));
    expect(heard.at(-1)).toBe(4);
  });

  test("that are undefined, null or NaN are values", async () => {
    const notebook = open(["const a = undefined, b = null, c = NaN;", "const d = [a, b, c];"]);
    expect(await notebook.value("d")).toEqual([undefined, null, NaN]);
  });

  test("are kept as `this` from run to run, and forgotten when the code changes", async () => {
    const { heard, builtins } = noted();
    const counter = modeCell(2, "ojs", "count = { note([n, this]); return (this ?? 0) + 1; }");
    const notebook = open(["const n = 1;", counter], builtins);
    expect(await notebook.value("count")).toBe(1);
    notebook.edit("const n = 2;", counter);
    await vi.waitFor(() =>
      expect(heard).toEqual([
        [1, undefined],
        [2, 1],
      ]),
    );
    expect(await notebook.value("count")).toBe(2);
    const other = modeCell(2, "ojs", "count = { note([n, this]); return (this ?? 10) + 1; }");
    notebook.edit("const n = 2;", other);
    await vi.waitFor(() => expect(heard.at(-1)).toEqual([2, undefined]));
    expect(await notebook.value("count")).toBe(11);
  });

  test("of a name that nobody defines are refused", async () => {
    await expect(open(["const a = 1;"]).value("b")).rejects.toThrow(/b.* is not defined/);
  });
});

describe.each(sides)("in $name, generators", ({ open }) => {
  test.each([
    ["function*", "const a = (function* () { yield 1; yield 2; yield 3; })();"],
    ["async function*", "const a = (async function* () { yield 1; yield 2; yield 3; })();"],
    [
      "promises in a function*",
      "const a = (function* () { for (const i of [1, 2, 3]) yield Promise.resolve(i); })();",
    ],
  ])("give each value in turn: %s", async (_kind, source) => {
    const { heard, builtins } = noted();
    const notebook = open([source, "note(a);"], builtins);
    await vi.waitFor(() => expect(heard).toEqual([1, 2, 3]));
    expect(await notebook.value("a")).toBe(3);
  });

  test("learn what they yielded from `yield` itself", async () => {
    const { heard, builtins } = noted();
    open(["const a = (function* () { note(yield 1); note(yield 2); })();"], builtins);
    await vi.waitFor(() => expect(heard).toEqual([1, 2]));
  });

  test("are returned when their cell goes", async () => {
    const { heard, builtins } = noted();
    const source =
      "const a = (function* () { try { for (;;) yield 1; } finally { note('returned'); } })();";
    const notebook = open([source], builtins);
    expect(await notebook.value("a")).toBe(1);
    expect(heard).toEqual([]);
    notebook.edit();
    await vi.waitFor(() => expect(heard).toEqual(["returned"]));
  });

  test("are returned when what they read changes, and started anew", async () => {
    const { heard, builtins } = noted();
    const source =
      "const a = (function* () { try { for (;;) yield n; } finally { note(`returned ${n}`); } })();";
    const notebook = open(["const n = 1;", source], builtins);
    expect(await notebook.value("a")).toBe(1);
    notebook.edit("const n = 2;", source);
    await vi.waitFor(async () => expect(await notebook.value("a")).toBe(2));
    expect(heard).toEqual(["returned 1"]);
  });

  test("that end keep their last value", async () => {
    const notebook = open(["const a = (function* () { yield 1; return 9; })();", "const b = a;"]);
    expect(await notebook.value("b")).toBe(1);
    await vi.waitFor(async () => expect(await notebook.value("a")).toBe(1));
  });

  test("that fail later fail their cell and its readers", async () => {
    const notebook = open([
      "const a = (function* () { yield 1; throw new Error('broken'); })();",
      "const b = a;",
    ]);
    await vi.waitFor(() => expect(notebook.failure(2)).toMatch(/broken|a /));
    await expect(notebook.value("a")).rejects.toThrow("broken");
  });
});

describe.each(sides)("in $name, `invalidation`", ({ open }) => {
  test("resolves when the cell runs anew, and when it goes", async () => {
    const { heard, builtins } = noted();
    const source = "invalidation.then(() => note(`over ${n}`)); const a = n;";
    const notebook = open(["const n = 1;", source], builtins);
    expect(await notebook.value("a")).toBe(1);
    notebook.edit("const n = 2;", source);
    await vi.waitFor(() => expect(heard).toEqual(["over 1"]));
    expect(await notebook.value("a")).toBe(2);
    notebook.edit("const n = 2;");
    await vi.waitFor(() => expect(heard).toEqual(["over 1", "over 2"]));
  });
});

describe.each(sides)("in $name, disposing", ({ open }) => {
  test("ends runs and generators, and nothing runs after it", async () => {
    const { heard, builtins } = noted();
    const element = input(1);
    const notebook = open(
      [
        "invalidation.then(() => note('over')); const a = 1;",
        "const b = (function* () { try { for (;;) yield a; } finally { note('returned'); } })();",
        "const c = view(element);",
        "note(c);",
      ],
      { ...builtins, element: () => element },
    );
    expect([await notebook.value("b"), await notebook.value("c")]).toEqual([1, 1]);
    await vi.waitFor(() => expect(heard).toEqual([1]));
    notebook.dispose();
    await vi.waitFor(() => expect(heard.toSorted()).toEqual([1, "over", "returned"]));
    change(element, 2);
    await new Promise((resolve) => setTimeout(resolve));
    expect(heard).not.toContain(2);
  });
});

describe.each(sides)("in $name, names", ({ open }) => {
  test("that are defined twice fail both cells and their readers, until one goes", async () => {
    const [one, two, three] = ["const a = 1;", "const a = 2;", "const b = a + 1;"];
    const notebook = open([one ?? "", cell(2, two ?? ""), cell(3, three ?? "")]);
    await vi.waitFor(() => expect(notebook.failure(3)).toMatch(/more than once/));
    notebook.edit(cell(1, one ?? ""), cell(3, three ?? ""));
    expect(await notebook.value("b")).toBe(2);
  });

  test("that a cell gives up are missed by their readers, until another cell takes them", async () => {
    const notebook = open(["const a = 1;", "const b = a + 1;"]);
    expect(await notebook.value("b")).toBe(2);
    notebook.edit("const z = 1;", "const b = a + 1;");
    await vi.waitFor(() => expect(notebook.failure(2)).toMatch(/a.* is not defined/));
    notebook.edit("const z = 1;", "const b = a + 1;", "const a = z + 1;");
    expect(await notebook.value("b")).toBe(3);
  });

  test("that change places lead their readers to the cells that define them now", async () => {
    const notebook = open(["const a = 1;", "const b = 2;", "const c = [a, b];"]);
    expect(await notebook.value("c")).toEqual([1, 2]);
    notebook.edit("const b = 1;", "const a = 2;", "const c = [a, b];");
    expect(await notebook.value("c")).toEqual([2, 1]);
  });

  test("in a circle fail every cell of it and its readers, until it is broken", async () => {
    const notebook = open(["const a = b;", "const b = a;", "const c = a;", "const d = 1;"]);
    await vi.waitFor(() => {
      expect(notebook.failure(1)).toMatch(/circular definition/i);
      expect(notebook.failure(2)).toMatch(/circular definition/i);
      expect(notebook.failure(3)).toMatch(/circular definition/i);
    });
    expect(await notebook.value("d")).toBe(1);
    notebook.edit("const a = 5;", "const b = a;", "const c = a;", "const d = 1;");
    expect(await notebook.value("c")).toBe(5);
    expect(await notebook.value("b")).toBe(5);
  });

  test("of builtins are made once, when a cell first reads them", async () => {
    const { heard, builtins } = noted();
    const made = (name: string) => () => (heard.push(name), name);
    const notebook = open(["const a = used;", "const b = used;"], {
      ...builtins,
      used: made("used"),
      unused: made("unused"),
    });
    expect([await notebook.value("a"), await notebook.value("b")]).toEqual(["used", "used"]);
    expect(heard).toEqual(["used"]);
  });

  test("of cells come before those of builtins and globals", async () => {
    const notebook = open(
      [
        "const gadget = 'cell', structuredClone = 'cell too';",
        "const a = [gadget, structuredClone];",
      ],
      {
        gadget: () => "builtin",
      },
    );
    expect(await notebook.value("a")).toEqual(["cell", "cell too"]);
  });

  test("of builtins come before those of globals", async () => {
    const notebook = open(["const a = structuredClone;"], { structuredClone: () => "builtin" });
    expect(await notebook.value("a")).toBe("builtin");
  });

  test("of builtins may be promises and generators too", async () => {
    const notebook = open(["const a = [later, ticks];"], {
      later: () => Promise.resolve(1),
      ticks: function* () {
        yield 2;
      },
    });
    expect(await notebook.value("a")).toEqual([1, 2]);
  });

  test.each(["globalThis", "structuredClone", "AbortController", "console", "crypto"])(
    "of globals are there without being defined: %s",
    async (name) => {
      expect(await open([`const a = ${name};`]).value("a")).toBe(Reflect.get(globalThis, name));
    },
  );
});

describe.each(sides)("in $name, errors", ({ open }) => {
  test.each([
    ["thrown", "const a = 1; throw new Error('broken');"],
    ["rejected", "const a = await Promise.reject(new Error('broken'));"],
    ["of an exported promise", "const a = Promise.reject(new Error('broken'));"],
    ["of a generator", "const a = (function* () { throw new Error('broken'); })();"],
  ])("reach who reads the name, and are gone when the cell is mended: %s", async (_how, source) => {
    const notebook = open([source, "const b = a;"]);
    await expect(notebook.value("a")).rejects.toThrow("broken");
    await expect(notebook.value("b")).rejects.toThrow(/./);
    notebook.edit("const a = 1;", "const b = a;");
    expect(await notebook.value("b")).toBe(1);
    await vi.waitFor(() => expect(notebook.failure(2)).toBeUndefined());
  });

  test("of one cell leave others alone", async () => {
    const notebook = open(["throw new Error('broken');", "const a = 1;"]);
    expect(await notebook.value("a")).toBe(1);
  });
});

describe.each(sides)("in $name, what is shown", ({ open }) => {
  test("is an expression's value; display appends; a program shows nothing by itself", async () => {
    const notebook = open(["1 + 1", "display('a'); display('b');", "const c = 3;"]);
    await notebook.value("c");
    await vi.waitFor(() => {
      expect(notebook.shown(1)).toEqual(["2"]);
      expect(notebook.shown(2)).toEqual(['"a"', '"b"']);
      expect(notebook.shown(3)).toEqual([]);
    });
  });

  test("is replaced by what the next run shows", async () => {
    const notebook = open(["const n = 1;", "display(n); display(n + 1);", "n"]);
    await vi.waitFor(() => expect(notebook.shown(2)).toEqual(["1", "2"]));
    notebook.edit("const n = 5;", "display(n); display(n + 1);", "n");
    await vi.waitFor(() => {
      expect(notebook.shown(2)).toEqual(["5", "6"]);
      expect(notebook.shown(3)).toEqual(["5"]);
    });
  });

  test("is not what a hidden cell comes to; what it displays is", async () => {
    const notebook = open([
      cell(1, "1 + 1", { hidden: true }),
      cell(2, "display('a');", { hidden: true }),
      "const c = 3;",
    ]);
    await vi.waitFor(() => expect(notebook.shown(2)).toEqual(['"a"']));
    expect(notebook.shown(1)).toEqual([]);
  });

  test("is what a promise or a generator that an expression gives comes to", async () => {
    const notebook = open(["Promise.resolve(7)", "(function* () { yield 1; yield 2; })()"]);
    await vi.waitFor(() => {
      expect(notebook.shown(1)).toEqual(["7"]);
      expect(notebook.shown(2)).toEqual(["2"]);
    });
  });

  test("by display gives the value back", async () => {
    expect(await open(["const a = display(3) + 1;"]).value("a")).toBe(4);
  });
});

/** Something with a value that tells when it changes, as an input element does. */
function input(value: unknown): HTMLElement {
  return Object.assign(document.createElement("div"), { value });
}

function change(element: HTMLElement, value: unknown): void {
  Object.assign(element, { value });
  element.dispatchEvent(new Event("input"));
}

describe.each(sides)("in $name, inputs", ({ open }) => {
  test("that `view` shows give their value now and at each change", async () => {
    const { heard, builtins } = noted();
    const element = input(1);
    const notebook = open(["const a = view(element);", "note(a);"], {
      ...builtins,
      element: () => element,
    });
    await vi.waitFor(() => expect(heard).toEqual([1]));
    change(element, 2);
    await vi.waitFor(() => expect(heard).toEqual([1, 2]));
    expect(await notebook.value("a")).toBe(2);
  });

  test("that `viewof` names give their value by the name, and themselves by `viewof`", async () => {
    const element = input(1);
    const notebook = open(
      [
        modeCell(1, "ojs", "viewof a = element"),
        modeCell(2, "ojs", "b = a + 1"),
        modeCell(3, "ojs", "c = viewof a === element"),
        "const d = viewof$a === element;",
      ],
      { element: () => element },
    );
    expect(await notebook.value("b")).toBe(2);
    expect([await notebook.value("c"), await notebook.value("d")]).toEqual([true, true]);
    change(element, 5);
    await vi.waitFor(async () => expect(await notebook.value("b")).toBe(6));
  });

  test("that are `mutable` are changed by any cell, and their readers run again", async () => {
    const { heard, builtins } = noted();
    const notebook = open(
      [
        modeCell(1, "ojs", "mutable a = 1"),
        modeCell(2, "ojs", "b = note(a)"),
        modeCell(3, "ojs", "add = () => ++mutable a"),
      ],
      builtins,
    );
    expect(await notebook.value("b")).toBe(1);
    const add = (await notebook.value("add")) as () => void;
    add();
    await vi.waitFor(() => expect(heard).toEqual([1, 2]));
    add();
    await vi.waitFor(() => expect(heard).toEqual([1, 2, 3]));
    expect(await notebook.value("a")).toBe(3);
  });
});
