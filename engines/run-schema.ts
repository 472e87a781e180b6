import * as v from "valibot";
import { planSchema } from "./plan-schema.ts";
import { digestSchema, receiptBodySchema, receiptSchema } from "./receipt-schema.ts";
import type { Lineage } from "../data/lineage.ts";
import type { RunPrediction, TrainingSpeed } from "./prediction.ts";
import type { RunOverride } from "./run-override.ts";
import type { LineageRows, RunEvent, RunRequest, RunResult } from "./run.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(20_000));
const environment = v.record(text, text);
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const lineageSchema: v.GenericSchema<unknown, Lineage> = v.strictObject({
  engine: text,
  statements: v.pipe(
    v.array(
      v.strictObject({
        sql: v.pipe(v.string(), v.maxLength(1_000_000)),
        tables: v.record(text, count),
        files: v.record(text, digestSchema),
        rows: v.record(text, digestSchema),
      }),
    ),
    v.minLength(1),
    v.maxLength(1000),
  ),
});

/** Rows that are named by how they are made. */
export const lineageRowsSchema: v.GenericSchema<unknown, LineageRows> = v.strictObject({
  digest: digestSchema,
  numRows: count,
  lineage: lineageSchema,
});

const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));

/** How fast a plan trains. */
export const trainingSpeedSchema: v.GenericSchema<unknown, TrainingSpeed> = v.strictObject({
  stepSeconds: seconds,
  rowSeconds: seconds,
  validationRowSeconds: seconds,
  trainingShare: share,
  validationShare: share,
});

/** What a run is expected to take. */
export const runPredictionSchema: v.GenericSchema<unknown, RunPrediction> = v.strictObject({
  seconds,
  memoryBytes: seconds,
  from: digestSchema,
});

/** That a person had a run started over its ladder. */
export const runOverrideSchema: v.GenericSchema<unknown, RunOverride> = v.strictObject({
  reason: text,
  lacking: v.pipe(v.array(text), v.maxLength(1000)),
  at: v.pipe(v.string(), v.isoTimestamp()),
  entry: digestSchema,
});

/** What a run is asked to be. */
export const runRequestSchema: v.GenericSchema<unknown, RunRequest> = v.strictObject({
  tier: v.picklist(["dry", "small", "full"]),
  plan: planSchema,
  rows: v.union([
    v.strictObject({ digest: digestSchema, numRows: count, blob: digestSchema }),
    lineageRowsSchema,
  ]),
  engine: v.picklist(["tfjs", "torch"]),
  device: v.picklist(["auto", "webgpu", "wasm"]),
  workbook: v.exactOptional(v.pipe(v.string(), v.maxLength(1024))),
});

const state = v.picklist([
  ...(["accepted", "staging", "queued", "running", "preempted"] as const),
  ...(["succeeded", "failed", "cancelled", "lost"] as const),
]);
const numbered = {
  seq: v.pipe(v.number(), v.integer(), v.minValue(1)),
  at: v.pipe(v.string(), v.isoTimestamp()),
};

/** One event of a run. */
export const runEventSchema: v.GenericSchema<unknown, RunEvent> = v.variant("type", [
  v.strictObject({
    ...numbered,
    type: v.literal("state"),
    state,
    reason: v.exactOptional(text),
    prediction: v.exactOptional(runPredictionSchema),
    override: v.exactOptional(runOverrideSchema),
    environment: v.exactOptional(environment),
    total: v.exactOptional(
      v.strictObject({ epochs: count, steps: count, trainingRows: count, validationRows: count }),
    ),
  }),
  v.strictObject({
    ...numbered,
    type: v.literal("log"),
    level: v.picklist(["info", "warn", "error"]),
    text,
  }),
  v.strictObject({
    ...numbered,
    type: v.literal("metric"),
    split: v.picklist(["training", "validation"]),
    columns: v.record(text, v.array(v.nullable(v.pipe(v.number(), v.finite())))),
  }),
  v.strictObject({ ...numbered, type: v.literal("checkpoint"), step: count, file: text }),
  v.strictObject({
    ...numbered,
    type: v.literal("artifact"),
    name: text,
    digest: digestSchema,
    bytes: count,
    mediaType: text,
  }),
  v.strictObject({
    ...numbered,
    type: v.literal("data"),
    digest: digestSchema,
    numRows: count,
    seconds,
    memoryBytes: count,
  }),
  v.strictObject({
    ...numbered,
    type: v.literal("receipt"),
    receipt: v.union([receiptSchema, receiptBodySchema]),
  }),
]);

/** What a run came to. */
export const runResultSchema: v.GenericSchema<unknown, RunResult> = v.strictObject({
  key: digestSchema,
  state: v.picklist(["succeeded", "failed", "cancelled"]),
  reason: v.exactOptional(text),
  steps: count,
  seconds,
  metrics: v.record(text, v.pipe(v.number(), v.finite())),
  confusion: v.exactOptional(
    v.strictObject({ labels: v.array(text), counts: v.array(v.array(count)) }),
  ),
  calibration: v.exactOptional(
    v.array(
      v.strictObject({ from: share, to: share, rows: count, predicted: share, observed: share }),
    ),
  ),
  precisionRecall: v.exactOptional(
    v.array(v.strictObject({ threshold: share, precision: share, recall: share })),
  ),
  data: v.exactOptional(v.strictObject({ digest: digestSchema, numRows: count })),
  speed: v.exactOptional(trainingSpeedSchema),
  memoryBytes: v.exactOptional(count),
  environment,
});
