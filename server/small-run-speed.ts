import { predictRun, type RunPrediction, type TrainingSpeed } from "../engines/prediction.ts";
import { recipeDigest } from "../engines/plan-digest.ts";
import type { RunRequest } from "../engines/run.ts";
import type { Workspace } from "./workspace.ts";

/** How fast a recipe's small run went. */
export interface SmallRunSpeed {
  /** the run's key */
  readonly run: string;
  readonly speed: TrainingSpeed;
}

/** How fast the small run went that the newest receipt of a recipe names; null where nobody measured. */
export async function smallRunSpeed(
  { receipts, runs }: Workspace,
  recipe: string,
): Promise<SmallRunSpeed | null> {
  const receipt = await receipts.newest("smallRun", recipe);
  const key = receipt?.subject.run;
  const result = key === undefined ? undefined : (await runs.find(key))?.result;
  if (result === undefined || result.state === "lost" || result.speed === undefined) return null;
  return { run: result.key, speed: result.speed };
}

/** What a full run will take, as far as its recipe's small run lets tell. */
export async function predictionOf(
  workspace: Workspace,
  { plan, rows }: RunRequest,
): Promise<RunPrediction | undefined> {
  const known = await smallRunSpeed(workspace, recipeDigest(plan));
  if (known === null) return undefined;
  return { ...predictRun(plan, rows.numRows, known.speed), from: known.run };
}
