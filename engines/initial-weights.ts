import { planShape } from "./plan-shape.ts";
import type { Layer, Plan } from "./plan.ts";
import { normals, randomStream, uniforms, type RandomSequence } from "./random.ts";

/** A tensor with its values, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The weights before the first step, from the plan's seed alone; the same bits on every engine.
 * Kernels by the layer's `init`, biases zero.
 */
export function initialWeights(plan: Plan): NamedTensor[] {
  return planShape(plan).layers.flatMap(({ tensors }, i) =>
    tensors.map(({ name, shape }) => ({ name, shape, values: initialValues(plan, i, shape) })),
  );
}

function initialValues(plan: Plan, i: number, shape: readonly number[]): Float32Array {
  const [rows = 0, columns] = shape;
  const layer: Layer | undefined = plan.network[i];
  if (columns === undefined || layer?.type !== "dense") return new Float32Array(rows);
  const sequence = { seed: plan.seed, stream: randomStream.weights, layer: i, step: 0 };
  return layer.init === "heNormal"
    ? heNormal(sequence, rows, columns)
    : glorotUniform(sequence, rows, columns);
}

/** Uniform on ±√(6 / (in + out)) (Glorot and Bengio, AISTATS 2010, equation 16). */
export function glorotUniform(
  sequence: RandomSequence,
  rows: number,
  columns: number,
): Float32Array {
  const limit = Math.sqrt(6 / (rows + columns));
  return uniforms(sequence, rows * columns).map((u) => (2 * u - 1) * limit);
}

/** Normal with deviation √(2 / in), not truncated (He, Zhang, Ren, Sun, ICCV 2015, equation 10). */
export function heNormal(sequence: RandomSequence, rows: number, columns: number): Float32Array {
  const deviation = Math.sqrt(2 / rows);
  return Float32Array.from(normals(sequence, rows * columns), (z) => z * deviation);
}
