import * as v from "valibot";
import type { FileTable } from "../data/query-client.ts";
import type { Plan } from "../engines/plan.ts";
import { digestSchema } from "../engines/receipt-schema.ts";
import {
  lineageRowsSchema,
  runEventSchema,
  runPredictionSchema,
  runResultSchema,
} from "../engines/run-schema.ts";
import type { DryRunRequest, LostResult, RunUpdate, SubmitRequest, TrainRequest } from "./host.ts";

/** Text that a person reads; bounded, because a stranger may have written it. */
export const textSchema = v.pipe(v.string(), v.maxLength(20_000));

/** How long a workbook may be, in UTF-16 units. */
export const maxDocumentLength = 32 * 1024 * 1024;

/** A text as long as a workbook may be. */
export const documentTextSchema = v.pipe(v.string(), v.maxLength(maxDocumentLength));

/** A path inside the workspace; the server checks that it stays there. */
export const pathSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

/** A whole number from 0. */
export const countSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const deviceSchema = v.picklist(["auto", "webgpu", "wasm"]);

/**
 * A plan as it crosses the port: an object that says it is one. Its faults are the dry run's to
 * report, all of them and by name, so whoever trains it must check it with `checkPlan` first.
 */
const uncheckedPlanSchema: v.GenericSchema<unknown, Plan> = v.custom<Plan>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "tierbook.plan",
  "expected a plan, as plan() makes it",
);

const rowsSchema = v.strictObject({
  digest: digestSchema,
  numRows: countSchema,
  ipc: v.instance(Uint8Array),
});

const submittedRowsSchema = v.union([rowsSchema, lineageRowsSchema]);

/** What `dryRun` takes. */
export const dryRunRequestSchema: v.GenericSchema<unknown, DryRunRequest> = v.strictObject({
  plan: uncheckedPlanSchema,
  rows: rowsSchema,
  device: deviceSchema,
});

const runChoices = { engine: v.picklist(["tfjs", "torch"]), device: deviceSchema };

/** What `train` takes. */
export const trainRequestSchema: v.GenericSchema<unknown, TrainRequest> = v.strictObject({
  plan: uncheckedPlanSchema,
  rows: rowsSchema,
  ...runChoices,
});

/** What `submit` takes. */
export const submitRequestSchema: v.GenericSchema<unknown, SubmitRequest> = v.strictObject({
  plan: uncheckedPlanSchema,
  rows: submittedRowsSchema,
  ...runChoices,
});

const lostResultSchema: v.GenericSchema<unknown, LostResult> = v.strictObject({
  key: digestSchema,
  state: v.literal("lost"),
  reason: textSchema,
});

/** What a caller of `train` or `submit` hears. */
export const runUpdateSchema: v.GenericSchema<unknown, RunUpdate> = v.variant("type", [
  v.strictObject({
    type: v.literal("waiting"),
    key: digestSchema,
    reasons: v.array(textSchema),
    canStart: v.boolean(),
    prediction: v.exactOptional(runPredictionSchema),
  }),
  v.strictObject({
    type: v.literal("attached"),
    key: digestSchema,
    known: v.boolean(),
    isPublished: v.exactOptional(v.boolean()),
  }),
  v.strictObject({ type: v.literal("event"), event: runEventSchema }),
  v.strictObject({
    type: v.literal("result"),
    result: v.union([runResultSchema, lostResultSchema]),
  }),
]);

/** A workspace file as a database to attach. */
export const fileTableEntries = {
  path: pathSchema,
  digest: digestSchema,
  location: pathSchema,
  table: textSchema,
  numRows: countSchema,
};

export const fileTableSchema: v.GenericSchema<unknown, FileTable> =
  v.strictObject(fileTableEntries);
