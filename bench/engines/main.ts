import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { tableFromColumns } from "../../data/index.ts";
import type { Table } from "../../data/table.ts";
import type { Layer, Plan } from "../../engines/plan.ts";
import { randomStream, uniforms } from "../../engines/random.ts";
import { createTfjsEngine } from "../../engines/tfjs/index.ts";
import { timeEmbedding } from "./embedding.ts";
import { timeFlights } from "./flights.ts";

/*
 * Steps a second on WASM in Node: our loop, events and all, beside tfjs's own operations
 * and Adam with one loss read a step, as `model.fit` and `trainOnBatch` have it. Networks of
 * two sizes: mlpS 32-64-10 with batches of 32, mlpM 784-256-128-10 with 128.
 */

interface Case {
  readonly name: string;
  readonly widths: readonly number[];
  readonly batch: number;
  readonly rows: number;
}

const cases: readonly Case[] = [
  { name: "mlpS", widths: [32, 64, 10], batch: 32, rows: 4096 },
  { name: "mlpM", widths: [784, 256, 128, 10], batch: 128, rows: 2560 },
];

const seconds = 4;

for (const one of cases) {
  const table = someTable(one);
  const ours = await ourSteps(one, table);
  const theirs = await tfjsSteps(one);
  console.log(
    `${one.name}: ours ${ours.toFixed(0)} steps/s, tfjs's own loop ${theirs.toFixed(0)} steps/s`,
  );
}

const embedding = await timeEmbedding();
console.log(
  `embedding: ours ${embedding.ours.toFixed(2)} ms, tfjs's own operations ${embedding.tfjs.toFixed(2)} ms, ${(embedding.tfjs / embedding.ours).toFixed(1)} times as long`,
);

const flights = await timeFlights();
console.log(
  `flights: ${flights.step.toFixed(1)} ms a step, ${flights.products.toFixed(1)} ms of it matrix products`,
);

async function ourSteps(one: Case, table: Table): Promise<number> {
  const stop = new AbortController();
  const run = createTfjsEngine().train(planOf(one), table, {
    tier: "small",
    device: "wasm",
    signal: stop.signal,
  });
  let began = 0;
  for (;;) {
    const next = await run.next();
    if (next.done === true) return next.value.steps / ((performance.now() - began) / 1000);
    if (began === 0) {
      began = performance.now();
      setTimeout(() => stop.abort(), seconds * 1000);
    }
  }
}

async function tfjsSteps({ widths, batch }: Case): Promise<number> {
  await tf.setBackend("wasm");
  const weights = widths.slice(1).map((units, i) => {
    const inputs = widths[i] ?? 0;
    const values = uniforms(sequence(i), inputs * units).map((u) => (u - 0.5) / 8);
    return {
      kernel: tf.variable(tf.tensor2d(values, [inputs, units])),
      bias: tf.variable(tf.zeros([units])),
    };
  });
  const optimizer = tf.train.adam(0.001);
  const x = tf.tensor2d(uniforms(sequence(9), batch * (widths[0] ?? 0)), [batch, widths[0] ?? 0]);
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 10),
      "int32",
    ),
    10,
  );
  // the operations that tfjs's own gradients run; its gradient registry is not in the Node bundle
  const step = async (): Promise<void> => {
    const loss = tf.tidy(() => {
      const inputs: tf.Tensor[] = [x];
      weights.forEach(({ kernel, bias }, i) => {
        const z = tf.add(tf.matMul(inputs[i] ?? x, kernel), bias);
        inputs.push(i < weights.length - 1 ? tf.relu(z) : z);
      });
      const logits = inputs.at(-1) ?? x;
      const logSoftmax = tf.logSoftmax(logits);
      let gradient: tf.Tensor = tf.div(tf.sub(tf.exp(logSoftmax), labels), batch);
      const gradients: { name: string; tensor: tf.Tensor }[] = [];
      for (let i = weights.length - 1; i >= 0; i--) {
        const { kernel, bias } = weights[i] ?? {};
        const input = inputs[i];
        if (!kernel || !bias || !input) continue;
        if (i < weights.length - 1) gradient = tf.mul(gradient, tf.step(inputs[i + 1] ?? x));
        gradients.push({ name: kernel.name, tensor: tf.matMul(input, gradient, true, false) });
        gradients.push({ name: bias.name, tensor: tf.sum(gradient, 0) });
        if (i > 0) gradient = tf.matMul(gradient, kernel, false, true);
      }
      optimizer.applyGradients(gradients);
      return tf.neg(tf.mean(tf.sum(tf.mul(labels, logSoftmax), 1)));
    });
    await loss.data();
    loss.dispose();
  };
  await step();
  const began = performance.now();
  let steps = 0;
  for (; performance.now() - began < seconds * 1000; steps++) await step();
  return steps / ((performance.now() - began) / 1000);
}

function planOf({ widths, batch }: Case): Plan {
  const layers = widths.slice(1).map((units, i, all): Layer => ({
    type: "dense",
    units,
    activation: i === all.length - 1 ? "linear" : "relu",
    bias: true,
    init: "glorotUniform",
  }));
  return {
    kind: "tierbook.plan",
    version: 1,
    features: Array.from({ length: widths[0] ?? 0 }, (_, i) => ({
      column: `x${i}`,
      kind: "number",
      scale: "none",
      missing: "refuse",
    })),
    target: {
      column: "y",
      kind: "category",
      vocabulary: Array.from({ length: 10 }, (_, i) => `c${i}`),
    },
    split: { kind: "random", validation: 0.1 },
    network: layers,
    loss: { type: "softmaxCrossEntropy" },
    optimizer: { type: "adam", lr: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    schedule: { type: "constant" },
    seed: 1,
    epochs: 1_000_000,
    batch,
  };
}

function someTable({ widths, rows }: Case): Table {
  const values: Record<string, ArrayLike<unknown>> = {
    y: Array.from({ length: rows }, (_, i) => `c${i % 10}`),
  };
  for (let i = 0; i < (widths[0] ?? 0); i++)
    values[`x${i}`] = Array.from(uniforms(sequence(i), rows));
  const columns = Object.keys(values).map((name) => ({
    name,
    sqlType: name === "y" ? "VARCHAR" : "DOUBLE",
  }));
  return tableFromColumns("bench", columns, values);
}

function sequence(layer: number): Parameters<typeof uniforms>[0] {
  return { seed: 3, stream: randomStream.weights, layer, step: 0 };
}
