import { expect, onTestFinished, test } from "vitest";
import type { Cell } from "../../runtime/cell.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { cell, cells, deferred, open, until, type Opened } from "./open-workbook.ts";
import { TestStage } from "./test-stage.ts";

async function opened(sources: readonly Cell[], options: WorkbookOptions = {}): Promise<Opened> {
  const made = open(sources, options);
  onTestFinished(() => made.workbook.dispose());
  await made.workbook.settled();
  return made;
}

/** Takes cells, settles, and gives which bodies ran for it. */
async function edit({ workbook, ran }: Opened, sources: readonly Cell[]): Promise<string[]> {
  workbook.setCells(sources);
  await workbook.settled();
  return ran.splice(0);
}

/** The states of cells 1 to 4. */
const statesOf = ({ workbook }: Opened): unknown[] =>
  [1, 2, 3, 4].map((id) => workbook.status(id)?.state);

const chain = (first: number): Cell[] =>
  cells(
    `const f = ran('f', () => ${first})`,
    "const g = ran('g', {of: f, at: class { n = f(); }})",
    "const h = ran('h', new g.at().n + 1)",
    "display(ran('i', 'shown')); display(ran('j', h))",
  );

test("what is undone runs nothing, and its objects are the same again", async () => {
  const made = await opened(chain(1));
  const { workbook, shown } = made;
  const before = [await workbook.value("f"), await workbook.value("g"), [...shown]];
  const states = workbook.statuses().map(({ state, fingerprint }) => [state, fingerprint]);
  made.ran.length = 0;
  expect(await edit(made, chain(2))).toEqual(["f", "g", "h", "i", "j"]);
  expect(shown.get(4)).toEqual(["shown", 3]);
  expect(await edit(made, chain(1))).toEqual([]);
  expect(await workbook.value("f")).toBe(before[0]);
  expect(await workbook.value("g")).toBe(before[1]);
  expect(shown.get(4)).toEqual(["shown", 2]);
  expect(workbook.statuses().map(({ state, fingerprint }) => [state, fingerprint])).toEqual(states);
  expect(workbook.statuses().map(({ cached }) => cached)).toEqual([true, true, true, true]);
});

test("two edits are undone, and made again, without running anything", async () => {
  const made = await opened(chain(1));
  for (const n of [2, 3]) await edit(made, chain(n));
  for (const n of [2, 1, 2, 3]) {
    expect(await edit(made, chain(n))).toEqual([]);
    expect(made.shown.get(4)).toEqual(["shown", n + 1]);
  }
});

test("an object that another cell passes on comes back as what it was to both", async () => {
  const sources = (n: number): Cell[] =>
    cells(`const f = ran('f', () => ${n})`, "const g = ran('g', f)", "ran('h', f() + g())");
  const made = await opened(sources(1));
  await edit(made, sources(2));
  expect(await edit(made, sources(1))).toEqual([]);
  expect(made.shown.get(3)).toEqual([2]);
});

test("attempts that fail take the place of nothing that came to a value", async () => {
  const made = await opened(chain(1));
  const [, ...rest] = chain(1);
  for (const wrong of ["1", "2", "3"])
    await edit(made, [cell(1, `const f = ran('f', ${wrong}).missing.member`), ...rest]);
  expect(await edit(made, chain(1))).toEqual([]);
});

test("a run that failed or was cancelled does not come back", async () => {
  const failing = (n: number): Cell[] => cells(`ran('a', ${n}); throw new Error('no')`);
  const made = await opened(failing(1));
  await edit(made, failing(2));
  expect(await edit(made, failing(1))).toEqual(["a"]);
  const waiting = cells("display('begun'); await new Promise(() => ran('b'))");
  made.workbook.setCells(waiting);
  await until(() => made.workbook.status(1)?.state === "running");
  made.workbook.cancel(1);
  expect(await edit(made, failing(1))).toEqual(["b", "a"]);
  made.workbook.setCells(waiting);
  await until(() => made.workbook.status(1)?.state === "running");
  expect(made.ran).toEqual(["b"]);
});

test("a promise that was let go before it gave anything runs anew", async () => {
  const answers: ReturnType<typeof deferred<number>>[] = [];
  const ask = (): Promise<number> => {
    const answer = deferred<number>();
    answers.push(answer);
    return answer.promise;
  };
  const made = open(cells("const a = ask()", "a + 1"), { builtins: { ask: () => ask } });
  onTestFinished(() => made.workbook.dispose());
  await until(() => answers.length === 1);
  await edit(made, cells("const a = 5", "a + 1"));
  made.workbook.setCells(cells("const a = ask()", "a + 1"));
  await until(() => answers.length === 2);
  answers[0]?.resolve(1);
  answers[1]?.resolve(2);
  await made.workbook.settled();
  expect(made.shown.get(2)).toEqual([3]);
});

test("a stage that was detached does not come back, though it ended later and is pure", async () => {
  const stages: TestStage[] = [];
  const stage = (): TestStage => {
    stages.push(new TestStage(true));
    return stages.at(-1) as TestStage;
  };
  const made = open(cells("const a = view(stage())"), { builtins: { stage: () => stage } });
  onTestFinished(() => made.workbook.dispose());
  const { workbook, shown } = made;
  await until(() => stages[0]?.isStarted === true);
  stages[0]?.tell({ card: "half", value: 1 });
  await until(() => shown.get(1)?.[0] === "half");
  await edit(made, cells("const a = 0"));
  stages[0]?.tell({ card: "whole", value: 2 });
  stages[0]?.end();
  await new Promise((resolve) => setTimeout(resolve, 5));
  workbook.setCells(cells("const a = view(stage())"));
  await until(() => stages.length === 2);
  stages[1]?.tell({ card: "whole", value: 2 });
  stages[1]?.end();
  await workbook.settled();
  expect(shown.get(1)).toEqual(["whole"]);
  expect(await workbook.value("a")).toBe(2);
  expect(workbook.status(1)?.cached).toBeUndefined();
});

test("a pure stage that ended comes back, an impure one starts again", async () => {
  for (const isPure of [true, false]) {
    let started = 0;
    const stage = (): TestStage => {
      started++;
      const made = new TestStage(isPure);
      made.tell({ card: "done", value: [started] });
      made.end();
      return made;
    };
    const sources = (n: number): Cell[] => cells(`const a = view(stage(${n}))`, "ran('b', a)");
    const made = await opened(sources(1), { builtins: { stage: () => stage } });
    await edit(made, sources(2));
    expect(await edit(made, sources(1))).toEqual(isPure ? [] : ["b"]);
    expect(started).toBe(isPure ? 2 : 3);
    expect(made.shown.get(1)).toEqual(["done"]);
    expect(await made.workbook.value("a")).toEqual([isPure ? 1 : 3]);
  }
});

test("a cell that was deleted and comes back, or was disabled, has its result again", async () => {
  const made = await opened(chain(1));
  made.ran.length = 0;
  expect(await edit(made, chain(1).slice(1))).toEqual([]);
  expect(made.workbook.status(2)?.state).toBe("error");
  expect(await edit(made, chain(1))).toEqual([]);
  expect(made.shown.get(4)).toEqual(["shown", 2]);
  made.workbook.setDisabled(2, true);
  await made.workbook.settled();
  expect(statesOf(made)).toEqual(["fresh", "idle", "blocked", "blocked"]);
  made.workbook.setDisabled(2, false);
  await made.workbook.settled();
  expect(made.ran).toEqual([]);
  expect(statesOf(made)).toEqual(["fresh", "fresh", "fresh", "fresh"]);
});

test("runs that took no time take the place of none that did", async () => {
  const work = (milliseconds: number): number => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    return milliseconds;
  };
  const sources = (n: number): Cell[] => cells(`const a = ran('a', work(${n}))`);
  const made = await opened(sources(3), { builtins: { work: () => work } });
  for (const n of [2, 0, 4, -1, 5, -2]) expect(await edit(made, sources(n))).toContain("a");
  for (const n of [3, 2, 4, 5]) expect(await edit(made, sources(n))).toEqual([]);
});

test("memory may be limited: in runs of a cell, and in bytes of all of them", async () => {
  const sources = (n: number): Cell[] => cells(`const a = ran('a', new Uint8Array(${n}))`);
  const ranAgain = async (memory: WorkbookOptions["memory"], sizes: readonly number[]) => {
    const made = await opened(sources(1000), memory === undefined ? {} : { memory });
    made.ran.length = 0;
    const ran: boolean[] = [];
    for (const size of sizes) ran.push((await edit(made, sources(size))).length > 0);
    return ran;
  };
  const back = [2000, 3000, 2000, 1000];
  expect(await ranAgain({ cheapRuns: 9, runs: 9, bytes: 1e6 }, back)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(await ranAgain({ cheapRuns: 0, runs: 9, bytes: 1e6 }, back)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(await ranAgain({ cheapRuns: 1, runs: 1, bytes: 1e6 }, back)).toEqual([
    true,
    true,
    false,
    true,
  ]);
  // of 1,000, 2,000 and 3,000 bytes two at most fit in beside the one that is shown
  expect(await ranAgain({ cheapRuns: 9, runs: 9, bytes: 3500 }, back)).toEqual([
    true,
    true,
    false,
    true,
  ]);
});
