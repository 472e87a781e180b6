import { Runtime } from "@observablehq/runtime";
import { expect, test } from "vitest";
import { cell, cells, deferred, modeCell, open, until } from "./open-workbook.ts";
import { TestStage } from "./test-stage.ts";

test("a cell's names are values for the cells that read them, in any order", async () => {
  const { workbook } = open(cells("const c = a + b", "const a = 1, b = 2"));
  expect(await workbook.value("c")).toBe(3);
  workbook.dispose();
});

test("promises and generators are unwrapped from cell to cell", async () => {
  const { workbook } = open(
    cells(
      "const a = Promise.resolve(20)",
      "function* g() { yield 1; yield 2; }\nconst b = g()",
      "const c = (async function* () { yield a + 1; })()",
      "const d = b + c",
    ),
  );
  await workbook.settled();
  await until(() => workbook.status(4)?.runs === 2);
  expect(await workbook.value("d")).toBe(23);
  workbook.dispose();
});

test("an expression displays itself; display appends; a rerun clears what was shown", async () => {
  const { workbook, shown } = open(cells("1 + 1", "display('x'); display('y');", "const n = 3"));
  await workbook.settled();
  expect(shown.get(1)).toEqual([2]);
  expect(shown.get(2)).toEqual(["x", "y"]);
  expect(shown.get(3)).toEqual([]);
  workbook.setCells(cells("1 + 1", "display('z');", "const n = 3"));
  await workbook.settled();
  expect(shown.get(2)).toEqual(["z"]);
  workbook.dispose();
});

test("an edit runs the edited cell and what reads it, and nothing else", async () => {
  const sources = [
    "const a = ran('a', 1)",
    "const b = ran('b', a + 1)",
    "const c = ran('c', b + 1)",
    "const x = ran('x', 5)",
  ] as const;
  const { workbook, ran } = open(cells(...sources));
  await workbook.settled();
  ran.length = 0;
  workbook.setCells(cells(sources[0], "const b = ran('b', a + 10)", sources[2], sources[3]));
  await workbook.settled();
  expect(ran).toEqual(["b", "c"]);
  expect(await workbook.value("c")).toBe(12);
  workbook.dispose();
});

test("an edit of comments and formatting runs nothing", async () => {
  const { workbook, ran } = open(cells("const a = ran('a', 1)"));
  await workbook.settled();
  workbook.setCells(cells("// one\nconst a = ran( 'a',   1 );"));
  await workbook.settled();
  expect(ran).toEqual(["a"]);
  workbook.dispose();
});

test("equal values stop the wave, where the stock runtime runs every dependent", async () => {
  const dependents = Array.from(
    { length: 1000 },
    (_, i) => `const d${i} = ran('d', parity + ${i})`,
  );
  const sources = (n: number): string[] => [
    `const n = ran('n', ${n})`,
    "const parity = ran('parity', {odd: n % 2 === 1}).odd ? 1 : 0",
    ...dependents,
  ];
  const { workbook, ran } = open(cells(...sources(1)));
  await workbook.settled();
  expect(ran).toHaveLength(1002);
  ran.length = 0;
  workbook.setCells(cells(...sources(3)));
  await workbook.settled();
  expect(ran).toEqual(["n", "parity"]);
  workbook.dispose();

  const stock = new Runtime({});
  const module = stock.module();
  const n = module.variable().define("n", [], () => 1);
  module.define("parity", ["n"], ((value: number) => value % 2) as never);
  let bodies = 0;
  for (let i = 0; i < 1000; i++)
    module.variable(true).define(`d${i}`, ["parity"], ((parity: number) => {
      bodies++;
      return parity + i;
    }) as never);
  await module.value("d999");
  bodies = 0;
  n.define("n", [], () => 3);
  await module.value("d999");
  expect(bodies).toBe(1000);
  stock.dispose();
});

test("equal JSON is an equal value, though it is another object", async () => {
  const { workbook, ran } = open(cells("const n = 1", "const o = {a: [n > 0]}", "ran('r', o)"));
  await workbook.settled();
  workbook.setCells(cells("const n = 2", "const o = {a: [n > 0]}", "ran('r', o)"));
  await workbook.settled();
  expect(ran).toEqual(["r"]);
  workbook.dispose();
});

test("a generator that yields the same changed object gives a new value each time", async () => {
  const { workbook, shown } = open(
    cells(
      "const m = (function* () { const m = new Map(); for (let i = 1; i < 4; i++) yield m.set('i', i); })()",
      "m.get('i')",
    ),
  );
  await until(() => shown.get(2)?.[0] === 3);
  workbook.dispose();
});

test("a rerun starts at once, where the stock runtime waits for the run before", async () => {
  const first = deferred<string>();
  const builtins = { first: () => () => first.promise };
  const { workbook } = open(cells("const a = first()"), { builtins });
  await until(() => workbook.status(1)?.state === "running");
  workbook.setCells(cells("const a = 'second'"));
  expect(await workbook.value("a")).toBe("second");
  first.resolve("first");
  await workbook.settled();
  expect(await workbook.value("a")).toBe("second");
  workbook.dispose();

  const slow = deferred<string>();
  const stock = new Runtime({});
  const module = stock.module();
  let begun = false;
  const a = module.variable(true).define("a", [], () => ((begun = true), slow.promise));
  await until(() => begun);
  a.define("a", [], () => "second");
  const value = module.value("a");
  expect(await within(value, 50)).toBe("still waiting");
  slow.resolve("first");
  expect(await value).toBe("second");
  stock.dispose();
});

test("a body that never settles blocks nobody but what reads it, and can be replaced", async () => {
  const { workbook, shown } = open(
    cells("const a = new Promise(() => {})", "a", "const b = 1", "b + 1"),
  );
  await until(() => shown.get(4)?.[0] === 2);
  expect(workbook.status(1)?.state).toBe("running");
  expect(workbook.status(2)?.state).toBe("queued");
  workbook.setCells(cells("const a = 5", "a", "const b = 1", "b + 1"));
  await workbook.settled();
  expect(shown.get(2)).toEqual([5]);
  workbook.dispose();

  const stock = new Runtime({});
  const module = stock.module();
  let begun = false;
  const a = module
    .variable(true)
    .define("a", [], () => ((begun = true), new Promise(() => undefined)));
  module.variable(true).define("reader", ["a"], ((value: number) => value) as never);
  await until(() => begun);
  a.define("a", [], () => 5);
  expect(await within(module.value("reader"), 50)).toBe("still waiting");
  stock.dispose();
});

test("nothing waits for an animation frame, where the stock runtime never settles without", async () => {
  const held = globalThis.requestAnimationFrame;
  // a hidden tab: frames are asked for and never come
  globalThis.requestAnimationFrame = () => 0;
  try {
    const { workbook } = open(cells("const a = 1", "const b = a + 1"));
    expect(await workbook.value("b")).toBe(2);
    workbook.dispose();

    // a copy of its own, because stock takes the frame function as it is loaded
    const source = "../../node_modules/@observablehq/runtime/src/runtime.js?hidden";
    const { Runtime: HiddenRuntime } = (await import(
      /* @vite-ignore */ new URL(source, import.meta.url).href
    )) as { Runtime: typeof Runtime };
    const stock = new HiddenRuntime({});
    const module = stock.module();
    module.define("a", [], () => 1);
    expect(await within(module.value("a"), 50)).toBe("still waiting");
  } finally {
    globalThis.requestAnimationFrame = held;
  }
});

test("a replaced run is told: its signal fires, invalidation resolves, late displays are dropped", async () => {
  const heard: string[] = [];
  const late = deferred<void>();
  const builtins = { heard: () => heard, late: () => () => late.promise };
  const { workbook, shown } = open(
    cells(
      "signal.addEventListener('abort', () => heard.push('abort')); invalidation.then(() => heard.push('invalidated')); await late(); display('old');",
    ),
    { builtins },
  );
  await until(() => workbook.status(1)?.state === "running");
  workbook.setCells(cells("display('new');"));
  await workbook.settled();
  late.resolve();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(heard).toEqual(["abort", "invalidated"]);
  expect(shown.get(1)).toEqual(["new"]);
  workbook.dispose();
});

test("a run is kept, also while it runs, when what it reads comes out equal", async () => {
  const slow = deferred<string>();
  const heard: string[] = [];
  const { workbook, shown } = open(
    cells(
      "const n = 1",
      "const sign = Math.sign(n)",
      "invalidation.then(() => heard.push('gone')); display(await slow(sign));",
    ),
    { builtins: { slow: () => () => slow.promise, heard: () => heard } },
  );
  await until(() => workbook.status(3)?.state === "running");
  workbook.setCells(
    cells(
      "const n = 7",
      "const sign = Math.sign(n)",
      "invalidation.then(() => heard.push('gone')); display(await slow(sign));",
    ),
  );
  await until(
    () => workbook.status(2)?.state === "fresh" && workbook.status(3)?.state === "running",
  );
  slow.resolve("done");
  await workbook.settled();
  expect(workbook.status(3)?.runs).toBe(1);
  expect(heard).toEqual([]);
  expect(shown.get(3)).toEqual(["done"]);
  workbook.dispose();
});

test("an undefined name is an error with its place and the nearest name", async () => {
  const { workbook } = open(cells("const flights = 1", "const x = 1;\nfligths + x"));
  await workbook.settled();
  expect(workbook.status(2)).toMatchObject({
    state: "error",
    error: { code: "undefined-name", line: 2, column: 1, hint: "Did you mean `flights`?" },
  });
  workbook.dispose();
});

test("names that are on the window by accident are errors, where the stock runtime gives them", async () => {
  Object.assign(globalThis, { status: "on the window" });
  const { workbook } = open(cells("status", "name", "globalThis.status"));
  await workbook.settled();
  expect(workbook.status(1)?.error?.code).toBe("undefined-name");
  expect(workbook.status(2)?.error?.code).toBe("undefined-name");
  expect(workbook.status(3)?.state).toBe("fresh");
  workbook.dispose();

  const stock = new Runtime({});
  const module = stock.module();
  module.define("shown", ["status"], ((value: string) => value) as never);
  expect(await module.value("shown")).toBe("on the window");
  stock.dispose();
});

test("defining a missing name heals the cells that read it", async () => {
  const { workbook } = open(cells("const b = a + 1"));
  await workbook.settled();
  expect(workbook.status(1)?.state).toBe("error");
  workbook.setCells(cells("const b = a + 1", "const a = 1"));
  expect(await workbook.value("b")).toBe(2);
  workbook.dispose();
});

test("a rename repoints what reads the name", async () => {
  const { workbook } = open(cells("const a = 1", "const b = 2", "const c = b * 10"));
  await workbook.settled();
  workbook.setCells(cells("const b = 1", "const a = 2", "const c = b * 10"));
  expect(await workbook.value("c")).toBe(10);
  expect(await workbook.value("a")).toBe(2);
  workbook.dispose();
});

test("two definitions of a name are errors that name both places, until one goes", async () => {
  const { workbook } = open(cells("const a = 1", "const a = 2", "a"));
  await workbook.settled();
  for (const id of [1, 2])
    expect(workbook.status(id)?.error).toMatchObject({
      code: "duplicate-name",
      message: "`a` is defined more than once: in cells 1 and 2",
    });
  expect(workbook.status(3)?.state).toBe("blocked");
  workbook.setCells([cell(2, "const a = 2"), cell(3, "a")]);
  await workbook.settled();
  expect(workbook.statuses().map(({ state }) => state)).toEqual(["fresh", "fresh"]);
  workbook.dispose();
});

test("a circle is an error that names the way round, and heals when it is broken", async () => {
  const { workbook } = open(cells("const a = b + 1", "const b = c + 1", "const c = a + 1", "a"));
  await workbook.settled();
  expect(workbook.status(1)?.error).toMatchObject({
    code: "cycle",
    message: "Circular definition: `b` → `c` → `a` → `b`, in cells 1, 2 and 3",
  });
  expect(workbook.status(4)?.state).toBe("blocked");
  workbook.setCells(cells("const a = b + 1", "const b = c + 1", "const c = 1", "a"));
  await workbook.settled();
  expect(await workbook.value("a")).toBe(3);
  workbook.dispose();
});

test("dependents of a failed cell are blocked, say by which cell, and keep the cause", async () => {
  const { workbook } = open(
    cells(
      "const features = (() => { throw new TypeError('no rows') })()",
      "const model = features",
      "model",
    ),
  );
  await workbook.settled();
  expect(workbook.status(1)).toMatchObject({
    state: "error",
    error: { name: "TypeError", line: 1 },
  });
  expect(workbook.status(2)).toMatchObject({
    state: "blocked",
    error: { blockedBy: { id: 1, name: "features" }, message: "`features` failed: no rows" },
  });
  expect(workbook.status(3)?.error?.message).toBe("`model` failed: `features` failed: no rows");
  expect(workbook.status(3)?.error?.cause).toBeInstanceOf(TypeError);
  workbook.dispose();

  const stock = new Runtime({});
  const module = stock.module();
  module.define("features", [], () => {
    throw new TypeError("no rows");
  });
  module.define("model", ["features"], ((features: unknown) => features) as never);
  const error: unknown = await module.value("model").catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(TypeError);
  expect((error as Error).cause).toBeUndefined();
  stock.dispose();
});

test("a failed cell that is mended frees what it blocked", async () => {
  const { workbook } = open(cells("const a = null.x", "const b = a + 1"));
  await workbook.settled();
  expect(workbook.status(2)?.state).toBe("blocked");
  workbook.setCells(cells("const a = 1", "const b = a + 1"));
  await workbook.settled();
  expect(workbook.statuses().map(({ state }) => state)).toEqual(["fresh", "fresh"]);
  workbook.dispose();
});

test("a cell that fails keeps what this run displayed, and nothing of an earlier one", async () => {
  const { workbook, shown } = open(cells("display('old')"));
  await workbook.settled();
  expect(shown.get(1)).toEqual(["old"]);
  workbook.setCells(cells("display('new'); null.x"));
  await workbook.settled();
  expect(shown.get(1)).toEqual(["new"]);
  workbook.setCells(cells("null.x; display('never')"));
  await workbook.settled();
  expect(shown.get(1)).toEqual([]);
  workbook.setCells(cells("display('mended')"));
  await workbook.settled();
  workbook.setCells(cells("display('mended'"));
  await workbook.settled();
  expect(shown.get(1)).toEqual([]);
  workbook.dispose();
});

test("an error of a later value of a generator reaches its cell and its readers", async () => {
  const { workbook } = open(
    cells("const g = (function* () { yield 1; throw new Error('ran dry'); })()", "g"),
  );
  await until(() => workbook.status(1)?.state === "error");
  await until(() => workbook.status(2)?.state === "blocked");
  expect(workbook.status(2)?.error?.message).toBe("`g` failed: ran dry");
  workbook.dispose();
});

test("cancelling stops a body's signal and makes the cell an error that says so", async () => {
  const heard: string[] = [];
  const { workbook } = open(
    cells(
      "const a = await new Promise(() => signal.addEventListener('abort', () => heard.push('abort')))",
      "a",
    ),
    { builtins: { heard: () => heard } },
  );
  await until(() => workbook.status(1)?.state === "running");
  workbook.cancel(1);
  await workbook.settled();
  expect(heard).toEqual(["abort"]);
  expect(workbook.status(1)).toMatchObject({ state: "error", error: { code: "cancelled" } });
  expect(workbook.status(2)?.state).toBe("blocked");
  workbook.run(1);
  await until(() => workbook.status(1)?.state === "running");
  workbook.dispose();
});

test("a disabled cell does not run, and what reads it is blocked, until it is enabled", async () => {
  const { workbook, ran } = open(cells("const a = ran('a', 1)", "const b = a"));
  workbook.setDisabled(1, true);
  await workbook.settled();
  expect(ran).toEqual([]);
  expect(workbook.status(1)).toMatchObject({ state: "idle", disabled: true });
  expect(workbook.status(2)).toMatchObject({ state: "blocked", error: { blockedBy: { id: 1 } } });
  workbook.setDisabled(1, false);
  expect(await workbook.value("b")).toBe(1);
  workbook.dispose();
});

test("run runs a cell again though nothing changed", async () => {
  const { workbook, ran } = open(cells("const a = ran('a', {})", "ran('b', a)"));
  await workbook.settled();
  workbook.run(1);
  await workbook.settled();
  expect(ran).toEqual(["a", "b", "a"]);
  workbook.dispose();
});

test("view shows an input and gives its value, then each new one", async () => {
  const input = new EventTarget() as EventTarget & { value: number };
  input.value = 1;
  const { workbook, shown, ran } = open(cells("const x = view(input)", "ran('r', x * 10)"), {
    builtins: { input: () => input },
  });
  await workbook.settled();
  expect(shown.get(1)).toEqual([input]);
  expect(shown.get(2)).toEqual([10]);
  input.value = 4;
  input.dispatchEvent(new Event("input"));
  await until(() => shown.get(2)?.[0] === 40);
  input.dispatchEvent(new Event("input"));
  await workbook.settled();
  expect(ran).toEqual(["r", "r"]);
  expect(workbook.status(1)?.runs).toBe(1);
  workbook.dispose();
});

test("view of what has no value says what it needs", async () => {
  const { workbook } = open(cells("const x = view(3)"));
  await workbook.settled();
  expect(workbook.status(1)?.error).toMatchObject({
    code: "not-an-input",
    message: "view needs an input element or a stage, not a number",
  });
  workbook.dispose();
});

test("a stage redraws its card in one slot, and its cell runs until it ends", async () => {
  const stage = new TestStage();
  const { workbook, shown } = open(cells("const run = view(stage)", "run.step"), {
    builtins: { stage: () => stage },
  });
  await until(() => stage.isStarted);
  stage.tell({ card: "one", value: { step: 1 } });
  await until(() => shown.get(2)?.[0] === 1);
  expect(workbook.status(1)?.state).toBe("running");
  stage.tell({ card: "two", value: { step: 2 } });
  await until(() => shown.get(2)?.[0] === 2);
  expect(shown.get(1)).toEqual(["two"]);
  stage.end();
  await workbook.settled();
  expect(workbook.statuses().map(({ state }) => state)).toEqual(["fresh", "fresh"]);
  expect(workbook.status(1)?.runs).toBe(1);
  workbook.dispose();
});

test("a stage that waits for a person is idle or stale, and so is what reads it", async () => {
  const stages = [new TestStage(), new TestStage()];
  const builtins = { stages: () => stages };
  const { workbook, shown } = open(cells("const n = 0", "const run = view(stages[n])", "run"), {
    builtins,
  });
  await until(() => stages[0]?.isStarted === true);
  stages[0]?.tell({ card: "wait", waitsFor: "start it" });
  await workbook.settled();
  expect(workbook.status(2)).toMatchObject({ state: "idle", waitsFor: "start it" });
  expect(workbook.status(3)).toMatchObject({ state: "idle", waitsFor: "`run` waits: start it" });
  stages[0]?.tell({ card: "done", value: 7 });
  stages[0]?.end();
  await workbook.settled();
  expect(shown.get(3)).toEqual([7]);
  workbook.setCells(cells("const n = 1", "const run = view(stages[n])", "run"));
  await until(() => stages[1]?.isStarted === true);
  stages[1]?.tell({ card: "wait", waitsFor: "start it" });
  await workbook.settled();
  expect(workbook.status(2)?.state).toBe("stale");
  expect(workbook.status(3)?.state).toBe("stale");
  expect(shown.get(3)).toEqual([7]);
  expect(stages[0]?.isDetached).toBe(true);
  workbook.dispose();
});

test("a cell's time is that of its stages too, less the time in which it waits for a person", async () => {
  const stage = new TestStage();
  const opened = performance.now();
  const { workbook } = open(cells("const run = view(stage)"), { builtins: { stage: () => stage } });
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));
  await until(() => stage.isStarted);
  stage.tell({ card: "wait", waitsFor: "start it" });
  await until(() => workbook.status(1)?.state === "idle");
  const waited = performance.now();
  await pause();
  const began = performance.now();
  stage.tell({ card: "runs", value: 1 });
  await until(() => workbook.status(1)?.state === "running");
  await pause();
  stage.end();
  await workbook.settled();
  const total = performance.now() - opened;
  const { duration = 0 } = workbook.status(1) ?? {};
  expect(duration).toBeGreaterThan(50);
  expect(duration).toBeLessThan(total - (began - waited) + 10);
  workbook.dispose();
});

test("a stage that fails makes its cell an error and blocks what reads it", async () => {
  const stage = new TestStage();
  const { workbook } = open(cells("const run = view(stage)", "run"), {
    builtins: { stage: () => stage },
  });
  await until(() => stage.isStarted);
  stage.tell({ card: "red", error: new Error("the loss became NaN at step 37") });
  await workbook.settled();
  expect(workbook.status(1)).toMatchObject({
    state: "error",
    error: { message: "the loss became NaN at step 37" },
  });
  expect(workbook.status(2)?.state).toBe("blocked");
  workbook.dispose();
});

test("a stage that no view shows still gives its values; as an expression it is shown", async () => {
  const silent = new TestStage();
  const lone = new TestStage();
  const { workbook, shown } = open(cells("const run = silent", "run", "lone"), {
    builtins: { silent: () => silent, lone: () => lone },
  });
  await until(() => silent.isStarted && lone.isStarted);
  silent.tell({ card: "unseen", value: 1 });
  lone.tell({ card: "seen", value: 2 });
  await until(() => shown.get(2)?.[0] === 1 && shown.get(3)?.[0] === "seen");
  workbook.dispose();
});

test("a stage that fails at once leaves its cell an error, and its readers blocked", async () => {
  const stage = new TestStage();
  stage.tell({ card: "broken", error: new Error("the plan has a fault") });
  const { workbook, statuses } = open(cells("const a = view(stage)", "a + 1"), {
    builtins: { stage: () => stage },
  });
  await workbook.settled();
  expect(statuses.map(({ state }) => state)).not.toContain("fresh");
  expect(workbook.status(1)).toMatchObject({
    state: "error",
    error: { message: "the plan has a fault" },
  });
  expect(workbook.status(2)).toMatchObject({ state: "blocked", error: { blockedBy: { id: 1 } } });
  workbook.dispose();
});

test("a SQL cell gets its tables by name and its parameters as values", async () => {
  const requests: unknown[] = [];
  const { workbook } = open(
    [
      modeCell(1, "sql", "select 1 as one", { output: "Base" }),
      cell(2, "const limit = 10"),
      modeCell(3, "sql", "select * from base join other using (id) where a < ${limit}", {
        output: "derived",
      }),
    ],
    {
      runSql: ({ strings, params, tables, name }) => {
        requests.push({ strings, params, tables, name });
        return Promise.resolve(`table ${name}`);
      },
    },
  );
  await workbook.settled();
  expect(requests).toEqual([
    { strings: ["select 1 as one"], params: [], tables: {}, name: "Base" },
    {
      strings: ["select * from base join other using (id) where a < ", ""],
      params: [10],
      tables: { base: "table Base" },
      name: "derived",
    },
  ]);
  workbook.dispose();
});

test("readers of a cell with a syntax error are blocked by it", async () => {
  const { workbook } = open(cells("const a = 1,;", "a + 1"));
  await workbook.settled();
  expect(workbook.status(1)?.error).toMatchObject({ code: "syntax", line: 1, column: 13 });
  expect(workbook.status(2)?.error).toMatchObject({ blockedBy: { id: 1, name: "a" } });
  workbook.dispose();
});

test("a cell may define a name that the runtime gives, such as signal", async () => {
  const { workbook } = open(cells("const signal = 5", "const s = signal + 1"));
  expect(await workbook.value("s")).toBe(6);
  workbook.dispose();
});

test("a body's this is the value of the run before, as long as the code is the same", async () => {
  const { workbook } = open([
    cell(1, "const i = (function* () { yield 1; yield 2; })()"),
    modeCell(2, "ojs", "x = (this ?? 10) + i"),
  ]);
  await until(() => workbook.status(2)?.runs === 2);
  expect(await workbook.value("x")).toBe(13);
  workbook.dispose();
});

test("generators that never wait are paced, in cells and in builtins", async () => {
  const yields = { cell: 0, builtin: 0 };
  const { workbook } = open(
    cells("const g = (function* () { while (true) yield ++yields.cell; })()", "g + now"),
    {
      builtins: {
        yields: () => yields,
        now: function* () {
          while (true) yield ++yields.builtin;
        },
      },
    },
  );
  const started = performance.now();
  await until(() => yields.cell > 4 && yields.builtin > 4);
  const frames = Math.ceil((performance.now() - started) / (1000 / 60)) + 1;
  expect(yields.cell).toBeLessThanOrEqual(frames);
  expect(yields.builtin).toBeLessThanOrEqual(frames);
  workbook.dispose();
});

test("why a cell waits is found without walking every path to it", async () => {
  const stage = new TestStage();
  const rungs = Array.from({ length: 60 }, (_, i) => [
    `const a${i + 1} = a${i} + b${i}`,
    `const b${i + 1} = a${i} - b${i}`,
  ]).flat();
  const { workbook } = open(cells("const a0 = view(stage)", "const b0 = a0", ...rungs), {
    builtins: { stage: () => stage },
  });
  await until(() => stage.isStarted);
  stage.tell({ card: "wait", waitsFor: "start it" });
  await workbook.settled();
  expect(workbook.status(122)).toMatchObject({ state: "idle" });
  workbook.dispose();
});

test("a fingerprint changes with code and inputs, and comes back with them", async () => {
  const { workbook } = open(cells("const a = 1", "const b = a + 1"));
  await workbook.settled();
  const first = workbook.status(2)?.fingerprint;
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  workbook.setCells(cells("const a = 2", "const b = a + 1"));
  await workbook.settled();
  expect(workbook.status(2)?.fingerprint).not.toBe(first);
  workbook.setCells(cells("const a = 3 - 2", "const b = a + 1 // the same"));
  await workbook.settled();
  expect(workbook.status(2)?.fingerprint).toBe(first);
  workbook.dispose();
});

test("observers hear which body is about to run, and nothing after dispose", async () => {
  const heard: (number | null)[] = [];
  const { workbook, statuses } = open(cells("const a = 1", "a"), {
    observer: { running: (id) => heard.push(id) },
  });
  await workbook.settled();
  expect(heard).toEqual([1, null, 2, null]);
  workbook.dispose();
  const { length } = statuses;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(statuses).toHaveLength(length);
});

/** What a promise gives within some milliseconds, else "still waiting". */
function within(promise: Promise<unknown>, milliseconds: number): Promise<unknown> {
  return Promise.race([
    promise,
    new Promise((resolve) => setTimeout(() => resolve("still waiting"), milliseconds)),
  ]);
}
