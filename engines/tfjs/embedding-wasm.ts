import type { Tensor } from "@tensorflow/tfjs-core";
import type { EmbedGradients } from "./kernels.ts";
import type { WasmHeap } from "./wasm-heap.ts";

/** {@link Kernels.embed} as a loop over the heap. */
export function embed(
  heap: WasmHeap,
  x: Tensor,
  table: Tensor,
  indices: readonly number[],
): Tensor {
  const [rows = 0, width = 0] = x.shape;
  const [words = 1, units = 1] = table.shape;
  const out = heap.make([rows, width + indices.length * (units - 1)]);
  const to = heap.floats(out);
  const from = heap.floats(x);
  const vectors = heap.floats(table);
  let at = 0;
  let column = 0;
  for (let row = 0; row < rows; row++) {
    for (const index of indices) {
      for (const end = row * width + index; column < end;) to[at++] = from[column++] ?? 0;
      const value = from[column++] ?? 0;
      const word = wordOf(value, words) * units;
      if (Number.isNaN(value)) for (let unit = 0; unit < units; unit++) to[at++] = NaN;
      else for (let unit = 0; unit < units; unit++) to[at++] = vectors[word + unit] ?? 0;
    }
    for (const end = (row + 1) * width; column < end;) to[at++] = from[column++] ?? 0;
  }
  return out;
}

/** {@link Kernels.embedGradients} as loops over the heap; rows are summed in their order. */
export function embedGradients(
  heap: WasmHeap,
  x: Tensor,
  table: Tensor,
  indices: readonly number[],
  gradient: Tensor,
  wantsInput: boolean,
): EmbedGradients {
  const ofTable = heap.make(table.shape);
  const ofInput = wantsInput ? heap.make(x.shape) : undefined;
  sumByWord(heap, x, ofTable, indices, gradient);
  if (ofInput) passBack(heap, ofInput, indices, gradient);
  gradient.dispose();
  return { table: ofTable, ...(ofInput && { input: ofInput }) };
}

function sumByWord(
  heap: WasmHeap,
  x: Tensor,
  ofTable: Tensor,
  indices: readonly number[],
  gradient: Tensor,
): void {
  const [rows = 0, width = 0] = x.shape;
  const [words = 1, units = 1] = ofTable.shape;
  const sums = new Float64Array(words * units);
  const from = heap.floats(x);
  const flowing = heap.floats(gradient);
  const outputs = width + indices.length * (units - 1);
  for (let row = 0; row < rows; row++) {
    let start = row * outputs;
    for (const index of indices) {
      const word = wordOf(from[row * width + index] ?? 0, words) * units;
      const begin = start + index;
      for (let unit = 0; unit < units; unit++)
        sums[word + unit] = (sums[word + unit] ?? 0) + (flowing[begin + unit] ?? 0);
      start += units - 1;
    }
  }
  heap.floats(ofTable).set(sums);
}

function passBack(
  heap: WasmHeap,
  ofInput: Tensor,
  indices: readonly number[],
  gradient: Tensor,
): void {
  const [rows = 0, width = 0] = ofInput.shape;
  const outputs = gradient.shape[1] ?? 0;
  const to = heap.floats(ofInput);
  const from = heap.floats(gradient);
  const units = indices.length === 0 ? 1 : 1 + (outputs - width) / indices.length;
  let at = 0;
  let read = 0;
  for (let row = 0; row < rows; row++) {
    for (const index of indices) {
      for (const end = row * width + index; at < end;) to[at++] = from[read++] ?? 0;
      to[at++] = 0;
      read += units;
    }
    for (const end = (row + 1) * width; at < end;) to[at++] = from[read++] ?? 0;
  }
}

/** The row of the table that an index names: the last one, the unknown's, where it names none. */
function wordOf(value: number, words: number): number {
  return value >= 0 && value < words ? Math.trunc(value) : words - 1;
}
