import { expect, test } from "vitest";
import { CalmStatus } from "../../app/workbook/calm-status.ts";
import type { CellState, CellStatus } from "../../runtime/cell.ts";

function status(state: CellState): CellStatus {
  return { id: 1, state, defines: [], reads: [], runs: 1, volatile: false, disabled: false };
}

test("a run that is over at once is never shown as running", () => {
  const calm = new CalmStatus();
  const seen: (CellState | undefined)[] = [];
  const states = ["fresh", "queued", "running", "fresh", "queued", "running", "error"] as const;
  for (const [index, state] of states.entries()) {
    calm.set(status(state), 40 * index);
    seen.push(calm.at(40 * index)?.state);
  }
  expect(seen).toEqual(["fresh", "fresh", "fresh", "fresh", "fresh", "fresh", "error"]);
});

test("a run that takes a while is shown as running, counted from when it was queued", () => {
  const calm = new CalmStatus();
  calm.set(status("fresh"), 0);
  expect(calm.at(0)?.state).toBe("fresh");
  calm.set(status("queued"), 10);
  calm.set(status("running"), 100);
  expect([calm.at(100)?.state, calm.isHolding]).toEqual(["fresh", true]);
  expect([calm.at(160)?.state, calm.isHolding]).toEqual(["running", false]);
  calm.set(status("fresh"), 170);
  expect([calm.at(170)?.state, calm.isHolding]).toEqual(["fresh", false]);
});

test("nothing is shown of a cell that has only begun to run for the first time", () => {
  const calm = new CalmStatus();
  calm.set(status("queued"), 0);
  expect(calm.at(0)).toBeUndefined();
  expect(calm.at(200)?.state).toBe("queued");
});
