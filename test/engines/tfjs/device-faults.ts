import * as tf from "@tensorflow/tfjs-core";
import type { RunEventBody } from "../../../engines/run.ts";
import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { somePlan } from "../some-plan.ts";
import { someTable } from "../some-rows.ts";

/** What runs came to whose device was harmed while they trained, and one after them. */
export async function deviceFaults(): Promise<Readonly<Record<string, string>>> {
  return {
    error: await trainHarming((device) => {
      device.createBuffer({ size: 16, usage: 0xffff });
    }),
    afterError: await trainHarming(() => undefined),
    lost: await trainHarming((device) => device.destroy()),
    afterLoss: await trainHarming(() => undefined),
  };
}

async function trainHarming(harm: (device: GPUDevice) => void): Promise<string> {
  const run = createTfjsEngine().train(somePlan({ epochs: 8 }), someTable(90), {
    tier: "small",
    device: "webgpu",
  });
  let isHarmed = false;
  for (;;) {
    const next: IteratorResult<RunEventBody, { state: string; reason?: string }> = await run.next();
    if (next.done === true) return `${next.value.state}: ${next.value.reason ?? ""}`;
    if (next.value.type !== "metric" || isHarmed) continue;
    isHarmed = true;
    const backend = tf.backend();
    if ("device" in backend && backend.device instanceof GPUDevice) harm(backend.device);
  }
}
