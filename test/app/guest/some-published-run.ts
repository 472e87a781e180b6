import type { PublishedRun } from "../../../cells/share/published-run.ts";
import { runKey, type RunRequest } from "../../../engines/index.ts";
import { sha256 } from "../../../runtime/sha256.ts";
import { somePlan } from "../../engines/some-plan.ts";
import { rowsMessage, someSpeed } from "../fake-services.ts";

/** A run as it is published, and its key. */
export function publishedRun(tier: "small" | "full"): { key: string; run: PublishedRun } {
  const { digest, numRows, ipc } = rowsMessage();
  const request: RunRequest = {
    tier,
    plan: somePlan(),
    rows: { digest, numRows, blob: sha256(ipc) },
    engine: "tfjs",
    device: "auto",
    workbook: "theirs.html",
  };
  const key = runKey(request);
  const run: PublishedRun = {
    request,
    events: [
      { seq: 1, at: "2026-01-01T00:00:00.000Z", type: "state", state: "running", environment: {} },
      { seq: 2, at: "2026-01-01T00:00:01.000Z", type: "state", state: "succeeded" },
    ],
    result: {
      key,
      state: "succeeded",
      steps: 12,
      seconds: 1,
      metrics: { validation_accuracy: 0.75 },
      speed: someSpeed,
      environment: { backend: "webgpu" },
    },
  };
  return { key, run };
}
