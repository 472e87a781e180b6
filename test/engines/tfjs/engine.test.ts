import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { readSafetensors } from "../../../engines/safetensors.ts";
import { planDigest } from "../../../engines/plan-digest.ts";
import type { Plan } from "../../../engines/plan.ts";
import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { collect } from "../collect.ts";
import { referenceFor, referenceTensors } from "../compare.ts";
import { combinations } from "../combinations.ts";
import { somePlan } from "../some-plan.ts";
import { someTable } from "../some-rows.ts";

const engine = createTfjsEngine();
const rows = someTable(90);

describe("the tfjs engine on WASM agrees with an independent float64 calculation", () => {
  test.each(combinations)("$name", async ({ fields }) => {
    const plan = somePlan(fields);
    const { outcome, losses } = await collect(engine, plan, rows);
    expect(outcome).toMatchObject({ state: "succeeded" });
    const expected = referenceFor(plan, rows, losses.length);
    losses.forEach((loss, i) =>
      expect(Math.abs(loss - (expected.losses[i] ?? NaN))).toBeLessThan(
        2e-6 * (1 + Math.abs(loss)),
      ),
    );
    const { tensors } = readSafetensors(outcome.weights ?? new Uint8Array());
    for (const [name, values] of referenceTensors(expected))
      expect(distance(tensors.get(name)?.values, values)).toBeLessThan(2e-5);
  });
});

/** Relative L2 distance. */
function distance(actual: ArrayLike<number> | undefined, expected: readonly number[]): number {
  let difference = 0;
  let size = 1e-12;
  expected.forEach((value, i) => {
    difference += ((actual?.[i] ?? NaN) - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}

describe("the tfjs engine", () => {
  test("says where it runs and how far it will go", async () => {
    const { events, outcome } = await collect(engine, somePlan(), rows);
    expect(events[0]).toMatchObject({
      type: "state",
      state: "running",
      environment: { engine: "tfjs", tfjs: "4.22.0", backend: "wasm", adapterIsSoftware: "false" },
      total: { epochs: 3, steps: 15, trainingRows: 67, validationRows: 23 },
    });
    expect(outcome.environment).toMatchObject({ backend: "wasm", device: "SIMD, 1 thread" });
    expect(outcome.steps).toBe(15);
    expect(outcome.confusion?.counts.flat().reduce((a, b) => a + b)).toBe(23);
    expect(Object.keys(outcome.metrics).sort()).toEqual([
      "first_loss",
      "training_loss",
      "validation_accuracy",
      "validation_baseline_accuracy",
      "validation_loss",
      "validation_macro_f1",
    ]);
  });

  test("validates after each epoch", async () => {
    const { events } = await collect(engine, somePlan(), rows);
    const epochs = events.flatMap((event) =>
      event.type === "metric" && event.split === "validation" ? event.columns["epoch"] : [],
    );
    expect(epochs).toEqual([1, 2, 3]);
  });

  test("gives the same bits twice", async () => {
    const first = await collect(engine, somePlan(), rows);
    const second = await collect(engine, somePlan(), rows);
    expect(second.losses).toEqual(first.losses);
    expect(second.outcome.weights).toEqual(first.outcome.weights);
  });

  test("looks at the first batch in the dry tier and changes nothing", async () => {
    const plan = somePlan();
    const { events, outcome } = await collect(engine, plan, rows, { tier: "dry" });
    const expected = referenceFor(plan, rows, 1);
    expect(outcome.metrics["first_loss"]).toBeCloseTo(expected.losses[0] ?? NaN, 6);
    expect(outcome.metrics["gradient_norm"]).toBeCloseTo(expected.gradientNorm, 6);
    expect(outcome).toMatchObject({ state: "succeeded", steps: 0 });
    expect(outcome.weights).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(["state"]);
  });

  test("stops on NaN and names the step", async () => {
    const plan = somePlan({
      epochs: 50,
      optimizer: { type: "sgd", lr: 1e30, momentum: 0 },
    });
    const { outcome, losses } = await collect(engine, plan, rows);
    expect(outcome.state).toBe("failed");
    const expected = referenceFor(plan, rows, 5).losses.findIndex(
      (loss) => !(Math.abs(loss) < 1e38),
    );
    expect(expected).toBeGreaterThan(0);
    expect(outcome.reason).toMatch(
      new RegExp(`^the loss became (NaN|Infinity) at step ${expected + 1}$`),
    );
    expect(losses).toHaveLength(expected);
    expect(outcome.weights).toBeUndefined();
  });

  test("ends a cancelled run with a checkpoint from which it goes on to the same weights", async () => {
    const plan = somePlan({ epochs: 40, optimizer: { ...adam, type: "adamw", weightDecay: 0.01 } });
    const whole = await collect(engine, plan, rows);
    for (const after of [0, 2, 5]) {
      const stop = new AbortController();
      const run = engine.train(plan, rows, { tier: "small", device: "wasm", signal: stop.signal });
      let metrics = 0;
      let next = await run.next();
      while (next.done !== true) {
        if (next.value.type === "metric" && metrics++ >= after) stop.abort();
        next = await run.next();
      }
      const { state, checkpoint, steps } = next.value;
      expect(state).toBe("cancelled");
      expect(steps).toBe(checkpoint?.step);
      expect(steps).toBeLessThan(200);
      const rest = await collect(engine, plan, rows, {
        ...(checkpoint && { resume: checkpoint.bytes }),
      });
      expect(rest.losses).toEqual(whole.losses.slice(steps));
      expect(rest.outcome.weights).toEqual(whole.outcome.weights);
      expect(rest.outcome.metrics).toEqual(whole.outcome.metrics);
    }
  });

  test("makes checkpoints while it trains, and each can be resumed", async () => {
    const plan = somePlan({ epochs: 30 });
    const kept: Uint8Array[] = [];
    const whole = await collect(engine, plan, rows, {
      checkpointSeconds: 0,
      onCheckpoint: async ({ bytes }) => void kept.push(bytes),
    });
    expect(kept.length).toBeGreaterThan(2);
    const rest = await collect(engine, plan, rows, { resume: kept.at(-2) ?? new Uint8Array() });
    expect(rest.outcome.weights).toEqual(whole.outcome.weights);
  });

  test("refuses a checkpoint of another plan and a damaged one", async () => {
    const kept: Uint8Array[] = [];
    await collect(engine, somePlan({ epochs: 30 }), rows, {
      checkpointSeconds: 0,
      onCheckpoint: async ({ bytes }) => void kept.push(bytes),
    });
    const [bytes = new Uint8Array()] = kept;
    const other = somePlan({ epochs: 30, seed: 18 });
    const { outcome } = await collect(engine, other, rows, { resume: bytes });
    expect(outcome.state).toBe("failed");
    expect(outcome.reason).toContain(`not ${planDigest(other)}`);
    const damaged = await collect(engine, somePlan({ epochs: 30 }), rows, {
      resume: bytes.subarray(0, 100),
    });
    expect(damaged.outcome.reason).toContain("the checkpoint cannot be resumed");
  });

  test("fails with the reason where the plan or the rows are wrong", async () => {
    const plan = somePlan({
      target: { column: "kind", kind: "category", vocabulary: ["a", "b", "c"] },
    });
    const { outcome } = await collect(engine, plan, rows);
    expect(outcome).toMatchObject({ state: "failed", steps: 0 });
    expect(outcome.reason).toContain("there is no column `kind`");
  });

  test("fails with the reason where a forced device is not there", async () => {
    const { outcome } = await collect(engine, somePlan(), rows, { device: "webgpu" });
    expect(outcome).toMatchObject({ state: "failed", reason: "there is no WebGPU adapter here" });
  });

  test("takes WASM where there is no adapter, and says so", async () => {
    const { outcome } = await collect(engine, somePlan(), rows, { device: "auto" });
    expect(outcome.environment["chosenBecause"]).toBe("there is no WebGPU adapter");
  });

  test("leaves no tensor behind, whichever way a run ends", async () => {
    await collect(engine, somePlan(), rows);
    const before = tf.memory().numTensors;
    for (const { fields } of combinations) await collect(engine, somePlan(fields), rows);
    await collect(engine, somePlan(), rows, { tier: "dry" });
    await collect(engine, somePlan({ optimizer: { type: "sgd", lr: 1e30, momentum: 0 } }), rows);
    const abandoned = engine.train(somePlan(), rows, { tier: "small", device: "wasm" });
    await abandoned.next();
    await abandoned.return({ ...(await collect(engine, somePlan(), rows)).outcome });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("keeps the number of tensors constant from step to step", async () => {
    const counts: number[] = [];
    const run = engine.train(somePlan({ epochs: 60 }), rows, { tier: "small", device: "wasm" });
    for (let next = await run.next(); next.done !== true; next = await run.next())
      if (next.value.type === "metric") counts.push(tf.memory().numTensors);
    expect(new Set(counts).size).toBe(1);
  });

  test("lets the event loop have its turn", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { events } = await collect(engine, somePlan({ epochs: 200 }), rows);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    expect(events.length).toBeGreaterThan(2);
  });

  test("leaves the process's handling of errors as it was", async () => {
    await collect(engine, somePlan(), rows);
    const events: NodeJS.EventEmitter = process;
    for (const name of ["uncaughtException", "unhandledRejection"])
      for (const listener of events.listeners(name))
        expect(String(listener)).not.toMatch(/ExitStatus|throw (reason|ex)/);
  });

  test("two runs at once give what each gives alone", async () => {
    const one = somePlan({ seed: 1, epochs: 20 });
    const two = somePlan({ seed: 2, epochs: 20 });
    const alone = [await collect(engine, one, rows), await collect(engine, two, rows)];
    const together = await Promise.all([collect(engine, one, rows), collect(engine, two, rows)]);
    expect(together.map(({ losses }) => losses)).toEqual(alone.map(({ losses }) => losses));
  });
});

const adam = {
  type: "adam",
  lr: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
} satisfies Plan["optimizer"];
