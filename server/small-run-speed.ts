import { recipeDigest } from "../engines/plan-digest.ts";
import {
  measuredSpeed,
  predictionOf,
  type RunPrediction,
  type SmallRunSpeed,
} from "../engines/prediction.ts";
import type { RunRequest } from "../engines/run.ts";
import type { Workspace } from "./workspace.ts";

/** How fast the small run went that the newest receipt of a recipe names; null where nobody measured. */
export async function smallRunSpeed(
  { receipts, runs }: Workspace,
  recipe: string,
): Promise<SmallRunSpeed | null> {
  const receipt = await receipts.newest("smallRun", recipe);
  const key = receipt?.subject.run;
  const result = key === undefined ? undefined : (await runs.find(key))?.result;
  return result === undefined || result.state === "lost" ? null : measuredSpeed(result);
}

/** What a full run will take, as far as the receipts of a workspace tell. */
export async function predictedFor(
  workspace: Workspace,
  request: RunRequest,
): Promise<RunPrediction | undefined> {
  return predictionOf(request, await smallRunSpeed(workspace, recipeDigest(request.plan)));
}
