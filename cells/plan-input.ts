import { nearestName } from "../engines/nearest-name.ts";
import type { Check } from "../engines/receipt.ts";
import { fullLayer } from "./layers.ts";
import { describe, isRecord, list, readOptions } from "./options.ts";
import { fullSplit } from "./split-input.ts";
import { StageError } from "./stage-error.ts";
import { isTableSchema, type SchemaColumn, type TableSchema } from "./table-schema.ts";

/** The names that `plan` knows. */
export const planOptions = [
  "schema",
  "features",
  "target",
  "network",
  "loss",
  "classWeights",
  "optimizer",
  "schedule",
  "split",
  "baseline",
  "epochs",
  "batch",
  "seed",
];

/** A plan with every default written out, which may still be wrong, and what only the schema shows. */
export interface PlanDraft {
  readonly plan: Readonly<Record<string, unknown>>;
  readonly checks: readonly Check[];
}

/**
 * Writes a plan out in full: kinds and vocabularies from the schema, the loss from the target, and
 * PyTorch's constants for the optimiser. What is wrong in it is left for the checks to report.
 *
 * @throws {StageError} `argument` for what cannot be a plan at all
 */
export function draftPlan(given: unknown): PlanDraft {
  const options = readOptions("plan({...})", given, planOptions);
  const { schema } = options;
  if (schema !== undefined && !isTableSchema(schema))
    throw new StageError(
      `plan({...}): the schema is ${describe(schema)}`,
      "argument",
      "Give the value of a cell with view(schema(table, {...}))",
    );
  const { features } = options;
  if (!Array.isArray(features))
    throw new StageError(
      `plan({...}): the features are ${describe(features)}`,
      "argument",
      'List columns: features: ["mass", "length"]',
    );
  const checks: Check[] = [];
  const column = (name: string, where: string): SchemaColumn | undefined =>
    findColumn(schema, name, where, checks);
  const target = fullTarget(options["target"], column);
  return {
    checks,
    plan: {
      kind: "tierbook.plan",
      version: 1,
      features: features.map((feature: unknown, i) =>
        fullFeature(feature, `features[${i}]`, column),
      ),
      target,
      split: fullSplit(options["split"], { schema, target, find: column, checks }),
      network: Array.isArray(options["network"])
        ? options["network"].map(fullLayer)
        : options["network"],
      loss: fullLoss(options["loss"], options["classWeights"], target),
      optimizer: fullOptimizer(options["optimizer"]),
      schedule: fullSchedule(options["schedule"]),
      ...fullBaseline(options["baseline"], schema === undefined ? undefined : column),
      seed: options["seed"] ?? 17,
      epochs: options["epochs"] ?? 20,
      batch: options["batch"] ?? 32,
    },
  };
}

type FindColumn = (name: string, where: string) => SchemaColumn | undefined;

function findColumn(
  schema: TableSchema | undefined,
  name: string,
  where: string,
  checks: Check[],
): SchemaColumn | undefined {
  if (schema === undefined)
    throw new StageError(
      `plan({...}): ${where} is the name \`${name}\`, and there is no schema that says what it is`,
      "argument",
      'Give the schema: schema: mySchema; or write the column out: {column, kind: "number"}',
    );
  const column = schema.columns.find((one) => one.name === name);
  if (column === undefined) {
    const names = schema.columns.map((one) => one.name);
    const nearest = nearestName(name, names);
    checks.push({
      name: "schema",
      verdict: "fail",
      where,
      message: `the schema declares no column \`${name}\``,
      hint: nearest === undefined ? `It declares ${list(names)}` : `Did you mean \`${nearest}\`?`,
    });
  }
  return column;
}

function fullFeature(given: unknown, where: string, find: FindColumn): unknown {
  const { name, rest } = columnInput(given, where);
  if (name === undefined) return given;
  const from = "kind" in rest ? {} : kindOf(find(name, where));
  const feature: Readonly<Record<string, unknown>> = { column: name, ...from, ...rest };
  if (feature["kind"] === "number") return { scale: "standard", missing: "mean", ...feature };
  return feature["kind"] === "boolean" ? { missing: "false", ...feature } : feature;
}

/** What a schema's column is to an engine; a column that is not known is taken for a number. */
function kindOf(column: SchemaColumn | undefined): Readonly<Record<string, unknown>> {
  switch (column?.type) {
    case "category":
    case "string":
      return { kind: "category", vocabulary: column.vocabulary ?? [] };
    case "boolean":
      return { kind: "boolean", missing: column.nullable ? "false" : "refuse" };
    default:
      return {
        kind: "number",
        scale: "standard",
        missing: column === undefined || column.nullable ? "mean" : "refuse",
      };
  }
}

function fullTarget(given: unknown, find: FindColumn): unknown {
  if (given === undefined) return undefined;
  const { name, rest } = columnInput(given, "target");
  if (name === undefined) return given;
  const { missing: _missing, ...from } = "kind" in rest ? {} : kindOf(find(name, "target"));
  const target: Readonly<Record<string, unknown>> = { column: name, ...from, ...rest };
  return target["kind"] === "number" ? { scale: "standard", ...target } : target;
}

function columnInput(
  given: unknown,
  where: string,
): { name: string | undefined; rest: Readonly<Record<string, unknown>> } {
  if (typeof given === "string") return { name: given, rest: {} };
  if (!isRecord(given))
    throw new StageError(
      `plan({...}): ${where} is ${describe(given)}`,
      "argument",
      'Name a column, or give {column, kind: "number"}',
    );
  const { column, ...rest } = given;
  return { name: typeof column === "string" ? column : undefined, rest };
}

/** @param find absent where there is no schema to look into */
function fullBaseline(given: unknown, find: FindColumn | undefined): { baseline?: unknown } {
  if (given === undefined) return {};
  const baseline = typeof given === "string" ? { column: given } : given;
  if (isRecord(baseline) && typeof baseline["column"] === "string")
    find?.(baseline["column"], "baseline.column");
  return { baseline };
}

/** @param classWeights given beside the loss, not in it */
function fullLoss(given: unknown, classWeights: unknown, target: unknown): unknown {
  const loss = typeof given === "string" ? { type: given } : given === undefined ? {} : given;
  if (!isRecord(loss)) return loss;
  if (classWeights !== undefined && loss["classWeights"] !== undefined)
    throw new StageError(
      "plan({...}): the class weights are given twice",
      "argument",
      "Give them in the loss or beside it, not both",
    );
  const type = loss["type"] ?? lossOf(target);
  if (type === undefined) return given;
  return { ...(classWeights !== undefined && { classWeights }), ...loss, type };
}

function lossOf(target: unknown): string | undefined {
  switch (isRecord(target) ? target["kind"] : undefined) {
    case "category":
      return "softmaxCrossEntropy";
    case "boolean":
      return "sigmoidCrossEntropy";
    case "number":
      return "meanSquaredError";
    default:
      return undefined;
  }
}

/** The constants of torch.optim: SGD, Adam and AdamW. */
function fullOptimizer(given: unknown): unknown {
  const optimizer = given === undefined ? {} : typeof given === "string" ? { type: given } : given;
  if (!isRecord(optimizer)) return optimizer;
  const type = optimizer["type"] ?? "adam";
  const adam = { lr: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  switch (type) {
    case "sgd":
      return { type, lr: 0.001, momentum: 0, ...optimizer };
    case "adam":
      return { type, ...adam, ...optimizer };
    case "adamw":
      return { type, ...adam, weightDecay: 0.01, ...optimizer };
    default:
      return optimizer;
  }
}

function fullSchedule(given: unknown): unknown {
  const schedule =
    given === undefined
      ? { type: "constant" }
      : typeof given === "string"
        ? { type: given }
        : given;
  return isRecord(schedule) && schedule["type"] === "cosine"
    ? { warmup: 0, ...schedule }
    : schedule;
}
