import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { wasmReady } from "../../../engines/tfjs/backend.ts";
import { updateRule, type DenseWeights } from "../../../engines/tfjs/kernels.ts";

const { kernels } = await wasmReady({});
const made: Tensor[] = [];

afterEach(() => made.splice(0).forEach((tensor) => tensor.dispose()));

describe("a dense layer on WASM", () => {
  test("takes the bias and the kernel as they are after each update, whichever has changed", async () => {
    const x = upload([1, 2, 3, 4], [2, 2]);
    const kernel = kernels.makeParameter("kernel", [2, 1], Float32Array.of(1, 10), 0);
    const bias = kernels.makeParameter("bias", [1], Float32Array.of(100), 0);
    const output = async (): Promise<number[]> =>
      await outputOf(x, { kernel: kernel.value, bias: bias.value });
    const rule = updateRule({ type: "sgd", lr: 1, momentum: 0 }, 1, 0);
    const before = tf.memory().numTensors;
    expect(await output()).toEqual([121, 143]);
    kernels.update(bias, kernels.upload(Float32Array.of(-200), [1]), rule);
    expect(await output()).toEqual([321, 343]);
    kernels.update(kernel, kernels.upload(Float32Array.of(-1, 0), [2, 1]), rule);
    expect(await output()).toEqual([322, 346]);
    kernels.update(bias, kernels.upload(Float32Array.of(300), [1]), rule);
    expect(await output()).toEqual([22, 46]);
    expect(await outputOf(x, { kernel: kernel.value })).toEqual([22, 46]);
    expect(tf.memory().numTensors).toBe(before);
    made.push(kernel.value, bias.value);
  });

  test.each(["relu", "linear", "gelu", "tanh", "sigmoid"] as const)(
    "lets NaN of either sign through a product, a bias and %s",
    async (activation) => {
      // Infinity - Infinity has the sign bit on x86
      const x = upload([NaN, 1, Infinity, -Infinity, 1, 1], [3, 2]);
      const kernel = upload([1, 1, 1, 1], [2, 2]);
      const clean = upload([0, 1], [2]);
      const faulty = upload([0, NaN], [2]);
      const found = await outputOf(x, { kernel, bias: clean }, activation);
      expect(found.map(Number.isNaN)).toEqual([true, true, true, true, false, false]);
      const all = await outputOf(x, { kernel, bias: faulty }, activation);
      expect([1, 3, 5].map((at) => all[at])).toEqual([NaN, NaN, NaN]);
    },
  );
});

describe("rows taken on WASM", () => {
  test.each([1, 36, 128, 129, 500])("are the rows of the order, %i wide", async (width) => {
    const value = (row: number, j: number): number => row * 1000 + j;
    const from = Array.from({ length: 4 * width }, (_, i) =>
      value(Math.floor(i / width), i % width),
    );
    const order = kernels.uploadOrder(Uint32Array.of(0, 3, 1, 1, 2));
    const taken = kernels.takeRows(upload(from, [4, width]), order, 1, 3);
    made.push(order, taken);
    const expected = [3, 1, 1].flatMap((row) =>
      Array.from({ length: width }, (_, j) => value(row, j)),
    );
    expect([...(await kernels.read(taken))]).toEqual(expected);
  });
});

describe("batchNorm on WASM", () => {
  test("finds a batch's variance where the first row lies far off, and none where nothing varies", async () => {
    const rows = 1001;
    const columns = [
      Array.from({ length: rows }, (_, i) => (i === 0 ? 1e6 : Math.sin(i))),
      Array.from({ length: rows }, (_, i) => 4096 + Math.fround(Math.cos(i) / 16)),
      Array.from({ length: rows }, () => 0.1),
    ].map((column) => column.map(Math.fround));
    const x = Array.from(
      { length: rows * 3 },
      (_, i) => columns[i % 3]?.[Math.floor(i / 3)] ?? NaN,
    );
    const weights = { scale: upload([1, 1, 1], [3]), shift: upload([0, 0, 0], [3]) };
    const found = kernels.batchNorm(upload(x, [rows, 3]), weights, 1e-5);
    made.push(found.output, found.mean, found.variance, found.inverse);
    const [means, variances] = [await kernels.read(found.mean), await kernels.read(found.variance)];
    columns.forEach((column, j) => {
      const mean = column.reduce((sum, value) => sum + value, 0) / rows;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
      expect(Math.abs((means[j] ?? NaN) / mean - 1)).toBeLessThan(2e-7);
      if (j < 2) expect(Math.abs((variances[j] ?? NaN) / variance - 1)).toBeLessThan(2e-7);
    });
    expect(variances[2]).toBe(0);
  });
});

function upload(values: readonly number[], shape: readonly number[]): Tensor {
  const tensor = kernels.upload(Float32Array.from(values), shape);
  made.push(tensor);
  return tensor;
}

async function outputOf(
  x: Tensor,
  weights: DenseWeights,
  activation: Parameters<typeof kernels.dense>[2] = "linear",
): Promise<number[]> {
  const { output, before } = kernels.dense(x, weights, activation);
  const values = [...(await kernels.read(output))];
  before?.dispose();
  output.dispose();
  return values;
}
