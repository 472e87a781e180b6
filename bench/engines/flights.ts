import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import type { Layer, Plan } from "../../engines/plan.ts";
import { randomStream, uniforms } from "../../engines/random.ts";
import { wasmReady } from "../../engines/tfjs/backend.ts";
import { Network } from "../../engines/tfjs/network.ts";

/*
 * A step of a network like the flights': two embeddings beside 34 numbers, a batchNorm, four dense
 * layers, batches of 4096, on WASM in Node; and how much of it the matrix products take.
 */

const [words, numbers, batch, rows] = [300, 34, 4096, 65_536];

/** Milliseconds of one step, and of the matrix products within it. */
export interface StepTime {
  readonly step: number;
  readonly products: number;
}

/** The mean step of the fastest of ten rounds over 16 batches. */
export async function timeFlights(): Promise<StepTime> {
  const { kernels } = await wasmReady({});
  const clock = timeProducts();
  const network = new Network(kernels, flightsPlan());
  const x = kernels.upload(someRows(), [rows, 2 + numbers]);
  const all = kernels.upload(random(rows, 8).map(Math.round), [rows]);
  const order = kernels.uploadOrder(Uint32Array.from(random(rows, 9), (u) => Math.floor(u * rows)));
  const losses = kernels.makeLosses(1);
  let least: StepTime = { step: Infinity, products: Infinity };
  for (let round = 0; round < 10; round++) {
    clock.milliseconds = 0;
    const began = performance.now();
    for (let start = 0; start < rows; start += batch) {
      const targets = { all, order, start };
      network.step({ x: kernels.takeRows(x, order, start, batch), targets }, round, 10, losses, 0);
    }
    const step = ((performance.now() - began) * batch) / rows;
    if (step < least.step) least = { step, products: (clock.milliseconds * batch) / rows };
  }
  for (const tensor of [x, all, order, losses]) tensor.dispose();
  network.dispose();
  clock.stop();
  return least;
}

/** Adds up how long matrix products take, until it is stopped. */
function timeProducts(): { milliseconds: number; stop(): void } {
  const kernels = ["BatchMatMul", "_FusedMatMul"].flatMap((name) => {
    const kernel = tf.getKernel(name, "wasm");
    return kernel === undefined ? [] : [kernel];
  });
  const clock = { milliseconds: 0, stop: () => kernels.forEach(replaceKernel) };
  for (const kernel of kernels)
    replaceKernel({
      ...kernel,
      kernelFunc(call) {
        const began = performance.now();
        const result = kernel.kernelFunc(call);
        clock.milliseconds += performance.now() - began;
        return result;
      },
    });
  return clock;
}

function replaceKernel(kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}

function flightsPlan(): Plan {
  const vocabulary = Array.from({ length: words }, (_, i) => `w${i}`);
  const dense = (units: number, activation: "relu" | "linear", bias: boolean): Layer => {
    return { type: "dense", units, activation, bias, init: "heNormal" };
  };
  return {
    kind: "tierbook.plan",
    version: 1,
    features: [
      { column: "origin", kind: "category", vocabulary },
      { column: "destination", kind: "category", vocabulary },
      ...Array.from({ length: numbers }, (_, i) => {
        return { column: `x${i}`, kind: "number", scale: "none", missing: "refuse" } as const;
      }),
    ],
    target: { column: "late", kind: "boolean" },
    split: { kind: "random", validation: 0.1 },
    network: [
      { type: "embedding", columns: ["origin"], units: 8, init: "uniform" },
      { type: "embedding", columns: ["destination"], units: 8, init: "uniform" },
      dense(64, "linear", false),
      { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
      dense(64, "relu", true),
      dense(32, "relu", true),
      dense(1, "linear", true),
    ],
    loss: { type: "sigmoidCrossEntropy" },
    optimizer: { type: "adam", lr: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    schedule: { type: "constant" },
    seed: 1,
    epochs: 10,
    batch,
  };
}

/** Two words and 34 numbers a row. */
function someRows(): Float32Array {
  const width = 2 + numbers;
  return random(rows * width, 7).map((u, i) => (i % width < 2 ? Math.floor(u * words) : u - 0.5));
}

function random(count: number, step: number): Float32Array {
  return uniforms({ seed: 3, stream: randomStream.weights, layer: 0, step }, count);
}
