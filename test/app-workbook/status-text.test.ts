import { expect, test } from "vitest";
import { durationText } from "../../app/workbook/duration.ts";
import {
  disabledAbove,
  failureChain,
  statusIcon,
  statusText,
} from "../../app/workbook/status-text.ts";
import type { CellError, CellStatus } from "../../runtime/cell.ts";

function status(fields: Partial<CellStatus>): CellStatus {
  return {
    id: 1,
    state: "fresh",
    defines: [],
    reads: [],
    runs: 1,
    volatile: false,
    disabled: false,
    ...fields,
  };
}

test("a span of time reads as people say it, at every size", () => {
  expect(
    [0.2, 12.4, 999, 1000, 1234, 59_940, 59_960, 125_000, 3_840_000].map(durationText),
  ).toEqual([
    "<1 ms",
    "12 ms",
    "999 ms",
    "1.0 s",
    "1.2 s",
    "59.9 s",
    "1 min 0 s",
    "2 min 5 s",
    "1 h 4 min",
  ]);
});

test("a stale cell says what changed and a running one for how long", () => {
  expect(statusText(status({ state: "stale", waitsFor: "`dev` has changed" }))).toBe(
    "Stale: `dev` has changed",
  );
  expect(statusText(status({ state: "running" }), 3200)).toBe("Running for 3.2 s");
  expect(statusText(status({ duration: 12 }))).toBe("Up to date, took 12 ms");
});

test("a blocked cell names the chain down to the cell that really failed", () => {
  const error = (fields: Partial<CellError>): CellError => ({
    name: "Error",
    message: "",
    ...fields,
  });
  const cells = new Map([
    [1, status({ state: "error", error: error({ message: "no column `mass`" }) })],
    [2, status({ state: "blocked", error: error({ blockedBy: { id: 1, name: "features" } }) })],
    [3, status({ state: "blocked", error: error({ blockedBy: { id: 2, name: "model" } }) })],
  ]);
  expect(failureChain(3, (id) => cells.get(id))).toEqual([
    { id: 2, name: "model" },
    { id: 1, name: "features", message: "no column `mass`" },
  ]);
  expect(failureChain(1, (id) => cells.get(id))).toEqual([]);
});

test("a chain that runs in a circle ends", () => {
  const blocked = (name: string, id: number): CellStatus =>
    status({ state: "blocked", error: { name: "Error", message: "", blockedBy: { id, name } } });
  const cells = new Map([
    [1, blocked("b", 2)],
    [2, blocked("a", 1)],
  ]);
  expect(failureChain(1, (id) => cells.get(id))).toEqual([{ id: 2, name: "b" }]);
});

test("a cell in a language that is not run has not failed, nor has it yet to run", () => {
  const error = { name: "Error", code: "not-run", message: "This cell needs a machine with R" };
  expect(statusText(status({ state: "idle", error }))).toBe("Not run here");
});

test("why a cell ran again or is stale is said with where it stands", () => {
  const changes = [{ part: "code", how: "changed" }] as const;
  const ran = { kind: "ran", changes, text: "Ran again because the code changed" } as const;
  const stale = { kind: "stale", changes, text: "Stale because the code changed" } as const;
  expect(statusText(status({ duration: 12 }), undefined, ran)).toBe(
    "Up to date, took 12 ms. Ran again because the code changed",
  );
  const waits = status({ state: "stale", waitsFor: "press Run" });
  expect(statusText(waits, undefined, stale)).toBe("Stale because the code changed: press Run");
  expect(statusText(waits, undefined, { ...stale, changes: [] })).toBe("Stale: press Run");
});

test("a cached result says that nothing ran for it", () => {
  expect(statusText(status({ cached: true, duration: 12 }))).toMatch(
    /^Up to date\. This result came from the cache: /,
  );
});

test("what a disabled cell blocks looks otherwise than what a failed one does", () => {
  const blocked = (id: number, by: number): CellStatus =>
    status({
      id,
      state: "blocked",
      error: { name: "", message: "", blockedBy: { id: by, name: `v${by}` } },
    });
  const cells = [
    status({ id: 1, state: "idle", disabled: true }),
    blocked(2, 1),
    blocked(3, 2),
    status({ id: 4, state: "error", error: { name: "Error", message: "no" } }),
    blocked(5, 4),
  ];
  const statusOf = (id: number): CellStatus | undefined => cells[id - 1];
  const above = cells.map((cell) => disabledAbove(cell, statusOf)?.id);
  expect(above).toEqual([undefined, 1, 1, undefined, undefined]);
  expect(cells.map((cell, index) => statusIcon(cell, above[index] !== undefined))).toEqual([
    "disabled",
    "disabled",
    "disabled",
    "error",
    "blocked",
  ]);
});
