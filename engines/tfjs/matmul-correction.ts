import type { KernelConfig, KernelFunc } from "@tensorflow/tfjs-core";

type Core = typeof import("@tensorflow/tfjs-core");

/**
 * Corrects the WebGPU backend's matrix product, which splits a long inner dimension (2,000 and more)
 * over workgroups when the output is small: with a transposed right factor, as in the backward pass
 * of a wide dense layer, that program is wrong by O(1); and it adds with float atomics, so two runs
 * differ. Such products are made by the program for small outputs instead, which is right and
 * repeatable.
 *
 * @returns a function that puts the uncorrected kernels back, for the test that shows the fault
 */
export function correctMatMul(tf: Core): () => void {
  const originals = kernelNames.flatMap((kernelName): KernelConfig[] => {
    const original = tf.getKernel(kernelName, "webgpu");
    if (original === undefined) return [];
    replaceKernel(tf, { ...original, kernelFunc: withoutSplit(tf, original.kernelFunc) });
    return [original];
  });
  return () => originals.forEach((original) => replaceKernel(tf, original));
}

const kernelNames = ["BatchMatMul", "_FusedMatMul"];

/** Values of tfjs's `WEBGPU_MATMUL_PROGRAM_TYPE`: it chooses, or the program for small outputs. */
const programType = { automatic: -1, smallOutput: 2 };

function withoutSplit(tf: Core, original: KernelFunc): KernelFunc {
  return (call) => {
    const { a, b } = call.inputs;
    const turnedA = call.attrs?.["transposeA"] === true;
    const inner = a?.shape.at(turnedA ? -2 : -1) ?? 0;
    const rows = a?.shape.at(turnedA ? -1 : -2) ?? 0;
    const columns = b?.shape.at(call.attrs?.["transposeB"] === true ? -2 : -1) ?? 0;
    if (inner < 2000 || rows * columns <= 128 || tiles(rows) * tiles(columns) > mostTiles)
      return original(call);
    tf.env().set("WEBGPU_MATMUL_PROGRAM_TYPE", programType.smallOutput);
    try {
      return original(call);
    } finally {
      tf.env().set("WEBGPU_MATMUL_PROGRAM_TYPE", programType.automatic);
    }
  };
}

/** Outputs of more tiles than this are never split, on any adapter; of 128 numbers and fewer, too. */
const mostTiles = 32;

function tiles(size: number): number {
  return Math.ceil(size / 32);
}

function replaceKernel(tf: Core, kernel: KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
