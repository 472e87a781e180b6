import { expect, onTestFinished, test } from "vitest";
import type { Cell, CellState } from "../../runtime/cell.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { openOn, written } from "./kept-workbook.ts";
import { MemoryStore } from "./memory-store.ts";
import { cell, cells, deferred, modeCell, open, until, type Opened } from "./open-workbook.ts";
import { TestStage } from "./test-stage.ts";

async function opened(sources: readonly Cell[], options: WorkbookOptions = {}): Promise<Opened> {
  const made = open(sources, options);
  onTestFinished(() => made.workbook.dispose());
  await made.workbook.settled();
  return made;
}

/** Takes cells, settles, and gives which bodies ran for it. */
async function edit(made: Opened, sources: readonly Cell[]): Promise<string[]> {
  made.workbook.setCells(sources);
  return await settle(made);
}

async function settle({ workbook, ran }: Opened): Promise<string[]> {
  await workbook.settled();
  return ran.splice(0);
}

const states = ({ workbook }: Opened): CellState[] => workbook.statuses().map(({ state }) => state);

const manual = { policy: "manual" } as const;

test("a manual cell runs neither on opening nor on edits, and what reads it waits with it", async () => {
  const sources = (a: number, b: number): Cell[] => [
    cell(1, `const a = ran('a', ${a})`),
    cell(2, `const b = ran('b', a + ${b})`, manual),
    cell(3, "const c = ran('c', b)"),
  ];
  const made = await opened(sources(1, 1));
  expect(made.ran.splice(0)).toEqual(["a"]);
  expect(states(made)).toEqual(["fresh", "idle", "idle"]);
  expect(made.workbook.status(2)).toMatchObject({ held: true });
  made.workbook.run(2);
  expect(await settle(made)).toEqual(["b", "c"]);
  expect(states(made)).toEqual(["fresh", "fresh", "fresh"]);
  expect(await edit(made, sources(1, 2))).toEqual([]);
  expect(states(made)).toEqual(["fresh", "stale", "stale"]);
  expect(made.workbook.explain(2)).toMatchObject({ kind: "stale", changes: [{ part: "code" }] });
  expect(made.workbook.explain(3)).toMatchObject({
    kind: "stale",
    changes: [{ part: "cell", name: "b", cell: 2 }],
  });
  expect(await edit(made, sources(2, 2))).toEqual(["a"]);
  expect(states(made)).toEqual(["fresh", "stale", "stale"]);
  const { changes } = made.workbook.explain(2) ?? {};
  expect(changes?.map(({ part, name }) => [part, name])).toEqual([
    ["code", undefined],
    ["cell", "a"],
  ]);
  // what it was made of is back, and with it what it came to
  expect(await edit(made, sources(1, 1))).toEqual([]);
  expect(states(made)).toEqual(["fresh", "fresh", "fresh"]);
  expect(await made.workbook.value("c")).toBe(2);
});

test("a manual cell comes back by itself from memory and from the store", async () => {
  const store = new MemoryStore();
  const sources = (a: number): Cell[] => [
    cell(1, `const a = ${a}`),
    cell(2, "const b = ran('b', a + 1)", manual),
  ];
  const first = await openOn(store, sources(1));
  first.workbook.runStale();
  await written(first, store);
  const second = await openOn(store, sources(1));
  onTestFinished(() => second.workbook.dispose());
  expect(second.ran).toEqual([]);
  expect(second.workbook.status(2)).toMatchObject({ state: "fresh", cached: true });
  expect(await edit(second, sources(2))).toEqual([]);
  expect(second.workbook.status(2)).toMatchObject({ state: "stale", held: true });
  expect(await edit(second, sources(1))).toEqual([]);
  expect(second.workbook.status(2)?.state).toBe("fresh");
});

test("a manual cell comes back from the store also where the run before took no time", async () => {
  const store = new MemoryStore();
  const sources = (a: number): Cell[] => [
    cell(1, `const a = ${a}`),
    cell(2, "const b = ran('b', a + 1)", manual),
  ];
  for (const n of [1, 2]) {
    const first = await openOn(store, sources(n));
    first.workbook.runStale();
    await written(first, store);
    first.workbook.dispose();
  }
  const second = await openOn(store, sources(3));
  onTestFinished(() => second.workbook.dispose());
  second.workbook.runStale();
  await settle(second);
  for (const n of [1, 2]) {
    expect(await edit(second, sources(n))).toEqual([]);
    expect(second.workbook.status(2)).toMatchObject({ state: "fresh", cached: true });
  }
});

test("a once cell runs once by itself, and then when a person says so", async () => {
  const sources = (a: number): Cell[] => [
    cell(1, `const a = ${a}`),
    cell(2, "const b = ran('b', a + 1)", { policy: "once" }),
    cell(3, "const c = ran('c', b)"),
  ];
  const made = await opened(sources(1));
  expect(made.ran.splice(0)).toEqual(["b", "c"]);
  expect(await edit(made, sources(2))).toEqual([]);
  expect(states(made)).toEqual(["fresh", "stale", "stale"]);
  made.workbook.run(2);
  expect(await settle(made)).toEqual(["b", "c"]);
  expect(await made.workbook.value("c")).toBe(3);
});

test("a policy that becomes auto runs what is due, and one that becomes manual stops nothing", async () => {
  const sources = (policy: Partial<Cell>, n = 1): Cell[] => [
    cell(1, `const a = ran('a', ${n})`, policy),
    cell(2, "ran('b', a)"),
  ];
  const made = await opened(sources(manual));
  expect(await edit(made, sources({}))).toEqual(["a", "b"]);
  expect(await edit(made, sources(manual))).toEqual([]);
  expect(states(made)).toEqual(["fresh", "fresh"]);
  expect(await edit(made, sources(manual, 2))).toEqual([]);
  expect(await edit(made, sources({}, 2))).toEqual(["a", "b"]);
});

test("below a cell that waits nothing is fresh, near or far, through promises and generators", async () => {
  const sources = (n: number): Cell[] => [
    cell(1, `const a = ${n}`, manual),
    cell(2, "const b = await Promise.resolve(a)"),
    cell(3, "const c = (async function* () { yield b; })()"),
    cell(4, "const d = Promise.resolve(c)"),
    cell(5, "d + 1"),
  ];
  const made = await opened(sources(1));
  expect(states(made)).toEqual(["idle", "idle", "idle", "idle", "idle"]);
  made.workbook.runStale();
  await until(() => made.shown.get(5)?.[0] === 2);
  await made.workbook.settled();
  expect(states(made)).toEqual(["fresh", "fresh", "fresh", "fresh", "fresh"]);
  made.workbook.setCells(sources(2));
  await made.workbook.settled();
  expect(states(made)).toEqual(["stale", "stale", "stale", "stale", "stale"]);
  expect(made.shown.get(5)).toEqual([2]);
  made.workbook.runStale();
  await until(() => made.shown.get(5)?.[0] === 3);
  await made.workbook.settled();
  expect(states(made)).toEqual(["fresh", "fresh", "fresh", "fresh", "fresh"]);
});

test("code that waits gives its readers no value under a name that the run before did not define", async () => {
  const made = await opened([cell(1, "const a = 1", manual), cell(2, "ran('b', typeof a)")]);
  made.workbook.runAll();
  expect(await settle(made)).toEqual(["b"]);
  expect(
    await edit(made, [cell(1, "const a = 1, c = 2", manual), cell(2, "ran('b', typeof c)")]),
  ).toEqual([]);
  expect(states(made)).toEqual(["stale", "stale"]);
  expect(made.workbook.status(2)?.waitsFor).toBe("`c` waits: it runs when you say so");
  made.workbook.run(1);
  expect(await settle(made)).toEqual(["b"]);
  expect(made.shown.get(2)).toEqual(["number"]);
});

/** Manual cells in a row, with one that runs by itself in between and at the end. */
const row = (a: number, b = 1): Cell[] => [
  cell(1, `const a = ran('a', ${a})`, manual),
  cell(2, "const x = await ran('x', a)"),
  cell(3, `const b = ran('b', x + ${b})`, manual),
  cell(4, "const c = ran('c', b + 1)"),
  cell(5, "const other = ran('other', 1)", manual),
];

test("run to here runs what waits above, or comes to wait on the way, in order and each once", async () => {
  const made = await opened(row(1));
  made.workbook.runTo(4);
  expect(await settle(made)).toEqual(["a", "x", "b", "c"]);
  await edit(made, row(5));
  made.workbook.runTo(4);
  expect(await settle(made)).toEqual(["a", "x", "b", "c"]);
  expect(await made.workbook.value("c")).toBe(7);
  expect(states(made)).toEqual(["fresh", "fresh", "fresh", "fresh", "idle"]);
  // nothing waits above: only the cell itself
  made.workbook.runTo(4);
  expect(await settle(made)).toEqual(["c"]);
  await edit(made, row(6));
  made.workbook.runTo(2);
  expect(await settle(made)).toEqual(["a", "x"]);
  expect(states(made)).toEqual(["fresh", "fresh", "stale", "stale", "idle"]);
});

test("what was let run once waits again at the next change", async () => {
  const made = await opened(row(1));
  made.workbook.runTo(4);
  await settle(made);
  made.workbook.runTo(4);
  await settle(made);
  expect(await edit(made, row(1, 7))).toEqual([]);
  expect(states(made)).toEqual(["fresh", "fresh", "stale", "stale", "idle"]);
});

test("run stale leaves nothing stale, and runs nothing that is fresh", async () => {
  const made = await opened(row(1));
  made.workbook.runStale();
  expect((await settle(made)).sort()).toEqual(["a", "b", "c", "other", "x"]);
  await edit(made, row(5));
  made.workbook.runStale();
  expect(await settle(made)).toEqual(["a", "x", "b", "c"]);
  expect(states(made)).toEqual(["fresh", "fresh", "fresh", "fresh", "fresh"]);
  made.workbook.runStale();
  expect(await settle(made)).toEqual([]);
});

test("run stale runs what failed and would wait once what it reads has changed", async () => {
  const sources = (n: number): Cell[] => [
    cell(1, `const a = ran('a', ${n})`, manual),
    cell(2, "ran('b'); if (a < 2) throw new Error('too few')", manual),
  ];
  const made = await opened(sources(1));
  made.workbook.runAll();
  await settle(made);
  await edit(made, sources(2));
  expect(states(made)).toEqual(["stale", "error"]);
  made.workbook.runStale();
  expect(await settle(made)).toEqual(["a", "b"]);
  expect(states(made)).toEqual(["fresh", "fresh"]);
});

test("run all runs every cell once, whatever waits and whatever is known", async () => {
  const made = await opened(row(1));
  for (let i = 0; i < 2; i++) {
    made.workbook.runAll();
    expect((await settle(made)).sort()).toEqual(["a", "b", "c", "other", "x"]);
    expect(new Set(states(made))).toEqual(new Set(["fresh"]));
  }
});

test("a cell that is asked while what it reads is pending runs when that is there", async () => {
  const late = deferred<number>();
  const made = open([cell(1, "const a = await late.promise"), cell(2, "ran('b', a)", manual)], {
    builtins: { late: () => late },
  });
  onTestFinished(() => made.workbook.dispose());
  await until(() => made.workbook.status(1)?.state === "running");
  made.workbook.run(2);
  late.resolve(3);
  expect(await settle(made)).toEqual(["b"]);
  expect(made.shown.get(2)).toEqual([3]);
});

test("a cell that is asked while it is blocked, faulty or disabled does not run when it is not", async () => {
  const made = await opened([
    cell(1, "throw new Error('no'); const a = 1"),
    cell(2, "ran('b', a)", manual),
  ]);
  made.workbook.run(2);
  await settle(made);
  expect(await edit(made, [cell(1, "const a = 1"), cell(2, "ran('b', a)", manual)])).toEqual([]);
  expect(await edit(made, [cell(1, "const a = 1"), cell(2, "ran('b', a", manual)])).toEqual([]);
  made.workbook.runAll();
  await settle(made);
  expect(await edit(made, [cell(1, "const a = 1"), cell(2, "ran('b', a)", manual)])).toEqual([]);
  expect(made.workbook.status(2)).toMatchObject({ state: "idle" });
  expect(made.workbook.status(2)?.error).toBeUndefined();
  made.workbook.setDisabled(2, true);
  made.workbook.run(2);
  await settle(made);
  made.workbook.setDisabled(2, false);
  expect(await settle(made)).toEqual([]);
});

test("cancelling what waits, and does nothing, changes nothing", async () => {
  const sources = (n: number): Cell[] => [cell(1, `const a = ${n}`, manual), cell(2, "a + 1")];
  const made = await opened(sources(1));
  made.workbook.runAll();
  await settle(made);
  await edit(made, sources(2));
  made.workbook.cancel(1);
  made.workbook.cancel(2);
  await settle(made);
  expect(states(made)).toEqual(["stale", "stale"]);
  expect(await made.workbook.value("a")).toBe(1);
});

test("a stage that waits for a person can be cancelled", async () => {
  const stage = new TestStage();
  stage.tell({ card: "wait", waitsFor: "start it" });
  const made = await opened(cells("const a = view(stage)"), { builtins: { stage: () => stage } });
  expect(states(made)).toEqual(["idle"]);
  made.workbook.cancel(1);
  await settle(made);
  expect(made.workbook.status(1)).toMatchObject({ state: "error", error: { code: "cancelled" } });
});

test("a stage that has given a value and goes on is stale, not idle, below what waits", async () => {
  const stage = new TestStage();
  const sources = (n: number): Cell[] => [
    cell(1, `const a = ${n}`, manual),
    cell(2, "const b = view(stage(a))"),
    cell(3, "b + 1"),
  ];
  const made = open(sources(1), { builtins: { stage: () => () => stage } });
  onTestFinished(() => made.workbook.dispose());
  made.workbook.runStale();
  await until(() => stage.isStarted);
  stage.tell({ card: "begun", value: 1 });
  await until(() => made.shown.get(3)?.[0] === 2);
  await edit(made, sources(2));
  expect(states(made)).toEqual(["stale", "stale", "stale"]);
  stage.tell({ card: "more", value: 2 });
  await until(() => made.shown.get(3)?.[0] === 3);
  expect(states(made)).toEqual(["stale", "stale", "stale"]);
});

test("disabling a manual cell blocks what reads it, and enabling it brings its result back", async () => {
  const made = await opened([cell(1, "const a = ran('a', 1)", manual), cell(2, "ran('b', a)")]);
  made.workbook.runAll();
  await settle(made);
  made.workbook.setDisabled(1, true);
  await settle(made);
  expect(states(made)).toEqual(["idle", "blocked"]);
  made.workbook.setDisabled(1, false);
  expect(await settle(made)).toEqual([]);
  expect(states(made)).toEqual(["fresh", "fresh"]);
});

test("a manual cell of TypeScript waits too, and can be asked before it is compiled", async () => {
  const source = "const a: number = ran('a', 1)";
  const waiting = await opened([modeCell(1, "ts", source, manual), cell(2, "a + 1")]);
  expect(waiting.ran).toEqual([]);
  expect(states(waiting).sort()).toEqual(["idle", "idle"]);
  expect(waiting.workbook.statuses().map(({ error }) => error)).toEqual([undefined, undefined]);
  for (const ask of ["run", "runTo", "runAll"] as const) {
    const asked = open([modeCell(1, "ts", source, manual)]);
    onTestFinished(() => asked.workbook.dispose());
    asked.workbook[ask](1);
    expect(await settle(asked)).toEqual(["a"]);
  }
});

test("a cell whose policy or mode is changed while it is compiled is what it is now", async () => {
  const source = "const a = ran('a', 1)";
  const made = open([modeCell(1, "ts", source)]);
  onTestFinished(() => made.workbook.dispose());
  expect(await edit(made, [modeCell(1, "ts", source, manual)])).toEqual([]);
  expect(states(made)).toEqual(["idle"]);
  const other = open([modeCell(1, "ts", source)]);
  onTestFinished(() => other.workbook.dispose());
  other.workbook.setCells([cell(1, source)]);
  await settle(other);
  const plain = await opened([cell(1, source)]);
  expect(other.workbook.status(1)?.fingerprint).toBe(plain.workbook.status(1)?.fingerprint);
});
