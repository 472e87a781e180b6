import { canonicalJson } from "../../runtime/canonical-json.ts";
import type { Checkpoint } from "../engine.ts";
import { planDigest } from "../plan-digest.ts";
import { optimizerSlots, planShape } from "../plan-shape.ts";
import type { Plan } from "../plan.ts";
import { engineCode } from "../run.ts";
import {
  readSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SavedTensor,
} from "../safetensors.ts";
import type { TrainingData } from "../training-data.ts";
import type { SavedParameter } from "./network.ts";

/** All that training needs to go on as if it had never stopped. */
export interface TrainingState {
  /** steps done */
  readonly step: number;
  /** Σ loss × rows and Σ rows of the epoch under way */
  readonly epochLoss: number;
  readonly epochRows: number;
  /** the loss of the very first batch */
  readonly firstLoss: number;
  /** seconds trained so far */
  readonly seconds: number;
  readonly parameters: readonly SavedParameter[];
}

/** A checkpoint that does not belong to this run. */
export class CheckpointError extends Error {
  readonly code = "checkpoint";
  constructor(message: string, options?: ErrorOptions) {
    super(`the checkpoint cannot be resumed: ${message}`, options);
    this.name = "CheckpointError";
  }
}

/** A training state as a checkpoint: safetensors with the weights, slots, sums and digests. */
export function checkpointFromState(
  plan: Plan,
  rowsDigest: string,
  backend: string,
  state: TrainingState,
): Checkpoint {
  const tensors = new Map<string, SavedTensor>();
  for (const { name, shape, values, slotValues } of state.parameters) {
    tensors.set(name, { shape, values });
    if (slotValues)
      tensors.set(`optimizer.${name}`, { shape: [slotValues.length], values: slotValues });
  }
  const { step, epochLoss, epochRows, firstLoss, seconds } = state;
  const progress = Float64Array.of(step, epochLoss, epochRows, firstLoss, seconds);
  tensors.set("progress", { shape: [progress.length], values: progress });
  const metadata = checkpointMetadata(plan, rowsDigest, backend);
  return { step, bytes: writeSafetensors({ tensors, metadata }) };
}

/**
 * The training state of a checkpoint.
 *
 * @throws {CheckpointError} if it is damaged, or of another plan, other rows or another backend
 */
export function stateFromCheckpoint(
  plan: Plan,
  rowsDigest: string,
  backend: string,
  bytes: Uint8Array,
): TrainingState {
  const { tensors, metadata } = readFile(bytes);
  for (const [key, expected] of Object.entries(checkpointMetadata(plan, rowsDigest, backend)))
    if (metadata[key] !== expected)
      throw new CheckpointError(`its \`${key}\` is ${metadata[key] ?? "missing"}, not ${expected}`);
  const floats = (name: string, length: number): Float32Array => {
    const values = tensors.get(name)?.values;
    if (values instanceof Float32Array && values.length === length) return values;
    throw new CheckpointError(`\`${name}\` is missing or of another size`);
  };
  const progress = tensors.get("progress")?.values ?? [];
  const [step = -1, epochLoss = 0, epochRows = 0, firstLoss = NaN, seconds = 0] = progress;
  if (!Number.isSafeInteger(step) || step < 0) throw new CheckpointError("it names no step");
  const slots = optimizerSlots(plan);
  const parameters = planShape(plan).layers.flatMap((layer) =>
    layer.tensors.map(({ name, shape, isState }): SavedParameter => {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = floats(name, size);
      if (slots === 0 || isState === true) return { name, shape, values };
      return { name, shape, values, slotValues: floats(`optimizer.${name}`, slots * size) };
    }),
  );
  return { step, epochLoss, epochRows, firstLoss, seconds, parameters };
}

/**
 * The trained model: weights, what was fitted on the training rows, and the plan itself. Class
 * weights are in `output.class_weights`: see `logitsFromClassWeights` for how to take them out of the
 * logits again.
 */
export function modelFile(
  plan: Plan,
  { digest, scaling, classWeights }: Pick<TrainingData, "digest" | "scaling" | "classWeights">,
  parameters: readonly SavedParameter[],
): Uint8Array {
  const tensors = new Map<string, SavedTensor>(
    parameters.map(({ name, shape, values }) => [name, { shape, values }]),
  );
  const { mean, deviation, missing, targetMean, targetDeviation } = scaling;
  tensors.set("features.mean", { shape: [mean.length], values: mean });
  tensors.set("features.deviation", { shape: [deviation.length], values: deviation });
  tensors.set("features.missing", { shape: [missing.length], values: missing });
  tensors.set("target.mean", { shape: [1], values: Float64Array.of(targetMean) });
  tensors.set("target.deviation", { shape: [1], values: Float64Array.of(targetDeviation) });
  if (classWeights)
    tensors.set("output.class_weights", { shape: [classWeights.length], values: classWeights });
  return writeSafetensors({
    tensors,
    metadata: {
      format: "tierbook.model/1",
      code: engineCode,
      plan: canonicalJson(plan),
      rows: digest,
    },
  });
}

function checkpointMetadata(
  plan: Plan,
  rowsDigest: string,
  backend: string,
): Readonly<Record<string, string>> {
  return {
    format: "tierbook.checkpoint/1",
    code: engineCode,
    plan: planDigest(plan),
    rows: rowsDigest,
    backend,
  };
}

function readFile(bytes: Uint8Array): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(bytes);
  } catch (cause) {
    if (cause instanceof SafetensorsError) throw new CheckpointError(cause.message, { cause });
    throw cause;
  }
}
