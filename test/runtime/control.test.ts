import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Cell } from "../../runtime/cell.ts";
import { liveKey, type LiveState } from "../../runtime/live.ts";
import type { SqlRequest, WorkbookOptions } from "../../runtime/workbook-options.ts";
import { cells, deferred, modeCell, open, until, type Opened } from "./open-workbook.ts";

const unhandled: unknown[] = [];
const hear = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", hear);
});
afterEach(() => {
  process.off("unhandledRejection", hear);
  expect(unhandled).toEqual([]);
});

function opened(sources: readonly Cell[], options: WorkbookOptions = {}): Opened {
  const made = open(sources, options);
  onTestFinished(() => made.workbook.dispose());
  return made;
}

/** After all that is at hand, timers that are due included. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** Ways to end a run, and what the cell is then. */
const endings = {
  cancelled: ({ workbook }: Opened) => workbook.cancel(1),
  replaced: ({ workbook }: Opened, source = "const a = 'new';") =>
    workbook.setCells(cells(source, "0", "const b = a;")),
  disabled: ({ workbook }: Opened) => workbook.setDisabled(1, true),
} as const;

type Ending = keyof typeof endings;

const after = {
  cancelled: { state: "error", error: { code: "cancelled", hint: "Run it again" } },
  replaced: { state: "fresh" },
  disabled: { state: "idle", disabled: true },
} as const;

describe.each(Object.keys(endings) as Ending[])("a run that is %s", (ending) => {
  const late = [
    [
      "result",
      "const a = await late();",
      (end: ReturnType<typeof deferred>) => end.resolve("late"),
    ],
    [
      "error",
      "const a = await late();",
      (end: ReturnType<typeof deferred>) => end.reject(new Error("late")),
    ],
    [
      "display",
      "await late(); display('late'); const a = 1;",
      (end: ReturnType<typeof deferred>) => end.resolve(1),
    ],
    ["promise", "const a = late();", (end: ReturnType<typeof deferred>) => end.resolve("late")],
    [
      "rejection",
      "const a = late();",
      (end: ReturnType<typeof deferred>) => end.reject(new Error("late")),
    ],
    [
      "generator",
      "const a = (async function* () { yield await late(); yield 'later'; })();",
      (end: ReturnType<typeof deferred>) => end.resolve("late"),
    ],
    [
      "generator's error",
      "const a = (async function* () { await late(); throw new Error('late'); })();",
      (end: ReturnType<typeof deferred>) => end.resolve(1),
    ],
  ] as const;

  test.each(late)(
    "is over at once, and its late %s is never heard of",
    async (_what, source, end) => {
      const pending = deferred<unknown>();
      const made = opened(cells(source, "0", "const b = a;"), {
        builtins: { late: () => () => pending.promise },
      });
      const { workbook, shown, statuses } = made;
      await until(() => workbook.status(1)?.state === "running");
      endings[ending](made);
      await workbook.settled();
      expect(workbook.status(1)).toMatchObject(after[ending]);
      const reader = workbook.status(3);
      expect(reader?.state).toBe(ending === "replaced" ? "fresh" : "blocked");
      const told = statuses.length;
      const seen = structuredClone(shown.get(1));
      end(pending);
      await turn();
      await workbook.settled();
      expect(statuses.slice(told)).toEqual([]);
      expect(shown.get(1)).toEqual(seen);
      expect(workbook.status(1)).toMatchObject(after[ending]);
      expect(workbook.status(3)?.state).toBe(reader?.state);
    },
  );

  test("is told once, by its signal and by `invalidation`", async () => {
    const heard: string[] = [];
    const source =
      "signal.addEventListener('abort', () => heard.push(signal.reason.name)); invalidation.then(() => heard.push('over')); const a = await new Promise(() => {});";
    const made = opened(cells(source, "0", "const b = 1;"), { builtins: { heard: () => heard } });
    await until(() => made.workbook.status(1)?.state === "running");
    endings[ending](made);
    await turn();
    expect(heard).toEqual(["AbortError", "over"]);
    made.workbook.dispose();
    await turn();
    expect(heard).toHaveLength(2);
  });

  test("stops its SQL at the source", async () => {
    const asked: SqlRequest[] = [];
    const answer = deferred<unknown>();
    const made = opened(
      [
        modeCell(1, "sql", "select 1", { output: "a" }),
        ...cells("0", "0", "const b = a;").slice(2),
      ],
      {
        runSql: (request) => {
          asked.push(request);
          return answer.promise;
        },
      },
    );
    await until(() => asked.length === 1);
    endings[ending](made);
    await until(() => asked[0]?.signal.aborted === true);
    answer.reject(new DOMException("stopped", "AbortError"));
    await made.workbook.settled();
    expect(made.workbook.status(1)).toMatchObject(after[ending]);
  });

  test("returns its generator, whatever that is waiting for", async () => {
    const heard: string[] = [];
    const source =
      "const a = (function* () { try { for (let i = 0; ; i++) yield i; } finally { heard.push('returned'); } })();";
    const made = opened(cells(source, "0", "const b = 1;"), { builtins: { heard: () => heard } });
    await until(() => made.workbook.status(1)?.state === "fresh");
    if (ending === "cancelled") return; // a cell that has its value is not cancelled
    endings[ending](made);
    await until(() => heard.length === 1);
  });

  test("detaches from a stage, and cancels nothing of it", async () => {
    const heard: string[] = [];
    const stage = {
      [liveKey]: true as const,
      async *[Symbol.asyncIterator](): AsyncGenerator<LiveState<number>> {
        try {
          yield { card: "under way", value: 1 };
          await new Promise(() => undefined);
        } finally {
          heard.push("cancelled");
        }
      },
    };
    const made = opened(cells("const a = view(stage);", "0", "const b = 1;"), {
      builtins: { stage: () => stage },
    });
    await until(() => made.shown.get(1)?.[0] === "under way");
    endings[ending](made);
    await turn();
    expect(made.workbook.status(1)).toMatchObject(after[ending]);
    expect(heard).toEqual([]);
  });
});

test("a cancelled cell runs again when it is asked to, or when its code changes", async () => {
  const { workbook, ran } = opened(
    cells("ran('body'); const a = await new Promise(() => {});", "const b = a;"),
  );
  await until(() => workbook.status(1)?.state === "running");
  workbook.cancel(1);
  await workbook.settled();
  expect(workbook.status(2)).toMatchObject({
    state: "blocked",
    error: { blockedBy: { id: 1, name: "a" } },
  });
  workbook.run(1);
  await until(() => ran.length === 2 && workbook.status(1)?.state === "running");
  workbook.cancel(1);
  workbook.setCells(cells("const a = 5;", "const b = a;"));
  expect(await workbook.value("b")).toBe(5);
});

test("cancelling what does not run changes nothing", async () => {
  const { workbook, statuses } = opened(
    cells("const a = 1;", "const b = missing;", "const c = b;"),
  );
  await workbook.settled();
  const told = statuses.length;
  for (const id of [1, 2, 3, 4]) workbook.cancel(id);
  await workbook.settled();
  expect(statuses.slice(told)).toEqual([]);
});

test("a cell that never settles holds its readers, and nobody else, through any number of edits", async () => {
  const hung = "const a = await new Promise(() => {});";
  const sources = (n: number): string[] => [
    hung,
    "const b = a;",
    `const c = ${n};`,
    "const d = c + 1;",
  ];
  const { workbook } = opened(cells(...sources(0)));
  for (let n = 0; n < 5; n++) {
    workbook.setCells(cells(...sources(n)));
    await until(() => workbook.status(4)?.state === "fresh" && workbook.status(4)?.runs === n + 1);
    expect(workbook.status(1)).toMatchObject({ state: "running", runs: 1 });
    expect(workbook.status(2)).toMatchObject({ state: "queued", runs: 0 });
  }
});

test("who hears `running` knows which body is at work, so that a loop without end has a name", async () => {
  const heard: (number | null)[] = [];
  const { workbook } = opened(cells("const a = note();", "const b = a + note();"), {
    builtins: { note: () => () => (heard.push(-1), 1) },
    observer: { running: (id) => heard.push(id) },
  });
  await workbook.settled();
  expect(heard).toEqual([1, -1, null, 2, -1, null]);
});
