import * as v from "valibot";
import type { Plan, Split } from "./plan.ts";
import { isMoment } from "./time-text.ts";

/** The layer types that plans may name today. */
export const layerTypes = ["embedding", "dense", "batchNorm", "layerNorm", "dropout"] as const;

/** Layer types that exist elsewhere; naming them beats "unknown". */
export const unsupportedLayerTypes: readonly string[] = [
  "lstm",
  "gru",
  "simpleRnn",
  "bidirectional",
  "conv1d",
  "conv2d",
  "conv3d",
  "flatten",
  "maxPool1d",
  "maxPool2d",
  "averagePool1d",
  "averagePool2d",
  "globalAveragePool",
  "attention",
  "residual",
  "concat",
  "add",
];

const column = v.pipe(v.string(), v.nonEmpty());
const vocabulary = v.array(v.string());
const finite = v.pipe(v.number(), v.finite());
const unsigned32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0x7fffffff));
const positive = v.pipe(finite, v.gtValue(0));
const share = v.pipe(finite, v.minValue(0), v.ltValue(1));

/** One feature of a plan. */
export const featureSchema = v.variant("kind", [
  v.strictObject({
    column,
    kind: v.literal("number"),
    scale: v.picklist(["standard", "none"]),
    missing: v.picklist(["mean", "refuse"]),
  }),
  v.strictObject({ column, kind: v.literal("category"), vocabulary }),
  v.strictObject({
    column,
    kind: v.literal("boolean"),
    missing: v.picklist(["false", "refuse"]),
  }),
]);

/** What a plan predicts. */
export const targetSchema = v.variant("kind", [
  v.strictObject({ column, kind: v.literal("category"), vocabulary }),
  v.strictObject({ column, kind: v.literal("boolean") }),
  v.strictObject({ column, kind: v.literal("number"), scale: v.picklist(["standard", "none"]) }),
]);

const validation = v.pipe(finite, v.gtValue(0), v.ltValue(1));
const moment = v.pipe(
  v.string(),
  v.check(isMoment, 'a day or a moment in UTC, "2001-06-01" or "2001-06-01T12:00:00Z"'),
);
const timeEntries = {
  kind: v.literal("time"),
  column,
  gap: v.pipe(finite, v.minValue(0)),
};
const shareSplits = v.variant("kind", [
  v.strictObject({ kind: v.picklist(["random", "stratified"]), validation }),
  v.strictObject({ ...timeEntries, validation }),
]);
const splitFrom = v.strictObject({ ...timeEntries, from: moment });

/** How a plan parts its rows; a fault is told of the kind of split that was meant. */
export const splitSchema = v.lazy((split): v.GenericSchema<unknown, Split> =>
  isTimeSplitFrom(split) ? splitFrom : shareSplits,
);

function isTimeSplitFrom(split: unknown): boolean {
  return (
    typeof split === "object" &&
    split !== null &&
    "from" in split &&
    "kind" in split &&
    split.kind === "time"
  );
}

/** One layer of a plan's network. */
export const layerSchema = v.variant("type", [
  v.strictObject({
    type: v.literal("dense"),
    units: v.pipe(count, v.maxValue(65_536)),
    activation: v.picklist(["linear", "relu", "tanh", "sigmoid", "gelu"]),
    bias: v.boolean(),
    init: v.picklist(["glorotUniform", "heNormal"]),
  }),
  v.strictObject({
    type: v.literal("embedding"),
    columns: v.pipe(v.array(column), v.minLength(1)),
    units: v.pipe(count, v.maxValue(4096)),
    init: v.literal("uniform"),
  }),
  v.strictObject({
    type: v.literal("batchNorm"),
    momentum: v.pipe(finite, v.gtValue(0), v.maxValue(1)),
    epsilon: positive,
  }),
  v.strictObject({ type: v.literal("layerNorm"), epsilon: positive }),
  v.strictObject({ type: v.literal("dropout"), rate: share }),
]);

const weights = v.pipe(v.array(positive), v.minLength(2));

/** A plan's loss. */
export const lossSchema = v.strictObject({
  type: v.picklist(["softmaxCrossEntropy", "sigmoidCrossEntropy", "meanSquaredError"]),
  classWeights: v.exactOptional(
    v.lazy((given): v.GenericSchema<unknown, "balanced" | number[]> =>
      Array.isArray(given) ? weights : v.literal("balanced"),
    ),
  ),
});

const adamEntries = { lr: positive, beta1: share, beta2: share, epsilon: positive };

/** A plan's optimiser. */
export const optimizerSchema = v.variant("type", [
  v.strictObject({ type: v.literal("sgd"), lr: positive, momentum: share }),
  v.strictObject({ type: v.literal("adam"), ...adamEntries }),
  v.strictObject({
    type: v.literal("adamw"),
    ...adamEntries,
    weightDecay: v.pipe(finite, v.minValue(0)),
  }),
]);

/** A plan's schedule. */
export const scheduleSchema = v.variant("type", [
  v.strictObject({ type: v.literal("constant") }),
  v.strictObject({ type: v.literal("cosine"), warmup: share }),
]);

/** What a plan's model has to beat. */
export const baselineSchema = v.strictObject({ column });

/** The schemas of the plan's plain numbers. */
export const planFieldSchemas = {
  seed: unsigned32,
  epochs: v.pipe(count, v.maxValue(1_000_000)),
  batch: v.pipe(count, v.maxValue(1_048_576)),
};

/**
 * The shape of a plan: that every field is there, of its type and in its range, and no other. What
 * the fields must be to each other is `checkPlan`'s.
 */
export const planSchema: v.GenericSchema<unknown, Plan> = v.strictObject({
  kind: v.literal("tierbook.plan"),
  version: v.literal(1),
  features: v.array(featureSchema),
  target: targetSchema,
  split: splitSchema,
  network: v.array(layerSchema),
  loss: lossSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  baseline: v.exactOptional(baselineSchema),
  ...planFieldSchemas,
});

/** The fields of a plan. */
export const planFields: readonly string[] = [
  "kind",
  "version",
  "features",
  "target",
  "split",
  "network",
  "loss",
  "optimizer",
  "schedule",
  "baseline",
  "seed",
  "epochs",
  "batch",
];

const lossFields = ["type", "classWeights"];

/** The fields of a feature, target, split, layer, loss, optimiser or schedule, by its kind or type. */
export function fieldsOf(type: string): readonly string[] {
  const fields: Readonly<Record<string, readonly string[]>> = {
    number: ["column", "kind", "scale", "missing"],
    category: ["column", "kind", "vocabulary"],
    boolean: ["column", "kind", "missing"],
    random: ["kind", "validation"],
    stratified: ["kind", "validation"],
    time: ["kind", "column", "validation", "from", "gap"],
    embedding: ["type", "columns", "units", "init"],
    dense: ["type", "units", "activation", "bias", "init"],
    batchNorm: ["type", "momentum", "epsilon"],
    layerNorm: ["type", "epsilon"],
    dropout: ["type", "rate"],
    softmaxCrossEntropy: lossFields,
    sigmoidCrossEntropy: lossFields,
    meanSquaredError: lossFields,
    sgd: ["type", "lr", "momentum"],
    adam: ["type", "lr", "beta1", "beta2", "epsilon"],
    adamw: ["type", "lr", "beta1", "beta2", "epsilon", "weightDecay"],
    cosine: ["type", "warmup"],
  };
  return fields[type] ?? [];
}
