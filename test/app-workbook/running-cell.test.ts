import { expect, test } from "vitest";
import { RunningCell } from "../../app/workbook/running-cell.ts";

function heard(): { readonly running: RunningCell; readonly told: (number | null)[] } {
  const told: (number | null)[] = [];
  return { running: new RunningCell((cell) => told.push(cell)), told };
}

test("each cell is told before its code runs, and the end once for all that run in one go", async () => {
  const { running, told } = heard();
  for (const cell of [1, 2, 3]) {
    running.set(cell);
    expect(told.at(-1)).toBe(cell);
    running.set(null);
  }
  await Promise.resolve();
  expect(told).toEqual([1, 2, 3, null]);
});

test("a cell whose code goes on is not told to be through", async () => {
  const { running, told } = heard();
  running.set(1);
  running.set(null);
  running.set(2);
  await Promise.resolve();
  expect(told).toEqual([1, 2]);
  running.set(null);
  await Promise.resolve();
  expect(told).toEqual([1, 2, null]);
});

test("nothing is told twice", async () => {
  const { running, told } = heard();
  running.set(null);
  await Promise.resolve();
  running.set(5);
  running.set(null);
  running.set(5);
  running.set(null);
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual([5, null]);
});
