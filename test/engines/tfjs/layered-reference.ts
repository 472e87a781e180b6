import type { Plan } from "../../../engines/plan.ts";
import { randomStream, uniforms } from "../../../engines/random.ts";
import { updated } from "../reference.ts";
import {
  embedded,
  finiteDifferences,
  matrix,
  momentsOf,
  normal,
  sum,
  transposed,
  weightedLoss,
  type Matrix,
} from "./layer-reference.ts";
import { layeredRows, layeredWeights, type LayeredResult } from "./layered-network.ts";

/*
 * The same training in float64 from the forward pass alone: every gradient is a central difference.
 * Only first weights, rows and dropout masks are shared with the engine.
 */

type Values = Readonly<Record<string, readonly number[]>>;

/** Which columns each embedding of the layered plan reads, by hand: after the first, `to` is at 5. */
const indices: readonly (readonly number[])[] = [[2], [0, 5]];

/** Trains the layered plan on the layered rows. */
export function referenceLayered(plan: Plan): LayeredResult {
  const { batch, steps, classWeights } = layeredRows;
  let values: Values = Object.fromEntries(
    layeredWeights(plan).map(({ name, values: first }) => [name, [...first]]),
  );
  const slots = new Map<string, { m: number; v: number }>();
  const losses: number[] = [];
  let gradientNorm = NaN;
  for (let step = 0; step < steps; step++) {
    const x = batchOf(step);
    const y = [...layeredRows.y.subarray(step * batch, (step + 1) * batch)];
    const lossOf = (of: Values): number =>
      weightedLoss(forward(plan, of, x, step).output, y, [...classWeights]);
    losses.push(lossOf(values));
    const { moved } = forward(plan, values, x, step);
    const next: Record<string, readonly number[]> = { ...values, ...moved };
    let squares = 0;
    for (const [name, old] of Object.entries(values)) {
      if (/\.(mean|variance)$/.test(name)) continue;
      const gradient = finiteDifferences((at) => lossOf({ ...values, [name]: at }), old);
      squares += sum(gradient.map((g) => g * g));
      next[name] = old.map((w, i) =>
        updated(plan, slots, `${name}.${i}`, w, gradient[i] ?? NaN, step + 1, plan.optimizer.lr),
      );
    }
    if (step === 0) gradientNorm = Math.sqrt(squares);
    values = next;
  }
  const logits = forward(plan, values, batchOf(0)).output.flat();
  return { gradientNorm, losses, logits, parameters: values };
}

function batchOf(step: number): Matrix {
  const { x, width, batch } = layeredRows;
  return matrix(x.subarray(step * batch * width, (step + 1) * batch * width), width);
}

/** In training where a step is given, with the running moments that follow; else in validation. */
function forward(
  plan: Plan,
  values: Values,
  x: Matrix,
  step?: number,
): { readonly output: Matrix; readonly moved: Values } {
  const moved: Record<string, readonly number[]> = {};
  const output = plan.network.reduce((input: Matrix, layer, l): Matrix => {
    const of = (part: string): readonly number[] => values[`network.${l}.${part}`] ?? [];
    const scaled = (row: readonly number[]): number[] =>
      row.map((value, j) => value * (of("scale")[j] ?? NaN) + (of("shift")[j] ?? NaN));
    if (layer.type === "embedding")
      return embedded(input, matrix(of("table"), layer.units), indices[l] ?? []);
    if (layer.type === "dense") {
      const columns = transposed(matrix(of("kernel"), layer.units));
      return input.map((row) =>
        columns.map((weights, j) =>
          activation(
            layer.activation,
            sum(row.map((value, k) => value * (weights[k] ?? NaN))) +
              (layer.bias ? (of("bias")[j] ?? NaN) : 0),
          ),
        ),
      );
    }
    if (layer.type === "layerNorm") return input.map((row) => scaled(normal(row, layer.epsilon)));
    if (layer.type === "dropout") {
      if (step === undefined) return input;
      const sequence = { seed: plan.seed, stream: randomStream.dropout, layer: l, step };
      const kept = matrix(uniforms(sequence, input.flat().length), input[0]?.length ?? 0);
      return input.map((row, i) =>
        row.map((value, j) => ((kept[i]?.[j] ?? NaN) >= layer.rate ? value / (1 - layer.rate) : 0)),
      );
    }
    if (step === undefined)
      return input.map((row) =>
        scaled(
          row.map(
            (value, j) =>
              (value - (of("mean")[j] ?? NaN)) /
              Math.sqrt((of("variance")[j] ?? NaN) + layer.epsilon),
          ),
        ),
      );
    const n = input.length;
    const moments = transposed(input).map(momentsOf);
    const move = (part: string, towards: readonly number[]): void => {
      moved[`network.${l}.${part}`] = of(part).map(
        (old, j) => (1 - layer.momentum) * old + layer.momentum * (towards[j] ?? NaN),
      );
    };
    move(
      "mean",
      moments.map(({ mean }) => mean),
    );
    move(
      "variance",
      moments.map(({ variance }) => (variance * n) / (n - 1)),
    );
    const columns = transposed(input).map((column) => normal(column, layer.epsilon));
    return transposed(columns).map(scaled);
  }, x);
  return { output, moved };
}

function activation(name: string, z: number): number {
  if (name === "tanh") return Math.tanh(z);
  return name === "sigmoid" ? 1 / (1 + Math.exp(-z)) : z;
}
