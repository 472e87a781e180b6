import * as fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { wasmReady } from "../../../engines/tfjs/backend.ts";
import {
  deviation,
  layerDeviations,
  nanPlaces,
  runningMoments,
  tableGradientBits,
} from "./layer-kernels.ts";
import {
  embedded,
  embedInputGradient,
  finiteDifferences,
  inner,
  matrix,
  normed,
  tableGradient,
  type Matrix,
} from "./layer-reference.ts";

const { kernels } = await wasmReady({});

describe("the float64 reference", () => {
  const x = [
    [0.3, 1, -2, 0],
    [-1.1, 2, 0.4, 5],
    [0.7, 1, 1.5, 2],
  ];
  const table = [
    [0.1, -0.2],
    [0.5, 0.3],
    [-0.7, 0.9],
  ];

  test("has the embedding's gradients that central differences have", () => {
    const indices = [1, 3];
    const gradient = embedded(x, table, indices).map((row, i) => row.map((_, j) => i - 0.3 * j));
    const through = (of: Matrix, by: Matrix): number => inner(embedded(of, by, indices), gradient);
    const byTable = finiteDifferences((values) => through(x, matrix(values, 2)), table.flat());
    const ofTable = tableGradient(x, table, indices, gradient);
    expect(deviation(byTable, ofTable.flat())).toBeLessThan(1e-9);
    // an index moved by a little names the same word, or the one before: only the others count
    const passed = [0, 2, 4, 6, 8, 10];
    const byInput = finiteDifferences(
      (values) => {
        const moved = x.flat();
        passed.forEach((at, k) => (moved[at] = values[k] ?? NaN));
        return through(matrix(moved, 4), table);
      },
      passed.map((at) => x.flat()[at] ?? NaN),
    );
    const ofInput = embedInputGradient(x, 2, indices, gradient).flat();
    expect(
      deviation(
        byInput,
        passed.map((at) => ofInput[at] ?? NaN),
      ),
    ).toBeLessThan(1e-9);
    expect([1, 3, 5, 7, 9, 11].map((at) => ofInput[at])).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test.each([true, false])(
    "has the normalisations' gradients that central differences have (by column: %s)",
    (byColumn) => {
      const [scale, shift] = [
        [1.5, 0.5, 2, 1],
        [0.1, 0.2, -0.3, 0],
      ];
      const gradient = x.map((row, i) => row.map((_, j) => Math.sin(3 * i + j)));
      const through = (of: Matrix, by: readonly number[], and: readonly number[]): number =>
        inner(normed(of, by, and, 1e-3, byColumn, gradient).output, gradient);
      const { input, ...weights } = normed(x, scale, shift, 1e-3, byColumn, gradient);
      const byInput = finiteDifferences(
        (values) => through(matrix(values, 4), scale, shift),
        x.flat(),
      );
      expect(deviation(byInput, input.flat())).toBeLessThan(1e-8);
      const byScale = finiteDifferences((values) => through(x, values, shift), scale);
      expect(deviation(byScale, weights.scale)).toBeLessThan(1e-8);
      const byShift = finiteDifferences((values) => through(x, scale, values), shift);
      expect(deviation(byShift, weights.shift)).toBeLessThan(1e-8);
    },
  );
});

describe("the kernels on WASM", () => {
  test("embed, normalise and weigh as the float64 reference does, within 2e-6", async () => {
    const before = tf.memory().numTensors;
    const found = await layerDeviations(kernels);
    expect(Object.keys(found)).toHaveLength(15 + 4 * 8 + 4 * 6 + 4);
    for (const [name, value] of Object.entries(found)) expect(value, name).toBeLessThan(2e-6);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("sum a shared table's gradient to the same bits twice", async () => {
    const [first, second] = await tableGradientBits(kernels);
    expect(second).toEqual(first);
  });

  test("let NaN through, in batchNorm to its column, in layerNorm to its row", async () => {
    expect(await nanPlaces(kernels)).toEqual({
      embed: "1:0 1:1",
      batchNorm: "0:1 1:1 2:1",
      normalize: "1:1",
      layerNorm: "1:0 1:1",
    });
  });

  test("move running moments as PyTorch's definition has it, worked out by hand", async () => {
    // [1, 2, 3, 6]: mean 3, unbiased variance (4 + 1 + 0 + 9) / 3; from mean 0 and variance 1, by 0.1
    const one = await runningMoments(kernels, [[1, 2, 3, 6]], 0.1);
    expect(one.mean).toBeCloseTo(0.3, 7);
    expect(one.variance).toBeCloseTo(0.9 + 14 / 30, 6);
    // then [0, 4]: mean 2, unbiased variance 8
    const two = await runningMoments(
      kernels,
      [
        [1, 2, 3, 6],
        [0, 4],
      ],
      0.1,
    );
    expect(two.mean).toBeCloseTo(0.9 * 0.3 + 0.2, 7);
    expect(two.variance).toBeCloseTo(0.9 * (0.9 + 14 / 30) + 0.8, 6);
  });

  test("give a table the adjoint of what they give the rows: Σ embed(T) · G = Σ T · gradient(G)", async () => {
    await fc.assert(
      fc.asyncProperty(embeddingCase, async ({ rows, width, indices, words, units, seed }) => {
        const outputs = width + indices.length * (units - 1);
        const number = (i: number): number => Math.sin(seed + 1.7 * i);
        const x = kernels.upload(
          Float32Array.from({ length: rows * width }, (_, i) =>
            indices.includes(i % width) ? Math.floor(Math.abs(number(i)) * words * 1.2) : 0,
          ),
          [rows, width],
        );
        const values = Float32Array.from({ length: words * units }, (_, i) => number(i + 0.5));
        const flowing = Float32Array.from({ length: rows * outputs }, (_, i) => number(i / 3));
        const table = kernels.upload(values, [words, units]);
        const output = kernels.embed(x, table, indices);
        const gradient = kernels.upload(flowing, [rows, outputs]);
        const found = kernels.embedGradients(x, table, indices, gradient, false);
        const here = inner([[...(await kernels.read(output))]], [[...flowing]]);
        const there = inner([[...values]], [[...(await kernels.read(found.table))]]);
        for (const tensor of [x, table, output, found.table]) tensor.dispose();
        expect(Math.abs(here - there)).toBeLessThan(1e-5 * (1 + rows * indices.length * units));
      }),
    );
  });
});

const embeddingCase = fc
  .record({
    rows: fc.integer({ min: 1, max: 30 }),
    width: fc.integer({ min: 1, max: 6 }),
    words: fc.integer({ min: 1, max: 9 }),
    units: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 0, max: 1000 }),
  })
  .chain((sizes) =>
    fc
      .subarray(
        Array.from({ length: sizes.width }, (_, i) => i),
        { minLength: 1 },
      )
      .map((indices) => ({ ...sizes, indices })),
  );
