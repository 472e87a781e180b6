import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Calibration } from "../../engines/calibration.ts";

function calibrated(bins: number, rows: readonly (readonly [number, number])[]): Calibration {
  const calibration = new Calibration(bins);
  for (const [probability, label] of rows) calibration.add(probability, label === 1);
  return calibration;
}

// torchmetrics' documentation: 2 bins
test("the error is torchmetrics'", () => {
  const rows = [
    [0.25, 0],
    [0.25, 0],
    [0.55, 1],
    [0.75, 1],
    [0.75, 1],
  ] as const;
  expect(calibrated(2, rows).error).toBeCloseTo(0.29, 9);
});

// by hand: 10 bins of one row each, and 5 bins of which one holds .95 and .85, one .75 and .65
test("the error depends on the bins as its definition says", () => {
  const rows = [
    [0.95, 1],
    [0.85, 1],
    [0.75, 0],
    [0.65, 1],
    [0.55, 0],
  ] as const;
  expect(calibrated(10, rows).error).toBeCloseTo(0.37, 9);
  expect(calibrated(5, rows).error).toBeCloseTo(0.23, 9);
});

test("each bin is right-closed, also where the product with the number of bins is rounded", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), (bins, edge) => {
      fc.pre(edge <= bins);
      const [bin] = calibrated(bins, [[edge / bins, 1]]).bins;
      expect(bin?.to).toBe(Math.max(1, edge) / bins);
    }),
  );
});

test("bins hold every row, with what was predicted and what came", () => {
  const { bins } = calibrated(15, [
    [0, 0],
    [1, 1],
    [0.97, 0],
    [0.5, 1],
  ]);
  expect(bins).toEqual([
    { from: 0, to: 1 / 15, rows: 1, predicted: 0, observed: 0 },
    { from: 7 / 15, to: 8 / 15, rows: 1, predicted: 0.5, observed: 1 },
    { from: 14 / 15, to: 1, rows: 2, predicted: 0.985, observed: 0.5 },
  ]);
});
