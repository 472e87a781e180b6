import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { randomStream, uniforms } from "../../../engines/random.ts";
import { correctMatMul } from "../../../engines/tfjs/matmul-correction.ts";

/** The largest errors of products with a long inner dimension, by what is transposed. */
export interface LongProducts {
  readonly uncorrected: Readonly<Record<string, number>>;
  readonly corrected: Readonly<Record<string, number>>;
}

/** Multiplies on WebGPU as tfjs does it, and with our correction. */
export async function longProducts(): Promise<LongProducts> {
  await tf.setBackend("webgpu");
  const uncorrected = await errors();
  const restore = correctMatMul(tf);
  const corrected = await errors();
  restore();
  return { uncorrected, corrected };
}

async function errors(): Promise<Record<string, number>> {
  return {
    plain: await errorOf(40, 2100, 24, false, false),
    turnedA: await errorOf(40, 2100, 24, true, false),
    turnedB: await errorOf(40, 2100, 24, false, true),
    few: await errorOf(4, 2100, 6, false, true),
    short: await errorOf(40, 1900, 24, false, true),
  };
}

async function errorOf(
  m: number,
  k: number,
  n: number,
  turnA: boolean,
  turnB: boolean,
): Promise<number> {
  const values = uniforms(
    { seed: 5, stream: randomStream.weights, layer: m, step: n },
    (m + n) * k,
  );
  const a = values.subarray(0, m * k).map((u) => u - 0.5);
  const b = values.subarray(m * k).map((u) => u - 0.5);
  const at = (i: number, l: number): number => a[turnA ? l * m + i : i * k + l] ?? 0;
  const bt = (l: number, j: number): number => b[turnB ? j * k + l : l * n + j] ?? 0;
  const product = tf.tidy(() =>
    tf.matMul(
      tf.tensor2d(a, turnA ? [k, m] : [m, k]),
      tf.tensor2d(b, turnB ? [n, k] : [k, n]),
      turnA,
      turnB,
    ),
  );
  const actual = await product.data();
  product.dispose();
  let greatest = 0;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += at(i, l) * bt(l, j);
      greatest = Math.max(greatest, Math.abs((actual[i * n + j] ?? NaN) - sum));
    }
  return greatest;
}
