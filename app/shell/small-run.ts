import type { TrainOutcome } from "../../engines/engine.ts";
import {
  isFinal,
  type ArtifactEvent,
  type RunEventBody,
  type RunResult,
} from "../../engines/index.ts";
import { runReceiptBody } from "../../engines/run-receipt.ts";
import { sha256 } from "../../runtime/sha256.ts";
import type { Backend } from "./backend.ts";
import type { FollowedRun } from "./followed-run.ts";
import type { TrainingWork } from "./training-client.ts";

/** What a small run needs of the world. */
export interface SmallRunServices {
  readonly train: (
    work: TrainingWork,
    signal: AbortSignal,
  ) => AsyncGenerator<RunEventBody, TrainOutcome>;
  readonly api: Pick<Backend, "putBlob" | "putRun" | "postReceipt">;
}

/**
 * Trains a small run to its end, and keeps it on the server: rows and weights as blobs, the run
 * under its key, and the shell's receipt. The run's result comes last, so that whoever hears it
 * finds the rest in place. Never rejects: what goes wrong is the run's result, and what could not be
 * kept is in its log.
 */
export async function trainSmallRun(
  run: FollowedRun,
  ipc: Uint8Array,
  { train, api }: SmallRunServices,
  signal: AbortSignal,
): Promise<void> {
  const { plan, rows, device } = run.request;
  const outcome = await outcomeOf(run, train({ plan, ipc, device }, signal));
  const result = resultFrom(run.key, outcome);
  const weights = outcome.weights;
  const artifact = weights && artifactOf(weights);
  if (artifact !== undefined) run.add(artifact);
  if (!isFinal(run.snapshot.state))
    run.add({
      type: "state",
      state: result.state,
      ...(result.reason !== undefined && { reason: result.reason }),
    });
  try {
    if ("blob" in rows) await api.putBlob(rows.blob, ipc);
    if (weights !== undefined && artifact !== undefined)
      await api.putBlob(artifact.digest, weights);
    await api.putRun(run.key, run.request, { record: { events: run.events, result } });
    // A cancelled run proves nothing; its receipt would close the full tier again.
    if (result.state !== "cancelled")
      await api.postReceipt(runReceiptBody(run.request, result), "shell");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    run.add({
      type: "log",
      level: "error",
      text: `This run could not be kept on the server, so it opens nothing: ${why}. Run it again.`,
    });
  }
  run.finish(result);
}

async function outcomeOf(
  run: FollowedRun,
  training: AsyncGenerator<RunEventBody, TrainOutcome>,
): Promise<TrainOutcome> {
  const startedAt = performance.now();
  try {
    for (;;) {
      const step = await training.next();
      if (step.done === true) return step.value;
      run.add(step.value);
    }
  } catch (error) {
    return {
      state: "failed",
      reason: `the training worker stopped: ${error instanceof Error ? error.message : String(error)}`,
      steps: run.snapshot.step,
      seconds: (performance.now() - startedAt) / 1000,
      metrics: {},
      environment: run.snapshot.environment,
    };
  }
}

function resultFrom(key: string, outcome: TrainOutcome): RunResult {
  const { weights: _weights, checkpoint: _checkpoint, ...result } = outcome;
  return { key, ...result };
}

function artifactOf(weights: Uint8Array): ArtifactEvent {
  return {
    type: "artifact",
    name: "weights.safetensors",
    digest: sha256(weights),
    bytes: weights.byteLength,
    mediaType: "application/vnd.safetensors",
  };
}
