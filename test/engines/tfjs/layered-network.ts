import { planShape } from "../../../engines/plan-shape.ts";
import type { Optimizer, Plan } from "../../../engines/plan.ts";
import { randomStream, uniforms } from "../../../engines/random.ts";
import { checkpointFromState, stateFromCheckpoint } from "../../../engines/tfjs/checkpoint.ts";
import type { Kernels } from "../../../engines/tfjs/kernels.ts";
import { Network, type SavedParameter } from "../../../engines/tfjs/network.ts";
import { somePlan } from "../some-plan.ts";

/** Every kind of layer: two embeddings, one for two columns, and what may follow them. */
export function layeredPlan(optimizer: Optimizer): Plan {
  const cities = ["Ankara", "Bern", "Cairo", "Delhi", "Essen"];
  return somePlan({
    features: [
      { column: "from", kind: "category", vocabulary: cities },
      { column: "distance", kind: "number", scale: "standard", missing: "mean" },
      { column: "carrier", kind: "category", vocabulary: ["x", "y", "z"] },
      { column: "to", kind: "category", vocabulary: cities },
      { column: "late", kind: "boolean", missing: "false" },
    ],
    network: [
      { type: "embedding", columns: ["carrier"], units: 3, init: "uniform" },
      { type: "embedding", columns: ["from", "to"], units: 2, init: "uniform" },
      { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
      { type: "dense", units: 6, activation: "tanh", bias: false, init: "glorotUniform" },
      { type: "layerNorm", epsilon: 1e-5 },
      { type: "dropout", rate: 0.2 },
      { type: "dense", units: 5, activation: "sigmoid", bias: true, init: "glorotUniform" },
      { type: "batchNorm", momentum: 0.3, epsilon: 1e-3 },
      { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" },
    ],
    optimizer,
    batch: layeredRows.batch,
  });
}

/** Encoded rows, taken in the order in which they stand, `batch` a step. */
export const layeredRows = {
  batch: 16,
  steps: 20,
  width: 5,
  ...someRows(16 * 20),
  classWeights: Float32Array.of(0.5, 2, 1.25),
} as const;

/** What a training of {@link layeredRows} comes to. */
export interface LayeredResult {
  readonly gradientNorm: number;
  readonly losses: readonly number[];
  /** of the first batch after training, in validation */
  readonly logits: readonly number[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/** First weights of a test's own: unlike zero and one where the engine's would be. */
export function layeredWeights(plan: Plan): SavedParameter[] {
  return planShape(plan).layers.flatMap(({ tensors }, layer) =>
    tensors.map(({ name, shape }, i): SavedParameter => {
      const size = shape.reduce((product, length) => product * length, 1);
      const sequence = { seed: 5, stream: randomStream.weights, layer, step: i };
      const middle = name.endsWith("scale") || name.endsWith("variance") ? 1 : 0;
      return { name, shape, values: uniforms(sequence, size).map((u) => middle + u - 0.5) };
    }),
  );
}

/**
 * Trains the plan's network on {@link layeredRows} by the engine's `Network`.
 *
 * @param saveAt a step before which everything goes through a checkpoint
 */
export async function trainLayered(
  kernels: Kernels,
  plan: Plan,
  saveAt?: number,
): Promise<LayeredResult> {
  const { batch, steps, width, numRows, classWeights } = layeredRows;
  const x = kernels.upload(layeredRows.x, [numRows, width]);
  const targets = {
    all: kernels.upload(layeredRows.y, [numRows]),
    order: kernels.uploadOrder(Uint32Array.from({ length: numRows }, (_, row) => row)),
    classWeights: kernels.upload(classWeights, [classWeights.length]),
  };
  const losses = kernels.makeLosses(steps);
  const batchOf = (step: number): Parameters<Network["step"]>[0] => ({
    x: kernels.takeRows(x, targets.order, step * batch, batch),
    targets: { ...targets, start: step * batch },
  });
  let network = new Network(kernels, plan, layeredWeights(plan));
  const gradientNorm = await network.gradientNorm(batchOf(0), 0, losses, 0);
  for (let step = 0; step < steps; step++) {
    if (step === saveAt) network = await throughCheckpoint(kernels, plan, network);
    network.step(batchOf(step), step, steps, losses, step);
  }
  const logits = network.predict(batchOf(0).x);
  const result = {
    gradientNorm,
    losses: [...(await kernels.read(losses))],
    logits: [...(await kernels.read(logits))],
    parameters: Object.fromEntries(
      (await network.read()).map(({ name, values }) => [name, [...values]]),
    ),
  };
  network.dispose();
  for (const tensor of [x, targets.all, targets.order, targets.classWeights, losses, logits])
    tensor.dispose();
  return result;
}

async function throughCheckpoint(kernels: Kernels, plan: Plan, network: Network): Promise<Network> {
  const sums = { step: 10, epochLoss: 0, epochRows: 0, firstLoss: 1, seconds: 1 };
  const state = { ...sums, parameters: await network.read() };
  const { bytes } = checkpointFromState(plan, "rows", kernels.backend, state);
  network.dispose();
  const { parameters } = stateFromCheckpoint(plan, "rows", kernels.backend, bytes);
  return new Network(kernels, plan, parameters);
}

function someRows(numRows: number): {
  readonly numRows: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
} {
  const sequence = { seed: 6, stream: randomStream.shuffle, layer: 0, step: 0 };
  const from = uniforms(sequence, 5 * numRows);
  const x = from.map((u, i) => {
    const words = [6, undefined, 4, 6, 2][i % 5];
    return words === undefined ? 4 * u - 2 : Math.floor(u * words);
  });
  const y = Float32Array.from({ length: numRows }, (_, row) => {
    const [city = 0, distance = 0, carrier = 0] = x.subarray(5 * row);
    return (city + carrier + (distance > 0 ? 1 : 0)) % 3;
  });
  return { numRows, x, y };
}
