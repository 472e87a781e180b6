import type { Plan } from "../plan.ts";
import type { Device } from "../run.ts";
import type { TrainingData } from "../training-data.ts";
import {
  BackendError,
  findAdapter,
  wasmReady,
  webgpuReady,
  type BackendOptions,
  type ReadyBackend,
} from "./backend.ts";
import { holdBackend } from "./lease.ts";
import { Stepper } from "./stepper.ts";

/** Where a run will compute, and why there. */
export interface DeviceChoice {
  readonly ready: ReadyBackend;
  readonly reason: string;
}

/**
 * Chooses the backend of a run. A forced one is obeyed or refused. `auto` takes WASM where there is
 * no adapter or only a software one, and elsewhere measures a few steps of this very plan on both:
 * each step of a small network costs a GPU more in commands than in arithmetic.
 *
 * @throws {BackendError} if the forced backend cannot be had, or none can
 */
export async function chooseDevice(
  device: Device,
  plan: Plan,
  data: TrainingData,
  options: BackendOptions,
): Promise<DeviceChoice> {
  if (device === "wasm") return { ready: await wasmReady(options), reason: "asked for" };
  if (device === "webgpu") return { ready: await webgpuReady(), reason: "asked for" };
  const found = await findAdapter();
  if (found === undefined)
    return { ready: await wasmReady(options), reason: "there is no WebGPU adapter" };
  if (found.description.isSoftware)
    return {
      ready: await wasmReady(options),
      reason: `the only WebGPU adapter is software: ${found.description.name}`,
    };
  return await fasterOf(plan, data, options);
}

async function fasterOf(
  plan: Plan,
  data: TrainingData,
  options: BackendOptions,
): Promise<DeviceChoice> {
  const wasm = await wasmReady(options);
  let webgpu: ReadyBackend;
  let seconds: number;
  try {
    webgpu = await webgpuReady();
    seconds = await secondsPerStep(webgpu, plan, data);
    const fault = webgpu.fault();
    if (fault !== undefined) throw new BackendError(fault);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ready: wasm, reason: `WebGPU failed when it was tried: ${why}` };
  }
  const wasmSeconds = await secondsPerStep(wasm, plan, data);
  const measured = `measured: ${milliseconds(seconds)} a step on WebGPU, ${milliseconds(wasmSeconds)} on WASM`;
  return { ready: seconds < wasmSeconds ? webgpu : wasm, reason: measured };
}

/** Mean time of a step over a tenth of a second or so, compilation left out. */
async function secondsPerStep(
  ready: ReadyBackend,
  plan: Plan,
  data: TrainingData,
): Promise<number> {
  const release = await holdBackend(ready);
  const stepper = new Stepper(ready.kernels, plan, data);
  try {
    await stepper.prepare(0);
    const ready = stepper.windowEnd(0);
    const take = async (count: number): Promise<number> => {
      const started = performance.now();
      for (let i = 0; i < count; i++) stepper.step(i % ready, i);
      await stepper.readLosses(count);
      return (performance.now() - started) / 1000;
    };
    await take(2);
    const one = await take(1);
    const count = Math.max(2, Math.min(200, Math.round(0.1 / one)));
    return (await take(count)) / count;
  } finally {
    stepper.dispose();
    release();
  }
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toPrecision(2)} ms`;
}
