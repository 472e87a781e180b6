import { expect, test } from "vitest";
import { cell, modeCell, open } from "./open-workbook.ts";

test("a cell in a language that is not run is idle, and what reads it is blocked and says why", async () => {
  const { workbook, shown } = open([
    modeCell(1, "python", "frame = 1", { output: "frame" }),
    cell(2, "const size = frame.length"),
    cell(3, "size + 1"),
    cell(4, "1 + 1"),
  ]);
  await workbook.settled();
  expect(workbook.status(1)).toMatchObject({
    state: "idle",
    defines: ["frame"],
    runs: 0,
    error: {
      code: "not-run",
      message: "This cell needs a machine with Python and is not run by Tierbook",
    },
  });
  expect(workbook.status(2)).toMatchObject({
    state: "blocked",
    error: {
      message: "`frame` needs a machine with Python and is not run by Tierbook",
      blockedBy: { id: 1, name: "frame" },
    },
  });
  expect(workbook.status(3)).toMatchObject({ state: "blocked", error: { blockedBy: { id: 2 } } });
  expect(shown.get(4)).toEqual([2]);
  workbook.dispose();
});

test("a cell that is made JavaScript runs, and frees what waited for it", async () => {
  const { workbook, shown } = open([modeCell(1, "r", "1", { output: "x" }), cell(2, "x + 1")]);
  await workbook.settled();
  expect(workbook.status(2)?.state).toBe("blocked");
  workbook.setCells([cell(1, "const x = 41"), cell(2, "x + 1")]);
  await workbook.settled();
  expect(shown.get(2)).toEqual([42]);
  expect(workbook.statuses().map(({ state }) => state)).toEqual(["fresh", "fresh"]);
  workbook.dispose();
});
