import type { Optimizer } from "../../../engines/plan.ts";
import { webgpuReady } from "../../../engines/tfjs/backend.ts";
import { holdBackend } from "../../../engines/tfjs/lease.ts";
import type { Kernels } from "../../../engines/tfjs/kernels.ts";
import { layerDeviations, nanPlaces, runningMoments, tableGradientBits } from "./layer-kernels.ts";
import { layeredPlan, trainLayered } from "./layered-network.ts";

/** Runs on WebGPU; gives what came of it, the tensors left behind and what the device reported. */
async function onWebGPU<T>(
  work: (kernels: Kernels) => Promise<T>,
): Promise<{ readonly value: T; readonly leaked: number; readonly fault: string | undefined }> {
  const ready = await webgpuReady();
  const release = await holdBackend(ready);
  try {
    const before = ready.tf.engine().state.numTensors;
    const value = await work(ready.kernels);
    // validation errors come as events of their own
    await new Promise((resolve) => setTimeout(resolve, 50));
    const leaked = ready.tf.engine().state.numTensors - before;
    return { value, leaked, fault: ready.fault() };
  } finally {
    release();
  }
}

Object.assign(globalThis, {
  layerDeviations: () => onWebGPU(layerDeviations),
  nanPlaces: () => onWebGPU(nanPlaces),
  bitsTwice: () =>
    onWebGPU(async (kernels) => {
      const [first, second] = await tableGradientBits(kernels);
      return { first: first.join(), second: second.join() };
    }),
  runningMoments: () =>
    onWebGPU((kernels) =>
      runningMoments(
        kernels,
        [
          [1, 2, 3, 6],
          [0, 4],
        ],
        0.1,
      ),
    ),
  trainLayered: (optimizer: Optimizer, saveAt?: number) =>
    onWebGPU((kernels) => trainLayered(kernels, layeredPlan(optimizer), saveAt)),
});
