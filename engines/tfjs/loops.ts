import type { DenseLayer } from "../plan.ts";
import { erf } from "./erf.ts";
import type { UpdateRule } from "./kernels.ts";

/** In place. NaN stays NaN, so that it reaches the loss and is seen. */
export function activate(values: Float32Array, activation: DenseLayer["activation"]): void {
  const n = values.length;
  if (activation === "relu") {
    rectify(integersOf(values));
  } else if (activation === "tanh") {
    for (let i = 0; i < n; i++) values[i] = Math.tanh(values[i] ?? 0);
  } else if (activation === "sigmoid") {
    for (let i = 0; i < n; i++) values[i] = 1 / (1 + Math.exp(-(values[i] ?? 0)));
  } else if (activation === "gelu") {
    for (let i = 0; i < n; i++) {
      const z = values[i] ?? 0;
      values[i] = (z * (1 + erf(z * Math.SQRT1_2))) / 2;
    }
  }
}

/** Multiplies the gradient by the activation's slope, from its output (for gelu: its input). */
export function slope(
  gradient: Float32Array,
  at: Float32Array,
  activation: DenseLayer["activation"],
): void {
  const n = gradient.length;
  if (activation === "relu") {
    keepWhereNotZero(integersOf(gradient), integersOf(at));
  } else if (activation === "tanh") {
    for (let i = 0; i < n; i++) gradient[i] = (gradient[i] ?? 0) * (1 - (at[i] ?? 0) ** 2);
  } else if (activation === "sigmoid") {
    for (let i = 0; i < n; i++)
      gradient[i] = (gradient[i] ?? 0) * (at[i] ?? 0) * (1 - (at[i] ?? 0));
  } else if (activation === "gelu") {
    for (let i = 0; i < n; i++) {
      const z = at[i] ?? 0;
      const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      gradient[i] = (gradient[i] ?? 0) * ((1 + erf(z * Math.SQRT1_2)) / 2 + z * density);
    }
  }
}

/**
 * Zeroes negative numbers by their bits: a branch on numbers of random sign is taken wrongly half the
 * time and costs more than all the rest. All below zero have the sign bit and are, as integers, at
 * most that of -Infinity; NaN with the sign bit lies above.
 */
function rectify(bits: Int32Array): void {
  const n = bits.length;
  for (let i = 0; i < n; i++) {
    const b = bits[i] ?? 0;
    bits[i] = b & ~((b >> 31) & ((b + 0x7fffff) >> 31));
  }
}

/** Zeroes numbers where a rectified one, which has no negative zero, is zero. */
function keepWhereNotZero(bits: Int32Array, at: Int32Array): void {
  const n = bits.length;
  for (let i = 0; i < n; i++) {
    const b = at[i] ?? 0;
    bits[i] = (bits[i] ?? 0) & ((b | -b) >> 31);
  }
}

function integersOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}

/**
 * How many rows of a matrix to take at a time so that they stay in the cache. Loops go down a column
 * of such a block, then to the next column: what belongs to the column then stays in registers.
 */
export function rowsAtOnce(columns: number): number {
  return Math.max(8, Math.floor(2048 / columns));
}

/** Writes the transpose of a matrix, rows × columns, row-major. */
export function transpose(
  from: Float32Array,
  to: Float32Array,
  rows: number,
  columns: number,
): void {
  const block = rowsAtOnce(columns);
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(rows, top + block);
    for (let j = 0; j < columns; j++) {
      let read = top * columns + j;
      for (let at = j * rows + top, end = j * rows + bottom; at < end; at++, read += columns)
        to[at] = from[read] ?? 0;
    }
  }
}

/** The sums of a matrix's columns. */
export function columnSums(from: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  const n = from.length;
  const block = rowsAtOnce(columns) * columns;
  for (let top = 0; top < n; top += block) {
    const bottom = Math.min(n, top + block);
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let i = top + j; i < bottom; i += columns) sum += from[i] ?? 0;
      sums[j] = (sums[j] ?? 0) + sum;
    }
  }
  return sums;
}

/**
 * One row's softmax cross-entropy; writes its gradient, divided by the number of rows. `weight` is
 * what the row counts.
 */
export function softmaxRow(
  z: Float32Array,
  gradient: Float32Array,
  at: number,
  width: number,
  target: number,
  rows: number,
  weight: number,
): number {
  let greatest = -Infinity;
  for (let j = 0; j < width; j++) {
    const logit = z[at + j] ?? 0;
    if (logit > greatest || Number.isNaN(logit)) greatest = logit;
  }
  let sum = 0;
  for (let j = 0; j < width; j++) sum += Math.exp((z[at + j] ?? 0) - greatest);
  for (let j = 0; j < width; j++)
    gradient[at + j] =
      (weight * (Math.exp((z[at + j] ?? 0) - greatest) / sum - (j === target ? 1 : 0))) / rows;
  return weight * (Math.log(sum) + greatest - (z[at + target] ?? 0));
}

/** Changes weights and slots in place. */
export function optimize(
  weights: Float32Array,
  gradient: Float32Array,
  slots: Float32Array | undefined,
  { optimizer, lr, firstCorrection, secondCorrection }: UpdateRule,
): void {
  const n = weights.length;
  if (optimizer.type === "sgd") {
    for (let i = 0; i < n; i++) {
      let velocity = gradient[i] ?? 0;
      if (slots) {
        velocity += optimizer.momentum * (slots[i] ?? 0);
        slots[i] = velocity;
      }
      weights[i] = (weights[i] ?? 0) - lr * velocity;
    }
    return;
  }
  if (!slots) return;
  const { beta1, beta2, epsilon } = optimizer;
  const keep = optimizer.type === "adamw" ? 1 - lr * optimizer.weightDecay : 1;
  const rate = lr * firstCorrection;
  for (let i = 0; i < n; i++) {
    const g = gradient[i] ?? 0;
    const first = beta1 * (slots[i] ?? 0) + (1 - beta1) * g;
    const second = beta2 * (slots[n + i] ?? 0) + (1 - beta2) * g * g;
    slots[i] = first;
    slots[n + i] = second;
    weights[i] =
      (weights[i] ?? 0) * keep - (rate * first) / (Math.sqrt(second) * secondCorrection + epsilon);
  }
}
