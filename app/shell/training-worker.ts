/// <reference lib="webworker" />
/**
 * Trains one plan on one device, and ends with it. A plan is data, so nothing of the workbook runs
 * here.
 */
import wasmPlain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import wasmThreaded from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { tableFromIPC } from "../../data/index.ts";
import { dryRun } from "../../engines/dry-run.ts";
import { createTfjsEngine } from "../../engines/tfjs/index.ts";
import type { TrainingNews, TrainingOrder } from "./training-message.ts";

const engine = createTfjsEngine({
  wasmPaths: {
    "tfjs-backend-wasm.wasm": wasmPlain,
    "tfjs-backend-wasm-simd.wasm": wasmSimd,
    "tfjs-backend-wasm-threaded-simd.wasm": wasmThreaded,
  },
});
const stop = new AbortController();

globalThis.addEventListener("message", ({ data: order }: MessageEvent<TrainingOrder>) => {
  if (order.type === "cancel") return stop.abort();
  execute(order).catch((error: unknown) =>
    say({ type: "error", message: error instanceof Error ? error.message : String(error) }),
  );
});

async function execute(order: Exclude<TrainingOrder, { type: "cancel" }>): Promise<void> {
  const rows = tableFromIPC(order.ipc, { name: "rows" });
  if (order.type === "dryRun") {
    const body = await dryRun(order.plan, rows, engine, order.device);
    return say({ type: "receipt", body });
  }
  const { plan, device } = order;
  const training = engine.train(plan, rows, { tier: "small", device, signal: stop.signal });
  for (;;) {
    const step = await training.next();
    if (step.done === true) return say({ type: "outcome", outcome: step.value });
    say({ type: "event", event: step.value });
  }
}

function say(news: TrainingNews): void {
  const weights = news.type === "outcome" ? news.outcome.weights : undefined;
  const transfer = weights?.buffer instanceof ArrayBuffer ? [weights.buffer] : [];
  globalThis.postMessage(news, { transfer });
}
