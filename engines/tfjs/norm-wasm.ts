import type { Tensor } from "@tensorflow/tfjs-core";
import type { BatchNormOutput, LayerNormOutput, NormGradients, NormWeights } from "./kernels.ts";
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
  const ofScale = new Float64Array(columns);
  const ofShift = new Float64Array(columns);
  for (let at = 0; at < from.length; at += columns)
    for (let j = 0; j < columns; j++) {
      const g = flowing[at + j] ?? 0;
      const normal = ((from[at + j] ?? 0) - (means[j] ?? 0)) * (inverses[j] ?? 0);
      ofScale[j] = (ofScale[j] ?? 0) + g * normal;
      ofShift[j] = (ofShift[j] ?? 0) + g;
    }
  heap.floats(scale).set(ofScale);
  heap.floats(shift).set(ofShift);
  if (input) {
    const to = heap.floats(input);
    const scales = heap.floats(weights.scale);
    for (let at = 0; at < from.length; at += columns)
      for (let j = 0; j < columns; j++) {
        const inverse = inverses[j] ?? 0;
        const normal = ((from[at + j] ?? 0) - (means[j] ?? 0)) * inverse;
        const common = ((ofShift[j] ?? 0) + normal * (ofScale[j] ?? 0)) / rows;
        to[at + j] = (scales[j] ?? 0) * inverse * ((flowing[at + j] ?? 0) - common);
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

/** Means and biased variances by column, in two passes. */
function columnMoments(
  from: Float32Array,
  columns: number,
): { readonly means: Float64Array; readonly variances: Float64Array } {
  const rows = from.length / columns;
  const means = new Float64Array(columns);
  for (let at = 0; at < from.length; at += columns)
    for (let j = 0; j < columns; j++) means[j] = (means[j] ?? 0) + (from[at + j] ?? 0);
  for (let j = 0; j < columns; j++) means[j] = (means[j] ?? 0) / rows;
  const variances = new Float64Array(columns);
  for (let at = 0; at < from.length; at += columns)
    for (let j = 0; j < columns; j++)
      variances[j] = (variances[j] ?? 0) + ((from[at + j] ?? 0) - (means[j] ?? 0)) ** 2;
  for (let j = 0; j < columns; j++) variances[j] = (variances[j] ?? 0) / rows;
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
  for (let at = 0; at < from.length; at += columns)
    for (let j = 0; j < columns; j++) {
      const normal = ((from[at + j] ?? 0) - (means[j] ?? 0)) * (inverses[j] ?? 0);
      to[at + j] = normal * (scales[j] ?? 0) + (shifts[j] ?? 0);
    }
}
