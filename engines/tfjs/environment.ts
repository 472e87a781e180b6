import { engineCode } from "../run.ts";
import type { DeviceChoice } from "./device.ts";

/** Where a run really computes, for its events, its result and its receipt. */
export function environmentOf({ ready, reason }: DeviceChoice): Readonly<Record<string, string>> {
  return {
    engine: "tfjs",
    tfjs: ready.tf.version_core,
    code: engineCode,
    backend: ready.kernels.backend,
    device: ready.device,
    adapterIsSoftware: String(ready.isSoftware),
    chosenBecause: reason,
    platform: platform(),
  };
}

function platform(): string {
  if (typeof process !== "undefined" && typeof process.version === "string")
    return `Node ${process.version}`;
  return typeof navigator === "undefined" ? "unknown" : navigator.userAgent;
}
