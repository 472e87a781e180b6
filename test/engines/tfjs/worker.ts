import * as tf from "@tensorflow/tfjs-core";
import type { Device, Tier } from "../../../engines/run.ts";
import { readSafetensors } from "../../../engines/safetensors.ts";
import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { combinations, nan } from "../combinations.ts";
import { collect } from "../collect.ts";
import { somePlan } from "../some-plan.ts";
import { someTable } from "../some-rows.ts";

/** What a test asks of the worker. */
export interface WorkerRequest {
  readonly name: string;
  readonly device: Device;
  readonly tier?: Tier;
  readonly epochs?: number;
}

/** What it gets. */
export interface WorkerAnswer {
  readonly state: string;
  readonly reason?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly losses: readonly number[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /** tensors left behind by the run */
  readonly leaked: number;
}

const engine = createTfjsEngine({
  wasmPaths: {
    "tfjs-backend-wasm-simd.wasm": new URL(
      "../../../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
      import.meta.url,
    ).href,
    "tfjs-backend-wasm.wasm": new URL(
      "../../../node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm",
      import.meta.url,
    ).href,
  },
});
const rows = someTable(90);

addEventListener("message", ({ data }: MessageEvent<WorkerRequest>) => {
  void answer(data).then(
    (message) => postMessage(message),
    (error: unknown) => postMessage({ state: "threw", reason: String(error) }),
  );
});

async function answer({
  name,
  device,
  tier = "small",
  epochs = 3,
}: WorkerRequest): Promise<WorkerAnswer> {
  const fields =
    name === "nan" ? nan : combinations.find((combination) => combination.name === name)?.fields;
  const before = tf.engine().state.numTensors;
  const { outcome, losses } = await collect(engine, somePlan({ ...fields, epochs }), rows, {
    device,
    tier,
  });
  const { state, reason, environment, metrics } = outcome;
  const tensors = outcome.weights ? [...readSafetensors(outcome.weights).tensors] : [];
  return {
    state,
    ...(reason !== undefined && { reason }),
    environment,
    metrics,
    losses,
    weights: Object.fromEntries(tensors.map(([tensor, { values }]) => [tensor, [...values]])),
    leaked: tf.engine().state.numTensors - before,
  };
}
