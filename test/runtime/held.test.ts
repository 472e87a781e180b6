import { describe, expect, onTestFinished, test } from "vitest";
import type { Cell, CellMode, CellState } from "../../runtime/cell.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { reopened } from "./kept-workbook.ts";
import { cell, cells, modeCell, open, type Opened } from "./open-workbook.ts";
import { TestStage } from "./test-stage.ts";

async function openedHeld(
  sources: readonly Cell[],
  options: WorkbookOptions = {},
): Promise<Opened> {
  const made = open(sources, { held: true, ...options });
  onTestFinished(() => made.workbook.dispose());
  await made.workbook.settled();
  return made;
}

async function settle({ workbook, ran }: Opened): Promise<string[]> {
  await workbook.settled();
  return ran.splice(0);
}

const states = ({ workbook }: Opened): CellState[] => workbook.statuses().map(({ state }) => state);

const hold = "it runs when you let the workbook run";
const three = (a = 1): Cell[] =>
  cells(`const a = ran('a', ${a})`, "const b = ran('b', a + 1)", "ran('c', b)");

/** Tags that note which text was drawn. */
function tags(ran: string[]): Record<string, () => unknown> {
  const tag = (parts: readonly string[], ...values: readonly unknown[]): string => {
    ran.push(parts[0] ?? "");
    return parts.join("") + values.join("");
  };
  const block = Object.assign(tag, { block: tag });
  return { md: () => tag, html: () => tag, tex: () => block, dot: () => tag };
}

describe("in a held workbook no body runs:", () => {
  test("cells wait, and those below them say for which", async () => {
    const made = await openedHeld(three());
    expect(made.ran).toEqual([]);
    expect(states(made)).toEqual(["idle", "idle", "idle"]);
    expect(made.workbook.statuses()).toMatchObject([
      { held: true, waitsFor: hold },
      { waitsFor: `\`a\` waits: ${hold}` },
      { waitsFor: `\`a\` waits: ${hold}` },
    ]);
  });

  test.each([
    ["an import", cell(1, "import {x} from 'npm:x'; const a = ran('a', x)")],
    ["a promise", cell(1, "const a = await Promise.resolve(ran('a', 1))")],
    ["a generator", cell(1, "const a = (function* () { yield ran('a', 1); })()")],
    ["an input", cell(1, "const a = view(ran('a', new EventTarget()))")],
    ["Observable JavaScript", modeCell(1, "ojs", "viewof a = ran('a', new EventTarget())")],
    ["a mutable", modeCell(1, "ojs", "mutable a = ran('a', 1)")],
    ["TypeScript", modeCell(1, "ts", "const a: number = ran('a', 1);")],
    ["SQL", modeCell(1, "sql", "select 1", { output: "a" })],
    ["what reads the clock", cell(1, "const a = ran('a', Date.now())")],
  ])("%s", async (_, source) => {
    const asked: string[] = [];
    const runSql: WorkbookOptions["runSql"] = ({ strings }) => {
      asked.push(strings.join());
      return Promise.resolve([]);
    };
    const made = await openedHeld([source, cell(2, "ran('b', a)")], { runSql });
    expect(made.ran).toEqual([]);
    expect(asked).toEqual([]);
    expect(states(made)).toEqual(["idle", "idle"]);
  });

  test("a stage is not begun", async () => {
    const stage = new TestStage();
    await openedHeld(cells("const run = view(stage)"), { builtins: { stage: () => stage } });
    expect(stage.isStarted).toBe(false);
  });

  test.each<CellMode>(["md", "html", "tex", "dot"])(
    "text of the mode %s is drawn, and waits where there is code in it",
    async (mode) => {
      const drawn: string[] = [];
      const made = await openedHeld(
        [modeCell(1, mode, "plain"), modeCell(2, mode, "sum: ${1 + 1}")],
        { builtins: tags(drawn) },
      );
      expect(drawn).toEqual(["plain"]);
      expect(states(made)).toEqual(["fresh", "idle"]);
    },
  );

  test("text whose tag is a cell's waits also when that cell has run", async () => {
    const made = await openedHeld([
      cell(1, "const md = (parts) => ran('md', parts)"),
      modeCell(2, "md", "plain"),
    ]);
    made.workbook.run(1);
    expect(await settle(made)).toEqual([]);
    expect(states(made)).toEqual(["fresh", "idle"]);
  });

  test("what cannot run anyway says so", async () => {
    const made = await openedHeld(cells("const a = ;", "b"));
    expect(states(made)).toEqual(["error", "error"]);
  });
});

describe("in a held workbook what is known is shown:", () => {
  test("from the store, also below what is not known", async () => {
    const sources = cells(
      "const a = ran('a', 1)",
      "const b = ran('b', a + 1)",
      "const f = ran('f', () => 1)",
      "const c = ran('c', f() + b)",
    );
    const { second } = await reopened(sources, {}, { options: { held: true } });
    onTestFinished(() => second.workbook.dispose());
    expect(second.ran).toEqual([]);
    expect(states(second)).toEqual(["fresh", "fresh", "idle", "idle"]);
    expect(second.workbook.status(2)).toMatchObject({ cached: true });
    second.workbook.run(3);
    expect(await settle(second)).toEqual(["f"]);
    // its input is what it was, so what it came to is known
    expect(states(second)).toEqual(["fresh", "fresh", "fresh", "fresh"]);
  });

  test("when an edit is taken back; meanwhile it is stale", async () => {
    const { second } = await reopened(three(), {}, { options: { held: true } });
    onTestFinished(() => second.workbook.dispose());
    second.workbook.setCells(three(2));
    expect(await settle(second)).toEqual([]);
    expect(states(second)).toEqual(["stale", "stale", "stale"]);
    expect(second.workbook.explain(1)).toMatchObject({
      kind: "stale",
      changes: [{ part: "code" }],
    });
    second.workbook.setCells(three());
    expect(await settle(second)).toEqual([]);
    expect(states(second)).toEqual(["fresh", "fresh", "fresh"]);
  });
});

describe("in a held workbook a person runs", () => {
  test("one cell: not what reads it", async () => {
    const made = await openedHeld(three());
    made.workbook.run(1);
    expect(await settle(made)).toEqual(["a"]);
    expect(states(made)).toEqual(["fresh", "idle", "idle"]);
    made.workbook.setCells(three(2));
    expect(await settle(made)).toEqual([]);
    expect(states(made)).toEqual(["stale", "idle", "idle"]);
  });

  test("a cell and what it depends on", async () => {
    const made = await openedHeld([...three(), cell(4, "ran('d')")]);
    made.workbook.runTo(2);
    expect(await settle(made)).toEqual(["a", "b"]);
    expect(states(made)).toEqual(["fresh", "fresh", "idle", "idle"]);
  });

  test.each(["runStale", "runAll"] as const)("everything by %s, and is held again", async (all) => {
    const made = await openedHeld(three());
    made.workbook[all]();
    expect(await settle(made)).toEqual(["a", "b", "c"]);
    made.workbook.setCells(three(2));
    expect(await settle(made)).toEqual([]);
    expect(states(made)).toEqual(["stale", "stale", "stale"]);
  });

  test("a cell with an input, whose values reach no other cell's body", async () => {
    const input = Object.assign(new EventTarget(), { value: 1 });
    const made = await openedHeld(cells("const a = view(input)", "ran('b', a)"), {
      builtins: { input: () => input },
    });
    made.workbook.runTo(2);
    expect(await settle(made)).toEqual(["b"]);
    input.value = 2;
    input.dispatchEvent(new Event("input"));
    expect(await settle(made)).toEqual([]);
    expect(states(made)).toEqual(["fresh", "stale"]);
  });
});

describe("a workbook that is released", () => {
  test("runs what is not known, and nothing else, by the cells' own policies", async () => {
    const sources = (rest: Partial<Cell>): Cell[] => [
      ...three(),
      cell(4, "const f = ran('f', () => 1)"),
      cell(5, "const m = ran('m', f)", rest),
    ];
    const { second } = await reopened(
      sources({}),
      {},
      { cells: sources({ policy: "manual" }), options: { held: true } },
    );
    onTestFinished(() => second.workbook.dispose());
    second.workbook.release();
    expect(await settle(second)).toEqual(["f"]);
    expect(states(second)).toEqual(["fresh", "fresh", "fresh", "fresh", "idle"]);
    expect(second.workbook.status(5)?.waitsFor).toBe("it runs when you say so");
    second.workbook.setCell(cell(1, "const a = ran('a', 5)"));
    expect(await settle(second)).toEqual(["a", "b", "c"]);
  });

  test("runs an edit that was made while it was held", async () => {
    const made = await openedHeld(three());
    made.workbook.setCells(three(7));
    made.workbook.release();
    expect(await settle(made)).toEqual(["a", "b", "c"]);
    expect(await made.workbook.value("b")).toBe(8);
  });

  test("that was not held goes on as it was", async () => {
    const made = await openedHeld(three(), { held: false });
    expect(await settle(made)).toEqual(["a", "b", "c"]);
    made.workbook.release();
    expect(await settle(made)).toEqual([]);
  });
});

describe("a result that came back and is doubted", () => {
  const kept = async (rest: Partial<Cell>, options: WorkbookOptions = {}): Promise<Opened> => {
    const sources = [cell(1, "const a = ran('a', {n: 1})", rest), cell(2, "ran('b', a.n)")];
    const { second } = await reopened(sources, {}, { options });
    onTestFinished(() => second.workbook.dispose());
    expect(second.ran).toEqual([]);
    return second;
  };

  test("is computed again", async () => {
    const made = await kept({});
    made.workbook.doubt(1);
    expect(await settle(made)).toEqual(["a"]);
    expect(made.workbook.status(1)).toMatchObject({ state: "fresh", runs: 1 });
    expect(made.workbook.status(1)).not.toHaveProperty("cached");
    // what ran here is beyond doubt
    made.workbook.doubt(1);
    expect(await settle(made)).toEqual([]);
  });

  test.each([
    ["a held workbook", {}, { held: true }],
    ["a cell that runs once", { policy: "once" }, {}],
  ] as const)("waits for a person in %s", async (_, rest, options) => {
    const made = await kept(rest, options);
    made.workbook.doubt(1);
    expect(await settle(made)).toEqual([]);
    expect(states(made)).toEqual(["stale", "stale"]);
    made.workbook.run(1);
    expect(await settle(made)).toEqual(["a"]);
    expect(states(made)).toEqual(["fresh", "fresh"]);
  });
});
