import { isPassing, type RunRequest } from "../../engines/index.ts";
import { predictionOf, type RunPrediction } from "../../engines/prediction.ts";
import type { Ladder } from "./api-schema.ts";
import { capitalised } from "./plan-text.ts";

/** Why a run cannot start yet, as the server's ladder says; empty where only a person is missing. */
export function reasonsFor(
  { tier }: RunRequest,
  { dryRun, reasons }: Pick<Ladder, "dryRun" | "reasons">,
): readonly string[] {
  if (tier === "full") return reasons.map(({ message }) => capitalised(message));
  if (dryRun === null) return ["The dry run of this plan comes first"];
  if (isPassing(dryRun.verdict)) return [];
  return [`The dry run of this plan did not pass: ${dryRun.summary}`];
}

/**
 * Whether a person may start a run without what the ladder asks for: where that is receipts, and not,
 * say, a server to run on.
 */
export function canOverride({ tier }: RunRequest, reasons: Ladder["reasons"]): boolean {
  const areReceipts = reasons.every(({ stage }) => stage === "dryRun" || stage === "smallRun");
  return tier === "full" && reasons.length > 0 && areReceipts;
}

/** What a full run will take, where the small run of its recipe has measured how fast it goes. */
export function predictionFor(
  request: RunRequest,
  { smallRunSpeed }: Pick<Ladder, "smallRunSpeed">,
): RunPrediction | undefined {
  return request.tier === "full" ? predictionOf(request, smallRunSpeed) : undefined;
}
