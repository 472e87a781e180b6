import { planShape } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import type { RunRequest, RunResult } from "./run.ts";
import { windowRows } from "./training-data.ts";

/** How fast a plan trains on a device: a step takes `stepSeconds + rows · rowSeconds`. */
export interface TrainingSpeed {
  readonly stepSeconds: number;
  readonly rowSeconds: number;
  /** a row of validation */
  readonly validationRowSeconds: number;
  /** shares of the table's rows that the split gave to each part */
  readonly trainingShare: number;
  readonly validationShare: number;
}

/** How fast the small run of a recipe went. */
export interface SmallRunSpeed {
  /** the run's key */
  readonly run: string;
  readonly speed: TrainingSpeed;
}

/** What a run will take, as far as a smaller one can tell. */
export interface RunPrediction {
  /** of the training, without the making of the rows */
  readonly seconds: number;
  /** the most memory that the training process will have, in bytes */
  readonly memoryBytes: number;
  /** the key of the small run that it is taken from */
  readonly from: string;
}

/** Bytes of our training process before it holds anything of the plan: Node, tfjs and its WASM heap. */
const processBytes = 150e6;

/**
 * Predicts a run of a plan from how fast a smaller one of the same recipe went. It holds for the
 * same kind of device; steps of other batches are told apart by the measured cost of a step and of
 * a row.
 *
 * @param plan with the scale fields of the run to come
 */
export function predictRun(
  plan: Plan,
  numRows: number,
  speed: TrainingSpeed,
): Omit<RunPrediction, "from"> {
  const rows = {
    training: Math.round(numRows * speed.trainingShare),
    validation: Math.round(numRows * speed.validationShare),
  };
  const steps = Math.ceil(rows.training / plan.batch);
  const epochSeconds =
    steps * speed.stepSeconds +
    rows.training * speed.rowSeconds +
    rows.validation * speed.validationRowSeconds;
  const { inputWidth, memory } = planShape(plan);
  const window = Math.min(rows.training, windowRows) * 4 * (inputWidth + 2);
  return {
    seconds: plan.epochs * epochSeconds,
    // two windows: one on the device, the next one on its way there
    memoryBytes: processBytes + memory.total + 2 * window + 12 * numRows,
  };
}

/** How fast a run went; null where it did not measure it. */
export function measuredSpeed({
  key,
  speed,
}: Pick<RunResult, "key" | "speed">): SmallRunSpeed | null {
  return speed === undefined ? null : { run: key, speed };
}

/** What a full run will take; undefined where its recipe's small run measured nothing. */
export function predictionOf(
  { plan, rows }: Pick<RunRequest, "plan" | "rows">,
  measured: SmallRunSpeed | null,
): RunPrediction | undefined {
  if (measured === null) return undefined;
  return { ...predictRun(plan, rows.numRows, measured.speed), from: measured.run };
}
