import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EpochOrder, type EpochWindow } from "../../engines/epoch-order.ts";
import { permutation, randomStream } from "../../engines/random.ts";

const options = fc.record({
  seed: fc.nat(0xffffffff),
  epoch: fc.nat(20),
  numRows: fc.integer({ min: 1, max: 20_000 }),
  batch: fc.integer({ min: 1, max: 700 }),
  windowRows: fc.integer({ min: 1, max: 6000 }),
});

function windowsOf(order: EpochOrder): EpochWindow[] {
  return Array.from({ length: order.windows }, (_, w) => order.window(w));
}

/** A window's rows in the order in which they are trained on. */
function rowsOf({ ranges, order }: EpochWindow): number[] {
  const read = ranges.flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, i) => start + i),
  );
  return Array.from(order, (at) => read[at] ?? NaN);
}

describe("EpochOrder", () => {
  test("takes each row once an epoch", () => {
    fc.assert(
      fc.property(options, (given) => {
        const rows = windowsOf(new EpochOrder(given)).flatMap(rowsOf);
        expect(rows.sort((a, b) => a - b)).toEqual(
          Array.from({ length: given.numRows }, (_, row) => row),
        );
      }),
    );
  });

  test("fills every batch but the epoch's last, and no window past its limit", () => {
    fc.assert(
      fc.property(options, (given) => {
        const windows = windowsOf(new EpochOrder(given));
        for (const { numRows, order } of windows) {
          expect(order).toHaveLength(numRows);
          expect(numRows).toBeLessThanOrEqual(Math.max(given.windowRows, given.batch));
          expect(numRows).toBeGreaterThan(0);
        }
        for (const { numRows } of windows.slice(0, -1)) expect(numRows % given.batch).toBe(0);
      }),
    );
  });

  test("is one permutation of all rows where they fit into a window", () => {
    const order = new EpochOrder({ seed: 5, epoch: 3, numRows: 4000, batch: 32, windowRows: 4000 });
    expect(order.windows).toBe(1);
    expect(order.window(0)).toEqual({
      numRows: 4000,
      ranges: [{ start: 0, end: 4000 }],
      order: permutation({ seed: 5, stream: randomStream.shuffle, layer: 0, step: 3 }, 4000),
    });
  });

  test("is the permutations that it says, of blocks and of each window", () => {
    const given = { seed: 5, epoch: 3, numRows: 5000, batch: 30, windowRows: 2000 };
    const sequence = { seed: 5, stream: randomStream.shuffle, step: 3 };
    const inBlocks = [...permutation({ ...sequence, layer: 1 }, 5)].flatMap((block) =>
      Array.from({ length: Math.min(1024, 5000 - 1024 * block) }, (_, i) => 1024 * block + i),
    );
    const windows = windowsOf(new EpochOrder(given));
    expect(windows.map(({ numRows }) => numRows)).toEqual([1980, 1980, 1040]);
    windows.forEach((window, w) => {
      const held = inBlocks.slice(1980 * w, 1980 * (w + 1));
      const order = permutation({ ...sequence, layer: 2 + w }, held.length);
      expect(rowsOf(window)).toEqual(Array.from(order, (at) => held[at]));
    });
  });

  test("reads in runs of at least a block, less where a window or the rows end", () => {
    fc.assert(
      fc.property(options, (given) => {
        for (const { ranges } of windowsOf(new EpochOrder(given))) {
          const short = ranges.filter(({ start, end }) => end - start < 1024);
          expect(short.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  test("is another one at each epoch and seed, and lets far rows meet", () => {
    const given = { seed: 5, epoch: 0, numRows: 20_000, batch: 50, windowRows: 5000 };
    const first = rowsOf(new EpochOrder(given).window(0));
    expect(rowsOf(new EpochOrder(given).window(0))).toEqual(first);
    expect(rowsOf(new EpochOrder({ ...given, epoch: 1 }).window(0))).not.toEqual(first);
    expect(rowsOf(new EpochOrder({ ...given, seed: 6 }).window(0))).not.toEqual(first);
    expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(10_000);
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
  });
});
