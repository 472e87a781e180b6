import type { Plan } from "../../engines/plan.ts";

/*
 * An independent calculation of training in plain float64 arrays: forward and backward passes of
 * dense layers and the losses from their definitions, optimisers from their papers and PyTorch's
 * documentation. It shares nothing with the engine but first weights, batches and dropout masks,
 * which it is given.
 */

type Matrix = number[][];

export interface ReferenceParameter {
  kernel: Matrix;
  bias: number[] | undefined;
}

export interface ReferenceResult {
  readonly losses: number[];
  readonly gradientNorm: number;
  readonly parameters: (ReferenceParameter | undefined)[];
}

/** Trains step by step. `keepMask(step, layer, count)` says which elements dropout keeps. */
export function trainReference(
  plan: Plan,
  first: readonly (ReferenceParameter | undefined)[],
  batches: readonly { readonly x: Matrix; readonly y: readonly number[] }[],
  learningRateAt: (step: number) => number,
  keepMask: (step: number, layer: number, count: number) => readonly boolean[],
): ReferenceResult {
  const parameters = structuredClone(first) as (ReferenceParameter | undefined)[];
  const slots = new Map<string, { m: number; v: number }>();
  const losses: number[] = [];
  let gradientNorm = NaN;
  batches.forEach(({ x, y }, step) => {
    const inputs: Matrix[] = [x];
    const preactivations: Matrix[] = [];
    const masks: boolean[][] = [];
    plan.network.forEach((layer, l) => {
      const input = inputs[l] ?? [];
      if (layer.type === "dropout") {
        const width = input[0]?.length ?? 0;
        const mask = [...keepMask(step, l, input.length * width)];
        masks[l] = mask;
        inputs.push(
          input.map((row, i) =>
            row.map((value, j) => (mask[i * width + j] ? value / (1 - layer.rate) : 0)),
          ),
        );
        return;
      }
      if (layer.type !== "dense") throw new Error(`this calculation knows no ${layer.type}`);
      const { kernel, bias } = parameters[l] ?? { kernel: [], bias: undefined };
      const z = input.map((row) =>
        Array.from({ length: layer.units }, (_, j) =>
          row.reduce((sum, value, k) => sum + value * (kernel[k]?.[j] ?? 0), bias?.[j] ?? 0),
        ),
      );
      preactivations[l] = z;
      inputs.push(z.map((row) => row.map((value) => activation(layer.activation, value))));
    });
    const output = inputs.at(-1) ?? [];
    const { loss, gradient } = lossOf(plan, output, y);
    losses.push(loss);
    let flowing = gradient;
    let squares = 0;
    const updates: (() => void)[] = [];
    for (let l = plan.network.length - 1; l >= 0; l--) {
      const layer = plan.network[l];
      const input = inputs[l] ?? [];
      if (layer?.type === "dropout") {
        const width = input[0]?.length ?? 0;
        flowing = flowing.map((row, i) =>
          row.map((g, j) => (masks[l]?.[i * width + j] ? g / (1 - layer.rate) : 0)),
        );
        continue;
      }
      if (layer?.type !== "dense") continue;
      const dz = flowing.map((row, i) =>
        row.map((g, j) => g * slope(layer.activation, preactivations[l]?.[i]?.[j] ?? 0)),
      );
      const parameter = parameters[l];
      if (!parameter) throw new Error("no parameter");
      const { kernel, bias } = parameter;
      flowing = dz.map((row) =>
        kernel.map((weights) => weights.reduce((sum, w, j) => sum + w * (row[j] ?? 0), 0)),
      );
      const t = step + 1;
      const lr = learningRateAt(step);
      kernel.forEach((weights, k) =>
        weights.forEach((w, j) => {
          const g = dz.reduce((sum, row, i) => sum + (input[i]?.[k] ?? 0) * (row[j] ?? 0), 0);
          squares += g * g;
          updates.push(() => (weights[j] = updated(plan, slots, `${l}.${k}.${j}`, w, g, t, lr)));
        }),
      );
      bias?.forEach((b, j) => {
        const g = dz.reduce((sum, row) => sum + (row[j] ?? 0), 0);
        squares += g * g;
        updates.push(() => (bias[j] = updated(plan, slots, `${l}.b.${j}`, b, g, t, lr)));
      });
    }
    if (step === 0) gradientNorm = Math.sqrt(squares);
    for (const update of updates) update();
  });
  return { losses, gradientNorm, parameters };
}

function lossOf(
  plan: Plan,
  logits: Matrix,
  y: readonly number[],
): { loss: number; gradient: Matrix } {
  const n = logits.length;
  const losses = logits.map((row, i) => {
    const t = y[i] ?? 0;
    const [z = 0] = row;
    if (plan.loss.type === "softmaxCrossEntropy")
      return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - (row[t] ?? 0);
    const p = 1 / (1 + Math.exp(-z));
    if (plan.loss.type === "sigmoidCrossEntropy")
      return -(t * Math.log(p) + (1 - t) * Math.log(1 - p));
    return (z - t) ** 2;
  });
  const gradient = logits.map((row, i) => {
    const t = y[i] ?? 0;
    const [z = 0] = row;
    if (plan.loss.type === "softmaxCrossEntropy") {
      const sum = row.reduce((total, value) => total + Math.exp(value), 0);
      return row.map((value, j) => (Math.exp(value) / sum - (j === t ? 1 : 0)) / n);
    }
    if (plan.loss.type === "sigmoidCrossEntropy") return [(1 / (1 + Math.exp(-z)) - t) / n];
    return [(2 * (z - t)) / n];
  });
  return { loss: losses.reduce((sum, value) => sum + value, 0) / n, gradient };
}

/** SGD: Sutskever et al. 2013 as PyTorch writes it. Adam: Kingma and Ba 2015. AdamW: Loshchilov and Hutter 2019. */
export function updated(
  plan: Plan,
  slots: Map<string, { m: number; v: number }>,
  key: string,
  w: number,
  g: number,
  t: number,
  lr: number,
): number {
  const slot = slots.get(key) ?? { m: 0, v: 0 };
  slots.set(key, slot);
  const { optimizer } = plan;
  if (optimizer.type === "sgd") {
    slot.m = optimizer.momentum * slot.m + g;
    return w - lr * slot.m;
  }
  const { beta1, beta2, epsilon } = optimizer;
  slot.m = beta1 * slot.m + (1 - beta1) * g;
  slot.v = beta2 * slot.v + (1 - beta2) * g ** 2;
  const m = slot.m / (1 - beta1 ** t);
  const v = slot.v / (1 - beta2 ** t);
  const decayed = optimizer.type === "adamw" ? w - lr * optimizer.weightDecay * w : w;
  return decayed - (lr * m) / (Math.sqrt(v) + epsilon);
}

function activation(name: string, z: number): number {
  if (name === "relu") return Math.max(0, z);
  if (name === "tanh") return Math.tanh(z);
  if (name === "sigmoid") return 1 / (1 + Math.exp(-z));
  return name === "gelu" ? z * normalDistribution(z) : z;
}

function slope(name: string, z: number): number {
  if (name === "relu") return z > 0 ? 1 : 0;
  if (name === "tanh") return 1 - Math.tanh(z) ** 2;
  if (name === "sigmoid") return activation(name, z) * (1 - activation(name, z));
  if (name === "gelu")
    return normalDistribution(z) + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  return 1;
}

/** Φ by its power series, to float64 for the |z| < 6 that tests reach. */
function normalDistribution(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; k < 200; k++) {
    term *= (-z * z) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}
