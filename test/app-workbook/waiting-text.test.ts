import { expect, test } from "vitest";
import { staleCounts, staleCountText } from "../../app/workbook/stale-count.ts";
import { endsByRunning, waitingText } from "../../app/workbook/waiting-text.ts";
import type { CellStatus } from "../../runtime/cell.ts";
import { explanationOf, type Explanation } from "../../runtime/fingerprint-explanation.ts";

/** A cell as a line: what it defines, what it reads, and how it stands. */
interface Line extends Partial<CellStatus> {
  readonly changed?: readonly string[];
}

function workbook(lines: Readonly<Record<string, Line>>) {
  const names = Object.keys(lines);
  const idOf = (name: string): number => names.indexOf(name) + 1;
  const statuses = names.map((name): CellStatus => {
    const { changed: _changed, ...fields } = lines[name] ?? {};
    const id = idOf(name);
    const known = { id, state: "fresh", defines: [name], reads: [], runs: 1 } as const;
    return { ...known, volatile: false, disabled: false, ...fields };
  });
  const lineOf = (id: number): Line => lines[names[id - 1] ?? ""] ?? {};
  const context = {
    statusOf: (id: number) => statuses[id - 1],
    definerOf: (name: string) => (names.includes(name) ? idOf(name) : undefined),
    explain: (id: number): Explanation | undefined => {
      const { changed } = lineOf(id);
      return (
        changed &&
        explanationOf(
          "stale",
          changed.map((name) => ({ part: "cell", name, cell: idOf(name), how: "changed" })),
        )
      );
    },
    isEdited: () => false,
  };
  return {
    ids: statuses.map(({ id }) => id),
    context,
    text: (name: string) => waitingText(idOf(name), context),
    endsByRunning: (name: string) => endsByRunning(idOf(name), context),
  };
}

const waits = { waitsFor: "whatever the graph says" } as const;
const stale = { state: "stale", ...waits } as const;
const unrun = { state: "idle", runs: 0, ...waits } as const;

test("a stale cell says what changed, and those below it that they are stale because of it", () => {
  const { text } = workbook({
    raw: {},
    features: { ...stale, held: true, reads: ["raw"], changed: ["raw"] },
    model: { ...stale, reads: ["features"], changed: ["features"] },
    chart: { ...stale, reads: ["raw", "model"], changed: ["model"] },
  });
  expect(text("raw")).toBeUndefined();
  expect(text("features")).toBe("Stale because `raw` changed");
  expect(text("model")).toBe("Stale because `features` is stale");
  expect(text("chart")).toBe("Stale because `model` waits for `features`, which is stale");
});

test("a stale cell says what changed besides what it waits for", () => {
  const { text } = workbook({
    raw: {},
    features: { ...stale, held: true, changed: [] },
    model: {
      ...stale,
      held: true,
      reads: ["features", "raw"],
      changed: ["features", "raw"],
    },
  });
  expect(text("model")).toBe("Stale because `features` is stale and because `raw` changed");
});

test("a cell that never ran says that it runs when one says so, or what it waits for", () => {
  const { text } = workbook({
    features: { ...unrun, held: true },
    model: { ...unrun, reads: ["features"] },
    chart: { ...unrun, reads: ["model"] },
  });
  expect(text("features")).toBe("Runs when you say so");
  expect(text("model")).toBe("Waits for `features`, which has not run");
  expect(text("chart")).toBe("Waits for `model`, which waits for `features`, which has not run");
});

test("what a stage waits for is said as the stage says it, and no run of a cell ends it", () => {
  const person = { waitsFor: "a person to start it" };
  const { text, endsByRunning } = workbook({
    run: { state: "idle", ...person },
    loss: { ...unrun, reads: ["run"] },
    again: { state: "stale", ...person, changed: ["run"] },
    full: { state: "idle", waitsFor: "This plan has had no small run" },
    below: { ...stale, reads: ["again"] },
    held: { ...stale, held: true },
    after: { ...stale, reads: ["held"] },
  });
  expect(text("run")).toBe("Waits for a person to start it");
  expect(text("loss")).toBe("Waits for `run`, which waits for a person to start it");
  expect(text("again")).toBe("Stale because `run` changed. Waits for a person to start it");
  expect(text("below")).toBe("Stale because `again` waits for a person to start it");
  expect(text("full")).toBe("Waits: This plan has had no small run");
  expect(["run", "loss", "again", "below"].map(endsByRunning)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(["held", "after"].map(endsByRunning)).toEqual([true, true]);
});

test("a long chain is cut to its ends", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const lines = names.map((name, index) => {
    const reads = index === 0 ? {} : { reads: [names[index - 1] ?? ""] };
    return [name, { ...stale, held: index === 0, ...reads }] as const;
  });
  const { text } = workbook(Object.fromEntries(lines));
  expect(text("f")).toBe(
    "Stale because `e` waits for `d`, which waits through 2 more cells for `a`, which is stale",
  );
});

test("cells that wait for each other in a circle still have a sentence", () => {
  const { text } = workbook({
    a: { ...stale, reads: ["b"] },
    b: { ...stale, reads: ["a"] },
  });
  expect(text("a")).toMatch(/^Stale because `b` /);
});

test("the count is of what Run stale would run, each cell once, by why", () => {
  const { ids, context } = workbook({
    raw: {},
    features: { ...stale, held: true },
    model: { ...stale, reads: ["features"] },
    first: { ...unrun, held: true },
    run: { state: "stale", waitsFor: "a person to start it" },
    off: { state: "idle", disabled: true },
    typed: { ...stale, held: true },
  });
  const counts = staleCounts(ids, { ...context, isEdited: (id) => id === 7 });
  expect(counts).toEqual({ stale: 2, waiting: 1, edited: 1 });
  expect(staleCountText(counts)).toBe("2 stale, 1 not run, 1 edited");
  expect(staleCountText({ stale: 0, waiting: 0, edited: 0 })).toBe("");
});
