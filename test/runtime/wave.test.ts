import { describe, expect, onTestFinished, test } from "vitest";
import { Wave, type WaveMember } from "../../runtime/wave.ts";
import type { Cell } from "../../runtime/cell.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { cell, cells, deferred, modeCell, open, until, type Opened } from "./open-workbook.ts";

/** A member that notes when it is updated, and does something then. */
class Noted implements WaveMember {
  rank = 0;
  isTouched = false;

  constructor(
    readonly name: string,
    private readonly log: string[],
    readonly act: () => void = () => undefined,
  ) {}

  update(): void {
    this.log.push(this.name);
    this.act();
  }
}

/** A wave of members a, b, c, d, of which some do something when they are updated. */
function waveOf(acts: Record<string, (members: Record<string, Noted>) => void> = {}) {
  const log: string[] = [];
  const members: Record<string, Noted> = {};
  for (const name of "abcd") members[name] = new Noted(name, log, () => acts[name]?.(members));
  const wave = new Wave<Noted>(() => log.push("over"));
  onTestFinished(() => wave.stop());
  const touch = (...names: readonly string[]): void => {
    for (const name of names) wave.touch(members[name] as Noted);
  };
  return { log, members, wave, touch };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("a wave", () => {
  test("updates what was touched, each once and in order, and says when it is over", async () => {
    const { log, members, wave, touch } = waveOf();
    wave.arrange(Object.values(members));
    touch("d", "b", "d");
    expect(log).toEqual([]);
    await turn();
    expect(log).toEqual(["b", "d", "over"]);
    expect(wave.isBusy).toBe(false);
  });

  test("goes on to what is touched ahead of it, and leaves what is behind to the next", async () => {
    const acts = {
      b: () => touch("d", "c"),
      c: () => once(() => touch("a", "c", "d")),
    };
    const { log, members, wave, touch } = waveOf(acts);
    const once = oneTime();
    wave.arrange(Object.values(members));
    touch("b");
    await turn();
    expect(log).toEqual(["b", "c", "d", "over", "a", "c", "over"]);
  });

  test("that is arranged anew meanwhile ends, and another one takes the new order", async () => {
    const acts = {
      a: (all: Record<string, Noted>) =>
        once(() => wave.arrange([all["d"], all["b"], all["a"]] as Noted[])),
    };
    const { log, members, wave, touch } = waveOf(acts);
    const once = oneTime();
    wave.arrange(Object.values(members));
    touch("a", "b", "c", "d");
    await turn();
    expect(log).toEqual(["a", "over", "d", "b", "over"]);
  });

  test("that is stopped updates nothing more", async () => {
    const { log, members, wave, touch } = waveOf();
    wave.arrange(Object.values(members));
    touch("a");
    wave.stop();
    await turn();
    expect(log).toEqual([]);
    expect(wave.isBusy).toBe(false);
  });

  test("in which a member fails fails, and updates the others all the same", async () => {
    const failed = uncaught();
    const { log, members, wave, touch } = waveOf({
      b: () => {
        throw new Error("b is broken");
      },
    });
    wave.arrange(Object.values(members));
    touch("a", "b", "c");
    await turn();
    await turn();
    expect(log).toEqual(["a", "b", "over", "c", "over"]);
    expect(wave.isBusy).toBe(false);
    expect(failed).toEqual([new Error("b is broken")]);
  });

  test("that follows itself without end leaves room for timers", async () => {
    const { log, members, wave, touch } = waveOf({ a: () => touch("a") });
    wave.arrange(Object.values(members));
    touch("a");
    for (let i = 0; i < 5; i++) await turn();
    expect(log.length).toBeGreaterThan(5);
  });
});

/** Runs a callback the first time. */
function oneTime(): (callback: () => void) => void {
  let isDone = false;
  return (callback) => {
    if (isDone) return;
    isDone = true;
    callback();
  };
}

/** What nobody catches until the test is over, in place of failing it. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  });
  return errors;
}

function opened(sources: readonly Cell[], options: WorkbookOptions = {}): Opened {
  const made = open(sources, options);
  onTestFinished(() => made.workbook.dispose());
  return made;
}

test("a diamond runs each cell once an edit, and stops where values come out equal", async () => {
  const made = opened(
    cells(
      "const a = ran('a', 1)",
      "const b = ran('b', a % 2)",
      "const c = ran('c', a + 1)",
      "ran('d', b + c)",
      "ran('e', b)",
    ),
  );
  await made.workbook.settled();
  expect(made.ran.splice(0)).toEqual(["a", "b", "c", "d", "e"]);
  made.workbook.setCell(cell(1, "const a = ran('a', 3)"));
  await made.workbook.settled();
  expect(made.ran).toEqual(["a", "b", "c", "d"]);
});

test("a body may edit, run and remove cells, its own too, and end it all", async () => {
  const made = opened(cells("const a = act(ran('a', 1))", "const b = ran('b', a)"), {
    builtins: { act: () => (value: unknown) => (act(value), value) },
  });
  const { workbook, ran, statuses } = made;
  let act: (value: unknown) => void = () => undefined;
  await workbook.settled();
  ran.length = 0;

  // another cell, edited by a body
  act = () => workbook.setCell(cell(2, "const b = ran('new b', a + 1)"));
  workbook.run(1);
  await workbook.settled();
  expect(ran.splice(0)).toEqual(["a", "new b"]);
  expect(await workbook.value("b")).toBe(2);

  // its own source
  act = () => workbook.setCell(cell(1, "const a = ran('new a', 5)"));
  workbook.run(1);
  await workbook.settled();
  expect(ran.splice(0)).toEqual(["a", "new a", "new b"]);
  expect(await workbook.value("b")).toBe(6);

  // another one is to run again
  act = () => workbook.run(2);
  workbook.setCell(cell(1, "const a = act(ran('a', 5))"));
  await workbook.settled();
  expect(ran.splice(0)).toEqual(["a", "new b"]);

  // itself is gone
  act = () => workbook.setCells([cell(2, "const b = ran('b', 1)")]);
  statuses.length = 0;
  workbook.run(1);
  await workbook.settled();
  expect(ran.splice(0)).toEqual(["a", "b"]);
  expect(statuses.map(({ id }) => id)).not.toContain(1);
  expect(workbook.statuses()).toHaveLength(1);
});

test("a body that ends it all is the last to run, and nobody hears of anything after it", async () => {
  const heard: string[] = [];
  const { workbook, ran } = opened(
    cells("const a = quit(ran('a', 1))", "ran('b', a)", "ran('c', 1)"),
    {
      builtins: {
        quit: () => () => {
          workbook.dispose();
          heard.length = 0;
        },
      },
      observer: {
        status: ({ id }) => heard.push(`status of ${id}`),
        clear: (id) => heard.push(`clear ${id}`),
        display: (id) => heard.push(`display of ${id}`),
      },
    },
  );
  await workbook.settled();
  await turn();
  expect(ran).toEqual(["a"]);
  expect(heard).toEqual([]);
});

test("an observer may edit cells as it hears of them", async () => {
  const { workbook, ran, statuses } = opened(
    cells("const a = ran('a', 1)", "ran('b', a)", "ran('c', 1)"),
    {
      observer: {
        status: (status) => {
          statuses.push(status);
          if (status.id === 1 && status.state === "fresh" && status.runs === 1)
            workbook.setCells([cell(1, "const a = ran('new a', 2)"), cell(2, "ran('b', a)")]);
        },
      },
    },
  );
  await workbook.settled();
  expect(ran).toEqual(["a", "b", "c", "new a", "b"]);
  expect(statuses.map(({ id, runs }) => [id, runs])).toEqual([
    [1, 1],
    [2, 1],
    [1, 2],
    [2, 2],
  ]);
});

test("an observer may end it all, and hears nothing more", async () => {
  const heard: number[] = [];
  const { workbook } = opened(cells("1", "2", "3"), {
    observer: {
      status: ({ id }) => {
        heard.push(id);
        workbook.dispose();
      },
    },
  });
  await workbook.settled();
  expect(heard).toEqual([1]);
});

test("an observer that throws is heard of, and keeps no other cell from being told of", async () => {
  const failed = uncaught();
  const heard: number[] = [];
  const { workbook } = opened(cells("1", "2", "3"), {
    observer: {
      status: ({ id }) => {
        heard.push(id);
        if (id === 2) throw new Error("the observer is broken");
      },
    },
  });
  await workbook.settled();
  await turn();
  expect(heard).toEqual([1, 2, 3]);
  expect(failed).toEqual([new Error("the observer is broken")]);
});

test("a name's value is waited for as long as it may come, and not when it cannot", async () => {
  const late = deferred<number>();
  const { workbook } = opened(cells("const a = await late.promise"), {
    builtins: { late: () => late },
  });
  const [a, added, gone, missing] = ["a", "added", "gone", "missing"].map((name) =>
    workbook.value(name).then(
      (value) => value,
      (error: unknown) => (error as Error).message,
    ),
  );
  workbook.setCells(
    cells("const a = await late.promise", "const added = 2", "const gone = await late.promise"),
  );
  expect(await missing).toBe("`missing` is not defined");
  expect(await added).toBe(2);
  workbook.setCells(cells("const a = await late.promise", "const added = 2"));
  expect(await gone).toBe("`gone` is not defined");
  late.resolve(1);
  expect(await a).toBe(1);
});

test("the value of a name that a cell of TypeScript will define is waited for", async () => {
  const { workbook } = opened([modeCell(1, "ts", "const a: number = 1")]);
  expect(await workbook.value("a")).toBe(1);
});

test("who waits for all to settle is let go when the cell that is being compiled is removed", async () => {
  const { workbook } = opened([modeCell(1, "ts", "const a: number = 1")]);
  const settled = workbook.settled();
  await turn();
  workbook.setCells([]);
  await settled;
});

test("what is ended while bodies run rejects who waits, and their results are dropped", async () => {
  const late = deferred<number>();
  const heard: unknown[] = [];
  const closed = { fault: { code: "disposed" } };
  const { workbook } = opened(cells("const a = await late.promise", "display(a)"), {
    builtins: { late: () => late },
    observer: { display: (id) => heard.push(id) },
  });
  await until(() => workbook.status(1)?.state === "running");
  const waiting = expect(workbook.value("a")).rejects.toMatchObject(closed);
  const settled = workbook.settled();
  workbook.dispose();
  late.resolve(1);
  await waiting;
  await settled;
  await turn();
  expect(heard).toEqual([]);
  workbook.dispose();
  await expect(workbook.value("a")).rejects.toMatchObject(closed);
});

test("cells that set each other off without end leave room for timers", async () => {
  const made = opened(cells("again(); ran('a')", "ran('b')"), {
    builtins: { again: () => () => queueMicrotask(() => made.workbook.run(1)) },
  });
  for (let i = 0; i < 5; i++) await turn();
  expect(made.ran.length).toBeGreaterThan(5);
});
