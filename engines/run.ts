import type { Lineage } from "../data/lineage.ts";
import { jsonDigest } from "../runtime/sha256.ts";
import type { Plan } from "./plan.ts";
import type { RunPrediction, TrainingSpeed } from "./prediction.ts";
import type { Receipt, ReceiptBody } from "./receipt.ts";
import type { RunOverride } from "./run-override.ts";

/** `dry` and `small` run in the page (or headless), `full` on the runner. */
export type Tier = "dry" | "small" | "full";

/** Where an engine may compute: `auto` measures and chooses. */
export type Device = "auto" | "webgpu" | "wasm";

/** accepted → staging → queued → running → (preempted → queued)* → one of the last four. */
export type RunState =
  | "accepted"
  | "staging"
  | "queued"
  | "running"
  | "preempted"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "lost";

/** Whether a run in this state will never change again. */
export function isFinal(state: RunState): boolean {
  return ["succeeded", "failed", "cancelled", "lost"].includes(state);
}

/** Rows that a run reads: sent as a blob, or made where the run is. */
export type RunRows = BlobRows | LineageRows;

/** Rows named by content, sent as a blob. */
export interface BlobRows {
  /** the table's digest */
  readonly digest: string;
  readonly numRows: number;
  /** SHA-256 of the Arrow IPC bytes that hold them */
  readonly blob: string;
}

/** Rows named by how they are made; nobody has to have seen them. Only the full tier takes them. */
export interface LineageRows {
  /** `lineageDigest` of the lineage */
  readonly digest: string;
  /** as whoever asks has counted them */
  readonly numRows: number;
  readonly lineage: Lineage;
}

/** What a run is asked to be. The same request is the same run. */
export interface RunRequest {
  readonly tier: Tier;
  readonly plan: Plan;
  readonly rows: RunRows;
  readonly engine: "tfjs" | "torch";
  readonly device: Device;
  /** the workbook that asks, as a path in the workspace; not part of the key */
  readonly workbook?: string;
}

/** The version of what an engine does with a plan; a change that changes results raises it. */
export const engineCode = "tierbook-engine/2";

/** A run's key: SHA-256 of the canonical JSON of what decides its result. */
export function runKey(request: RunRequest): string {
  return jsonDigest({
    plan: jsonDigest(request.plan),
    data: { rows: request.rows.digest },
    tier: request.tier,
    seed: request.plan.seed,
    engine: request.engine,
    device: request.device,
    code: engineCode,
  });
}

/** What happens in a run, in order; `seq` counts from 1 without gaps, `at` is RFC 3339 UTC. */
export type RunEvent = { readonly seq: number; readonly at: string } & RunEventBody;

/** An event before it is numbered. The same at every tier and from every engine. */
export type RunEventBody =
  | StateEvent
  | { readonly type: "log"; readonly level: "info" | "warn" | "error"; readonly text: string }
  | MetricEvent
  | { readonly type: "checkpoint"; readonly step: number; readonly file: string }
  | ArtifactEvent
  | DataEvent
  | { readonly type: "receipt"; readonly receipt: Receipt | ReceiptBody };

/** A change of state. `running` says where it really runs and how far it will go. */
export interface StateEvent {
  readonly type: "state";
  readonly state: RunState;
  /** why, for the states that somebody will ask about */
  readonly reason?: string;
  /** what the small run lets expect; with `accepted` */
  readonly prediction?: RunPrediction;
  /** that a person had it started without the receipts it needs; with `accepted` */
  readonly override?: RunOverride;
  /** engine, backend, device, versions; with `running` */
  readonly environment?: Readonly<Record<string, string>>;
  /** with `running`: what there is to do */
  readonly total?: {
    readonly epochs: number;
    readonly steps: number;
    readonly trainingRows: number;
    readonly validationRows: number;
  };
}

/** Metrics in columns of equal length: `step`, `epoch`, `loss`, … A missing number is null. */
export interface MetricEvent {
  readonly type: "metric";
  /** training: one entry a step; validation: one an epoch */
  readonly split: "training" | "validation";
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Something that a run made: weights, predictions. */
export interface ArtifactEvent {
  readonly type: "artifact";
  readonly name: string;
  readonly digest: string;
  readonly bytes: number;
  readonly mediaType: string;
}

/** The rows of a lineage were made. */
export interface DataEvent extends MaterializedRows {
  readonly type: "data";
  /** seconds it took, and the most memory its process had, in bytes */
  readonly seconds: number;
  readonly memoryBytes: number;
}

/** What the rows of a lineage turned out to be. */
export interface MaterializedRows {
  /** the content digest, as of any table */
  readonly digest: string;
  readonly numRows: number;
}

/** What a run came to; `result.json` on disk, written last and at once. */
export interface RunResult {
  readonly key: string;
  readonly state: "succeeded" | "failed" | "cancelled";
  readonly reason?: string;
  readonly steps: number;
  /** wall time of the training, seconds */
  readonly seconds: number;
  /** final numbers by name: `training_loss`, `validation_loss`, `validation_accuracy`, … */
  readonly metrics: Readonly<Record<string, number>>;
  /** for classes: counts[actual][predicted] over the validation rows, in vocabulary order */
  readonly confusion?: {
    readonly labels: readonly string[];
    readonly counts: readonly (readonly number[])[];
  };
  /** for two classes: how often what was predicted with some probability came true, by bin */
  readonly calibration?: readonly CalibrationBin[];
  /** for two classes: precision over recall, at most 101 points by falling threshold */
  readonly precisionRecall?: readonly PrecisionRecallPoint[];
  /** of rows that were made from a lineage */
  readonly data?: MaterializedRows;
  /** how fast this plan trains here, for predictions; small runs measure it at their end */
  readonly speed?: TrainingSpeed;
  /** the most memory that the process which trained had, in bytes, where it has one of its own */
  readonly memoryBytes?: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Validation rows whose predicted probability of the second class lies in (from, to]. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** mean probability predicted */
  readonly predicted: number;
  /** share of rows that are of the second class */
  readonly observed: number;
}

/** Calling all rows at or above a threshold the second class. */
export interface PrecisionRecallPoint {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}
