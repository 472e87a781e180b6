import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { readSafetensors } from "../../../engines/safetensors.ts";
import { wasmReady } from "../../../engines/tfjs/backend.ts";
import { modelFile } from "../../../engines/tfjs/checkpoint.ts";
import { Network } from "../../../engines/tfjs/network.ts";
import { deviation } from "./layer-kernels.ts";
import { layeredPlan, layeredRows, layeredWeights, trainLayered } from "./layered-network.ts";
import { referenceLayered } from "./layered-reference.ts";
import { layeredOptimizers } from "./layered-optimizers.ts";

const { kernels } = await wasmReady({});

describe("a network of embeddings and normalisations on WASM", () => {
  test.each(layeredOptimizers)(
    "trains 20 steps as the float64 reference does with $type, losses within 1e-5",
    async (optimizer) => {
      const plan = layeredPlan(optimizer);
      const before = tf.memory().numTensors;
      const actual = await trainLayered(kernels, plan);
      expect(tf.memory().numTensors).toBe(before);
      const expected = referenceLayered(plan);
      expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0] ?? NaN);
      actual.losses.forEach((loss, i) =>
        expect(Math.abs(loss / (expected.losses[i] ?? NaN) - 1)).toBeLessThan(1e-5),
      );
      expect(actual.gradientNorm / expected.gradientNorm).toBeCloseTo(1, 5);
      expect(deviation(actual.logits, expected.logits)).toBeLessThan(1e-4);
      for (const [name, values] of Object.entries(expected.parameters))
        expect(deviation(actual.parameters[name] ?? [], values), name).toBeLessThan(1e-4);
    },
  );

  test.each(layeredOptimizers)(
    "goes on from a checkpoint to the same bits with $type, running moments included",
    async (optimizer) => {
      const plan = layeredPlan(optimizer);
      const whole = await trainLayered(kernels, plan);
      for (const saveAt of [0, 7, 19])
        expect(await trainLayered(kernels, plan, saveAt)).toEqual(whole);
      expect(whole.parameters["network.7.mean"]).not.toEqual([
        ...(layeredWeights(plan).find(({ name }) => name === "network.7.mean")?.values ?? []),
      ]);
    },
  );

  test("keeps no slots for running moments, and saves them with the model", async () => {
    const [optimizer] = layeredOptimizers;
    const plan = layeredPlan(optimizer);
    const network = new Network(kernels, plan, layeredWeights(plan));
    const saved = await network.read();
    network.dispose();
    const withoutSlots = saved.filter(({ slotValues }) => slotValues === undefined);
    const states = ["network.2.mean", "network.2.variance", "network.7.mean", "network.7.variance"];
    expect(withoutSlots.map(({ name }) => name)).toEqual(states);
    const scaling = {
      mean: new Float64Array(5),
      deviation: new Float64Array(5),
      missing: new Float64Array(5),
      targetMean: 0,
      targetDeviation: 1,
    };
    const { tensors } = readSafetensors(modelFile(plan, { digest: "rows", scaling }, saved));
    for (const name of states) expect(tensors.get(name)?.values).toBeInstanceOf(Float32Array);
  });

  test("changes nothing where it only looks at the gradient", async () => {
    const [optimizer] = layeredOptimizers;
    const plan = layeredPlan(optimizer);
    const network = new Network(kernels, plan, layeredWeights(plan));
    const before = await network.read();
    const { batch, width, x, y } = layeredRows;
    const targets = {
      all: kernels.upload(y, [y.length]),
      order: kernels.uploadOrder(Uint32Array.from({ length: batch }, (_, row) => row)),
      start: 0,
    };
    const losses = kernels.makeLosses(1);
    const on = kernels.upload(x.subarray(0, batch * width), [batch, width]);
    expect(await network.gradientNorm({ x: on, targets }, 0, losses, 0)).toBeGreaterThan(0);
    expect(await network.read()).toEqual(before);
    network.dispose();
    for (const tensor of [targets.all, targets.order, losses]) tensor.dispose();
  });

  test("does not lose its variance over a batch of one row", async () => {
    const [optimizer] = layeredOptimizers;
    const plan = layeredPlan(optimizer);
    const network = new Network(kernels, plan, layeredWeights(plan));
    const { width, x, y } = layeredRows;
    const targets = {
      all: kernels.upload(y, [y.length]),
      order: kernels.uploadOrder(Uint32Array.of(0)),
      start: 0,
    };
    const losses = kernels.makeLosses(1);
    network.step({ x: kernels.upload(x.subarray(0, width), [1, width]), targets }, 0, 1, losses, 0);
    const after = await network.read();
    for (const first of layeredWeights(plan)) {
      if (!first.name.endsWith("variance")) continue;
      const { values = [] } = after.find(({ name }) => name === first.name) ?? {};
      const momentum = first.name === "network.2.variance" ? 0.1 : 0.3;
      expect(
        deviation(
          values,
          [...first.values].map((of) => of * (1 - momentum)),
        ),
      ).toBeLessThan(1e-6);
    }
    network.dispose();
    for (const tensor of [targets.all, targets.order, losses]) tensor.dispose();
  });
});
