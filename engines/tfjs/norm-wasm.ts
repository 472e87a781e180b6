import type { Tensor } from "@tensorflow/tfjs-core";
import type { BatchNormOutput, LayerNormOutput, NormGradients, NormWeights } from "./kernels.ts";
import { rowsAtOnce } from "./loops.ts";
import type { WasmHeap } from "./wasm-heap.ts";

/** {@link Kernels.batchNorm} as loops over the heap. */
export function batchNorm(
  heap: WasmHeap,
  x: Tensor,
  weights: NormWeights,
  epsilon: number,
): BatchNormOutput {
  const columns = x.shape[1] ?? 0;
  const mean = heap.make([columns]);
  const variance = heap.make([columns]);
  const inverse = heap.make([columns]);
  const output = heap.make(x.shape);
  const moments = columnMoments(heap.floats(x), columns);
  heap.floats(mean).set(moments.means);
  heap.floats(variance).set(moments.variances);
  heap.floats(inverse).set(moments.variances.map((of) => 1 / Math.sqrt(of + epsilon)));
  normalizeColumns(heap, x, weights, mean, inverse, output);
  return { output, mean, variance, inverse };
}

/** {@link Kernels.normalize} as loops over the heap. */
export function normalize(
  heap: WasmHeap,
  x: Tensor,
  weights: NormWeights,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
): Tensor {
  const inverse = heap.make(variance.shape);
  const output = heap.make(x.shape);
  heap.floats(inverse).set(heap.floats(variance).map((of) => 1 / Math.sqrt(of + epsilon)));
  normalizeColumns(heap, x, weights, mean, inverse, output);
  inverse.dispose();
  return output;
}

/** {@link Kernels.batchNormGradients} as loops over the heap. */
export function batchNormGradients(
  heap: WasmHeap,
  x: Tensor,
  weights: NormWeights,
  saved: BatchNormOutput,
  gradient: Tensor,
  wantsInput: boolean,
): NormGradients {
  const [rows = 0, columns = 0] = x.shape;
  const scale = heap.make([columns]);
  const shift = heap.make([columns]);
  const input = wantsInput ? heap.make(x.shape) : undefined;
  const from = heap.floats(x);
  const flowing = heap.floats(gradient);
  const means = heap.floats(saved.mean);
  const inverses = heap.floats(saved.inverse);
  const { ofScale, ofShift } = sumByColumn(from, flowing, means, inverses);
  heap.floats(scale).set(ofScale);
  heap.floats(shift).set(ofShift);
  if (input) {
    const to = heap.floats(input);
    const scales = heap.floats(weights.scale);
    const n = from.length;
    const block = rowsAtOnce(columns) * columns;
    for (let top = 0; top < n; top += block) {
      const bottom = Math.min(n, top + block);
      for (let j = 0; j < columns; j++) {
        // scale · inverse · (g - (ofShift + normal · ofScale) / rows) as ofGradient · g + ofX · x + rest
        const inverse = inverses[j] ?? 0;
        const ofGradient = (scales[j] ?? 0) * inverse;
        const ofX = (-ofGradient * inverse * (ofScale[j] ?? 0)) / rows;
        const rest = (-ofGradient * (ofShift[j] ?? 0)) / rows - ofX * (means[j] ?? 0);
        for (let i = top + j; i < bottom; i += columns)
          to[i] = ofGradient * (flowing[i] ?? 0) + (ofX * (from[i] ?? 0) + rest);
      }
    }
  }
  gradient.dispose();
  return { scale, shift, ...(input && { input }) };
}

/** {@link Kernels.layerNorm} as a loop over the heap. */
export function layerNorm(
  heap: WasmHeap,
  x: Tensor,
  weights: NormWeights,
  epsilon: number,
): LayerNormOutput {
  const [rows = 0, columns = 0] = x.shape;
  const mean = heap.make([rows]);
  const inverse = heap.make([rows]);
  const output = heap.make(x.shape);
  const from = heap.floats(x);
  const to = heap.floats(output);
  const means = heap.floats(mean);
  const inverses = heap.floats(inverse);
  const scales = heap.floats(weights.scale);
  const shifts = heap.floats(weights.shift);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += from[at + j] ?? 0;
    const middle = sum / columns;
    let squares = 0;
    for (let j = 0; j < columns; j++) squares += ((from[at + j] ?? 0) - middle) ** 2;
    const factor = 1 / Math.sqrt(squares / columns + epsilon);
    means[row] = middle;
    inverses[row] = factor;
    for (let j = 0; j < columns; j++)
      to[at + j] = ((from[at + j] ?? 0) - middle) * factor * (scales[j] ?? 0) + (shifts[j] ?? 0);
  }
  return { output, mean, inverse };
}

/** {@link Kernels.layerNormGradients} as a loop over the heap. */
export function layerNormGradients(
  heap: WasmHeap,
  x: Tensor,
  weights: NormWeights,
  saved: LayerNormOutput,
  gradient: Tensor,
  wantsInput: boolean,
): NormGradients {
  const [rows = 0, columns = 0] = x.shape;
  const scale = heap.make([columns]);
  const shift = heap.make([columns]);
  const input = wantsInput ? heap.make(x.shape) : undefined;
  const from = heap.floats(x);
  const flowing = heap.floats(gradient);
  const means = heap.floats(saved.mean);
  const inverses = heap.floats(saved.inverse);
  const scales = heap.floats(weights.scale);
  const to = input && heap.floats(input);
  const ofScale = new Float64Array(columns);
  const ofShift = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    const middle = means[row] ?? 0;
    const inverse = inverses[row] ?? 0;
    let sum = 0;
    let product = 0;
    for (let j = 0; j < columns; j++) {
      const g = flowing[at + j] ?? 0;
      const normal = ((from[at + j] ?? 0) - middle) * inverse;
      ofScale[j] = (ofScale[j] ?? 0) + g * normal;
      ofShift[j] = (ofShift[j] ?? 0) + g;
      sum += g * (scales[j] ?? 0);
      product += g * (scales[j] ?? 0) * normal;
    }
    if (to)
      for (let j = 0; j < columns; j++) {
        const normal = ((from[at + j] ?? 0) - middle) * inverse;
        const common = (sum + normal * product) / columns;
        to[at + j] = inverse * ((flowing[at + j] ?? 0) * (scales[j] ?? 0) - common);
      }
  }
  heap.floats(scale).set(ofScale);
  heap.floats(shift).set(ofShift);
  gradient.dispose();
  return { scale, shift, ...(input && { input }) };
}

/** The gradients of the columns' scales and shifts: Σ g · normal and Σ g. */
function sumByColumn(
  from: Float32Array,
  flowing: Float32Array,
  means: Float32Array,
  inverses: Float32Array,
): { readonly ofScale: Float64Array; readonly ofShift: Float64Array } {
  const columns = means.length;
  const ofScale = new Float64Array(columns);
  const ofShift = new Float64Array(columns);
  const n = from.length;
  const block = rowsAtOnce(columns) * columns;
  for (let top = 0; top < n; top += block) {
    const bottom = Math.min(n, top + block);
    for (let j = 0; j < columns; j++) {
      const mean = means[j] ?? 0;
      let sum = 0;
      let product = 0;
      for (let i = top + j; i < bottom; i += columns) {
        const g = flowing[i] ?? 0;
        sum += g;
        product += g * ((from[i] ?? 0) - mean);
      }
      ofScale[j] = (ofScale[j] ?? 0) + product * (inverses[j] ?? 0);
      ofShift[j] = (ofShift[j] ?? 0) + sum;
    }
  }
  return { ofScale, ofShift };
}

/**
 * Means and biased variances by column, in one pass over shifted data (Chan, Golub and LeVeque, The
 * American Statistician 37(3), 1983): differences from the first row. However far off that row lies,
 * its own share of the variance keeps the relative error below float64's by the number of rows.
 */
function columnMoments(
  from: Float32Array,
  columns: number,
): { readonly means: Float64Array; readonly variances: Float64Array } {
  const n = from.length;
  const rows = n / columns;
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  const block = rowsAtOnce(columns) * columns;
  for (let top = 0; top < n; top += block) {
    const bottom = Math.min(n, top + block);
    for (let j = 0; j < columns; j++) {
      const origin = from[j] ?? 0;
      let sum = 0;
      let square = 0;
      for (let i = top + j; i < bottom; i += columns) {
        const difference = (from[i] ?? 0) - origin;
        sum += difference;
        square += difference * difference;
      }
      sums[j] = (sums[j] ?? 0) + sum;
      squares[j] = (squares[j] ?? 0) + square;
    }
  }
  const means = sums.map((sum, j) => (from[j] ?? 0) + sum / rows);
  const variances = squares.map((of, j) => Math.max(0, of / rows - ((sums[j] ?? 0) / rows) ** 2));
  return { means, variances };
}

function normalizeColumns(
  heap: WasmHeap,
  x: Tensor,
  weights: NormWeights,
  mean: Tensor,
  inverse: Tensor,
  output: Tensor,
): void {
  const columns = x.shape[1] ?? 0;
  const from = heap.floats(x);
  const to = heap.floats(output);
  const means = heap.floats(mean);
  const inverses = heap.floats(inverse);
  const scales = heap.floats(weights.scale);
  const shifts = heap.floats(weights.shift);
  const n = from.length;
  const block = rowsAtOnce(columns) * columns;
  for (let top = 0; top < n; top += block) {
    const bottom = Math.min(n, top + block);
    for (let j = 0; j < columns; j++) {
      const factor = (inverses[j] ?? 0) * (scales[j] ?? 0);
      const offset = (shifts[j] ?? 0) - (means[j] ?? 0) * factor;
      for (let i = top + j; i < bottom; i += columns) to[i] = (from[i] ?? 0) * factor + offset;
    }
  }
}
