import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { EpochOrder, windowSize } from "../../../engines/epoch-order.ts";
import type { Plan } from "../../../engines/plan.ts";
import type { RunEventBody } from "../../../engines/run.ts";
import { readSafetensors } from "../../../engines/safetensors.ts";
import { wasmReady } from "../../../engines/tfjs/backend.ts";
import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { holdBackend } from "../../../engines/tfjs/lease.ts";
import { Network } from "../../../engines/tfjs/network.ts";
import {
  sourceFromBlock,
  trainingDataFromTable,
  type RowSource,
  type TrainingData,
} from "../../../engines/training-data.ts";
import { collect } from "../collect.ts";
import { somePlan } from "../some-plan.ts";
import { someTable } from "../some-rows.ts";

const table = someTable(4000);
const plan = somePlan({ epochs: 3, batch: 50 });
const data = trainingDataFromTable(plan, table);
const windowRows = 1234;
const engine = createTfjsEngine({ windowRows });
const size = windowSize({ batch: plan.batch, windowRows });
const windowsPerEpoch = Math.ceil(data.training.numRows / size);

/** The same rows from a source that notes what is read and takes a turn of the event loop for it. */
function slowly(of: RowSource, noted: { rows: number }): RowSource {
  return {
    numRows: of.numRows,
    read: async (start, count) => {
      noted.rows += count;
      await new Promise((resolve) => setTimeout(resolve, start % 3));
      return await of.read(start, count);
    },
  };
}

/** Weights and losses of the plan, each batch gathered on the host from the epoch's order. */
async function trainedByHand(): Promise<{
  losses: number[];
  weights: ReadonlyMap<string, readonly number[]>;
}> {
  const ready = await wasmReady({});
  const release = await holdBackend(ready);
  const { kernels } = ready;
  const network = new Network(kernels, plan);
  const { x, y, numRows } = await data.training.read(0, data.training.numRows);
  const losses = kernels.makeLosses(1);
  const found: number[] = [];
  const steps = Math.ceil(numRows / plan.batch) * plan.epochs;
  for (let epoch = 0; epoch < plan.epochs; epoch++) {
    const order = new EpochOrder({ ...plan, epoch, numRows, windowRows });
    const rows = Array.from({ length: order.windows }, (_, w) => order.window(w)).flatMap(
      (window) => {
        const read = window.ranges.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, i) => start + i),
        );
        return Array.from(window.order, (at) => read[at] ?? NaN);
      },
    );
    for (let start = 0; start < numRows; start += plan.batch) {
      const batch = rows.slice(start, start + plan.batch);
      const of = batch.flatMap((row) => [...x.subarray(row * data.width, (row + 1) * data.width)]);
      const all = kernels.upload(
        Float32Array.from(batch, (row) => y[row] ?? NaN),
        [batch.length],
      );
      const places = kernels.uploadOrder(Uint32Array.from(batch.keys()));
      network.step(
        {
          x: kernels.upload(Float32Array.from(of), [batch.length, data.width]),
          targets: { all, order: places, start: 0 },
        },
        found.length,
        steps,
        losses,
        0,
      );
      found.push((await kernels.read(losses))[0] ?? NaN);
      for (const tensor of [all, places]) tensor.dispose();
    }
  }
  const weights = new Map(
    (await network.read()).map(({ name, values }) => [name, [...values]] as const),
  );
  network.dispose();
  losses.dispose();
  release();
  return { losses: found, weights };
}

describe("rows that come in windows", () => {
  test("are trained on in the epochs' order, bit for bit", async () => {
    expect(windowsPerEpoch).toBe(3);
    const { outcome, losses } = await collect(engine, plan, table);
    const expected = await trainedByHand();
    expect(losses).toEqual(expected.losses);
    const { tensors } = readSafetensors(outcome.weights ?? new Uint8Array());
    for (const [name, values] of expected.weights)
      expect([...(tensors.get(name)?.values ?? [])]).toEqual(values);
  });

  test("give the same from memory and from a source that has to be waited for", async () => {
    const noted = { rows: 0 };
    const slow: TrainingData = {
      ...data,
      training: slowly(data.training, noted),
      validation: slowly(data.validation, noted),
    };
    const whole = await collect(engine, plan, table);
    const { outcome, losses } = await collect(engine, plan, slow);
    expect(losses).toEqual(whole.losses);
    expect(outcome.weights).toEqual(whole.outcome.weights);
    expect(outcome.metrics).toEqual(whole.outcome.metrics);
  });

  test("are read one window ahead and no further", async () => {
    const noted = { rows: 0 };
    const slow: TrainingData = { ...data, training: slowly(data.training, noted) };
    const run = engine.train(plan, slow, { tier: "full", device: "wasm" });
    const seen = new Set<number>();
    const stepsPerEpoch = Math.ceil(data.training.numRows / plan.batch);
    for (let next = await run.next(); next.done !== true; next = await run.next()) {
      const step = lastStep(next.value);
      if (step === undefined) continue;
      const inEpoch = ((step - 1) % stepsPerEpoch) * plan.batch;
      const window =
        Math.floor((step - 1) / stepsPerEpoch) * windowsPerEpoch + Math.floor(inEpoch / size);
      seen.add(window);
      expect(noted.rows).toBeLessThanOrEqual(rowsOfWindows(window + 2));
      expect(noted.rows).toBeGreaterThanOrEqual(rowsOfWindows(window + 1));
    }
    expect(seen.size).toBe(windowsPerEpoch * plan.epochs);
    expect(noted.rows).toBe(data.training.numRows * plan.epochs);
  });

  test("are read once where they fit into one window", async () => {
    const noted = { rows: 0 };
    const slow: TrainingData = { ...data, training: slowly(data.training, noted) };
    await collect(createTfjsEngine(), plan, slow, { tier: "full" });
    expect(noted.rows).toBe(data.training.numRows);
  });

  test("go on from any checkpoint to the same bits, across the ends of windows", async () => {
    const kept: { step: number; bytes: Uint8Array }[] = [];
    const whole = await collect(engine, plan, table, {
      checkpointSeconds: 0,
      onCheckpoint: async (checkpoint) => void kept.push(checkpoint),
    });
    const stepsPerWindow = size / plan.batch;
    expect(kept.some(({ step }) => step === stepsPerWindow)).toBe(true);
    expect(kept.some(({ step }) => step % stepsPerWindow !== 0)).toBe(true);
    for (const { step, bytes } of kept) {
      const rest = await collect(engine, plan, table, { resume: bytes });
      expect(rest.losses).toEqual(whole.losses.slice(step));
      expect(rest.outcome.weights).toEqual(whole.outcome.weights);
      expect(rest.outcome.metrics).toEqual(whole.outcome.metrics);
    }
  });

  test("that cannot be read end the run with the reason", async () => {
    let reads = 0;
    const broken: RowSource = {
      numRows: data.training.numRows,
      read: async (start, count) => {
        if (reads++ > 3) throw new Error("the file of rows ends early");
        return await data.training.read(start, count);
      },
    };
    const { outcome } = await collect(engine, plan, { ...data, training: broken });
    expect(outcome).toMatchObject({
      state: "failed",
      reason: "the engine stopped: the file of rows ends early",
    });
  });

  test("leave no tensor behind", async () => {
    await collect(engine, plan, table);
    const before = tf.memory().numTensors;
    await collect(engine, plan, table);
    await collect(engine, plan, table, { tier: "dry" });
    const abandoned = engine.train(plan, table, { tier: "small", device: "wasm" });
    for (let i = 0; i < 4; i++) await abandoned.next();
    await abandoned.return({ ...(await collect(engine, plan, table)).outcome });
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("rows of which a part is empty are refused", async () => {
  const empty = sourceFromBlock({ numRows: 0, x: new Float32Array(), y: new Float32Array() });
  const { outcome } = await collect(engine, plan, { ...data, training: empty });
  expect(outcome.reason).toBe(
    `split: 0 rows are for training and ${data.validation.numRows} for validation; both need some`,
  );
});

describe("class weights", () => {
  const weighted = (classWeights: NonNullable<Plan["loss"]["classWeights"]>): Plan => ({
    ...plan,
    loss: { ...plan.loss, classWeights },
  });

  test("of one change nothing", async () => {
    const { losses } = await collect(engine, weighted([1, 1, 1]), table);
    expect(losses).toEqual((await collect(engine, plan, table)).losses);
  });

  test("scale the losses of their rows and are saved with the model", async () => {
    const plain = await collect(engine, plan, table, { tier: "dry" });
    const { outcome } = await collect(engine, weighted([2, 2, 2]), table, { tier: "dry" });
    expect(outcome.metrics["first_loss"]).toBeCloseTo(
      2 * (plain.outcome.metrics["first_loss"] ?? NaN),
      5,
    );
    const model = await collect(engine, weighted([1, 2, 3]), table);
    const { tensors } = readSafetensors(model.outcome.weights ?? new Uint8Array());
    expect([...(tensors.get("output.class_weights")?.values ?? [])]).toEqual([1, 2, 3]);
  });

  test("leave the validation loss where it was, since they are taken out again", async () => {
    // a feature that says nothing, so what is learned is the share of a third
    const fields: Partial<Plan> = {
      target: { column: "heavy", kind: "boolean" },
      features: [{ column: "adult", kind: "boolean", missing: "false" }],
      network: [{ type: "dense", units: 1, activation: "linear", bias: true, init: "heNormal" }],
      optimizer: { type: "sgd", lr: 0.02, momentum: 0.5 },
      epochs: 10,
    };
    const loss = { type: "sigmoidCrossEntropy", classWeights: [1, 9] } as const;
    const { outcome } = await collect(engine, somePlan({ ...fields, loss }), table);
    const entropy = -(Math.log(1 / 3) + 2 * Math.log(2 / 3)) / 3;
    expect(outcome.metrics["training_loss"]).not.toBeCloseTo(entropy, 1);
    expect(outcome.metrics["validation_loss"]).toBeCloseTo(entropy, 2);
    expect(outcome.metrics["validation_calibration_error"]).toBeLessThan(0.03);
  });
});

function lastStep(event: RunEventBody): number | undefined {
  if (event.type !== "metric" || event.split !== "training") return undefined;
  return event.columns["step"]?.at(-1) ?? undefined;
}

/** Training rows of the first `count` windows of the run. */
function rowsOfWindows(count: number): number {
  const { numRows } = data.training;
  const epochs = Math.floor(count / windowsPerEpoch);
  return Math.min(
    plan.epochs * numRows,
    epochs * numRows + Math.min(numRows, (count % windowsPerEpoch) * size),
  );
}
