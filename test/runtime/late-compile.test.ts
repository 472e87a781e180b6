import { expect, test } from "vitest";
import { cell, modeCell, open, until } from "./open-workbook.ts";

// TypeScript compiles late: its compiler is loaded when a cell first needs it.

test("what reads a cell that is still being compiled waits, and says nothing of a missing name", async () => {
  const { workbook, statuses } = open([
    modeCell(1, "ts", "const size: number = 6;"),
    cell(2, "size * 7"),
  ]);
  expect(workbook.status(2)?.state).toBe("queued");
  await workbook.settled();
  expect(workbook.status(2)?.state).toBe("fresh");
  expect(statuses.filter(({ error }) => error !== undefined)).toEqual([]);
  workbook.dispose();
});

test("a name that no compiled cell defines is missing once all are compiled", async () => {
  const { workbook } = open([modeCell(1, "ts", "const size: number = 6;"), cell(2, "sise * 7")]);
  await workbook.settled();
  expect(workbook.status(2)).toMatchObject({ state: "error", error: { code: "undefined-name" } });
  workbook.dispose();
});

test("a cell whose new code is being compiled is not fresh on the old, nor is what reads it", async () => {
  const { workbook, shown } = open([
    modeCell(1, "ts", "const size: number = 6;"),
    cell(2, "size * 7"),
  ]);
  await workbook.settled();
  workbook.setCells([modeCell(1, "ts", "const size: number = 7;"), cell(2, "size * 7")]);
  await Promise.resolve();
  await Promise.resolve();
  expect(workbook.statuses().map(({ state }) => state)).toEqual(["queued", "queued"]);
  await until(() => shown.get(2)?.[0] === 49);
  workbook.dispose();
});

test("a cell that is gone before it was compiled holds nobody", async () => {
  const { workbook } = open([modeCell(1, "ts", "const size: number = 6;"), cell(2, "size * 7")]);
  workbook.setCells([cell(2, "size * 7")]);
  await workbook.settled();
  expect(workbook.status(2)).toMatchObject({ state: "error", error: { code: "undefined-name" } });
  workbook.dispose();
});
