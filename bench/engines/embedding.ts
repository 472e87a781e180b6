import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { randomStream, uniforms } from "../../engines/random.ts";
import { wasmReady } from "../../engines/tfjs/backend.ts";

/*
 * An embedding of 300 words × 16 beside three numbers, forward and back, batches of 4096, on WASM in
 * Node: our kernels beside tfjs's gather and concat, whose gradient on WASM, which lacks
 * `UnsortedSegmentSum`, is a product with one-hot words.
 */

const [rows, words, units, numbers] = [4096, 300, 16, 3];

/** Milliseconds of one embedding, forward and back. */
export async function timeEmbedding(): Promise<{ readonly ours: number; readonly tfjs: number }> {
  const { kernels } = await wasmReady({});
  const index = random(rows, 1).map((u) => Math.floor(u * words));
  const others = random(rows * numbers, 2);
  const x = Float32Array.from({ length: rows * (numbers + 1) }, (_, i) => {
    const row = Math.floor(i / (numbers + 1));
    const column = i % (numbers + 1);
    return (column === 0 ? index[row] : others[row * numbers + column - 1]) ?? 0;
  });
  const gradient = random(rows * (numbers + units), 3);
  const on = kernels.upload(x, [rows, numbers + 1]);
  const table = kernels.upload(random(words * units, 4), [words, units]);
  const indices = tf.tensor1d(Int32Array.from(index), "int32");
  const rest = tf.tensor2d(others, [rows, numbers]);
  const flowing = tf.tensor2d(gradient, [rows, numbers + units]);
  return {
    ours: millisecondsOf(() => {
      const output = kernels.embed(on, table, [0]);
      const copy = kernels.upload(gradient, [rows, numbers + units]);
      const found = kernels.embedGradients(on, table, [0], copy, false);
      output.dispose();
      found.table.dispose();
    }),
    tfjs: millisecondsOf(() =>
      tf.tidy(() => {
        tf.concat([tf.gather(table, indices), rest], 1);
        const ofVectors = tf.slice(flowing, [0, 0], [rows, units]);
        tf.matMul(tf.oneHot(indices, words), ofVectors, true, false);
      }),
    ),
  };
}

/** The least of twenty, after a few to warm up. */
function millisecondsOf(work: () => void): number {
  let least = Infinity;
  for (let i = 0; i < 25; i++) {
    const began = performance.now();
    work();
    if (i >= 5) least = Math.min(least, performance.now() - began);
  }
  return least;
}

function random(count: number, step: number): Float32Array {
  return uniforms({ seed: 3, stream: randomStream.weights, layer: 0, step }, count);
}
