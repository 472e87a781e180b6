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
 * Kernels and tables by the layer's `init`, biases, shifts and running means zero, scales and running
 * variances one. All that {@link planShape} names is there, running means included, in its order.
 */
export function initialWeights(plan: Plan): NamedTensor[] {
  return planShape(plan).layers.flatMap(({ tensors }, i) =>
    tensors.map(({ name, shape }) => ({
      name,
      shape,
      values: initialValues(plan, i, name.slice(name.lastIndexOf(".") + 1), shape),
    })),
  );
}

function initialValues(
  plan: Plan,
  i: number,
  part: string,
  [rows = 0, columns = 1]: readonly number[],
): Float32Array {
  const layer: Layer | undefined = plan.network[i];
  const sequence = { seed: plan.seed, stream: randomStream.weights, layer: i, step: 0 };
  if (part === "table") return embeddingUniform(sequence, rows, columns);
  if (part === "kernel" && layer?.type === "dense")
    return layer.init === "heNormal"
      ? heNormal(sequence, rows, columns)
      : glorotUniform(sequence, rows, columns);
  return new Float32Array(rows).fill(part === "scale" || part === "variance" ? 1 : 0);
}

/** Uniform on ±0.05, Keras's `uniform` for embeddings. */
function embeddingUniform(sequence: RandomSequence, rows: number, columns: number): Float32Array {
  return uniforms(sequence, rows * columns).map((u) => (2 * u - 1) * 0.05);
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
