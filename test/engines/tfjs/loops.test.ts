import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activate, columnSums, rowsAtOnce, slope, transpose } from "../../../engines/tfjs/loops.ts";

/** Any 32 bits as a float, NaN of either sign and both infinities among them. */
const anyFloats = fc
  .array(
    fc.oneof(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.constantFrom(0x7fc00000, -0x400000, -1, 0x7f800000, -0x800000, 0, -(2 ** 31)),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((bits) => new Float32Array(Int32Array.from(bits).buffer));

/** A matrix whose rows may fill several blocks, and its width. */
const anyMatrix = fc
  .record({
    rows: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 100, max: 700 })),
    columns: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 60, max: 300 })),
    seed: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ rows, columns, seed }) => ({
    rows,
    columns,
    values: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(seed + 1.7 * i)),
  }));

describe("relu", () => {
  test("makes zero of what is below zero, leaves what is above, and NaN of either sign stays", () => {
    fc.assert(
      fc.property(anyFloats, (values) => {
        const found = values.slice();
        activate(found, "relu");
        values.forEach((value, i) =>
          expect(found[i]).toBe(Number.isNaN(value) ? NaN : above(value)),
        );
      }),
    );
  });

  test("has a slope that keeps the gradient where the output is not zero, and where it is NaN", () => {
    fc.assert(
      fc.property(anyFloats, (values) => {
        const output = values.slice();
        activate(output, "relu");
        const gradient = output.map((_, i) => i - 20.5);
        slope(gradient, output, "relu");
        values.forEach((value, i) => expect(gradient[i]).toBe(value <= 0 ? 0 : i - 20.5));
      }),
    );
  });

  test("lets a gradient that is NaN through where the output is not zero", () => {
    const gradient = Float32Array.of(NaN, NaN);
    slope(gradient, Float32Array.of(1, 0), "relu");
    expect([...gradient]).toEqual([NaN, 0]);
  });
});

describe("loops by blocks of rows", () => {
  test("transpose to what has each row as a column", () => {
    fc.assert(
      fc.property(anyMatrix, ({ rows, columns, values }) => {
        const turned = new Float32Array(values.length);
        transpose(values, turned, rows, columns);
        const back = new Float32Array(values.length);
        transpose(turned, back, columns, rows);
        expect(back.every((value, i) => value === values[i])).toBe(true);
        const [row, column] = [rows - 1, Math.floor(columns / 2)];
        expect(turned[column * rows + row]).toBe(values[row * columns + column]);
      }),
      { numRuns: 40 },
    );
  });

  test("sum each column over all rows", () => {
    fc.assert(
      fc.property(anyMatrix, ({ rows, columns, values }) => {
        const sums = columnSums(values, columns);
        expect(sums).toHaveLength(columns);
        sums.forEach((sum, j) => {
          let expected = 0;
          for (let i = 0; i < rows; i++) expected += values[i * columns + j] ?? NaN;
          expect(Math.abs(sum - expected)).toBeLessThan(1e-12 * (1 + rows));
        });
      }),
      { numRuns: 40 },
    );
  });

  test("take some rows at once however wide they are", () => {
    for (const columns of [1, 64, 2048, 100_000])
      expect(rowsAtOnce(columns)).toBeGreaterThanOrEqual(8);
  });
});

function above(value: number): number {
  return value > 0 ? value : 0;
}
