import type { Table } from "../data/table.ts";
import { digestKey } from "../runtime/digest.ts";
import type { Engine, TrainOutcome } from "./engine.ts";
import { classWeightsFrom } from "./class-weights.ts";
import { checkMemory } from "./memory-check.ts";
import { checkPlan, parsePlan, PlanError, readableColumns } from "./plan-check.ts";
import { planDigest, recipeDigest } from "./plan-digest.ts";
import { planShape, targetClasses } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import type { Check, ReceiptBody } from "./receipt.ts";
import { checkColumnValues, checkRows } from "./row-check.ts";
import type { Device } from "./run.ts";
import { targetNumbers } from "./table-values.ts";
import { isPassing, worstVerdict } from "./verdict.ts";

/**
 * The dry run: everything that can be checked without training, all faults at once, then loss and
 * gradient of the first batch on the engine. Writes and changes nothing.
 *
 * A fault of the plan, the rows or the device is in the receipt; this throws for none of them.
 *
 * @param plan anything that claims to be a plan
 * @param rows the development rows
 */
export async function dryRun(
  plan: unknown,
  rows: Table,
  engine: Engine,
  device: Device,
): Promise<ReceiptBody> {
  const checks = checkPlan(plan);
  const parsed = parsedPlan(plan);
  if (parsed === undefined) {
    const columns = readableColumns(plan);
    if (columns !== undefined) checks.push(...checkColumnValues(columns, rows));
    return receipt(undefined, rows, checks, {}, {});
  }
  checks.push(...checkRows(parsed, rows));
  const shape = planShape(parsed);
  const metrics: Record<string, number> = {
    parameters: shape.parameters,
    multiply_adds: shape.multiplyAdds,
    memory_bytes: shape.memory.total,
  };
  checks.push(shapeCheck(parsed), checkMemory(parsed, rows.numRows));
  if (!isPassing(worstVerdict(checks))) return receipt(parsed, rows, checks, metrics, {});
  const outcome = await firstBatch(parsed, rows, engine, device);
  checks.push(...batchChecks(parsed, rows, outcome));
  return receipt(parsed, rows, checks, { ...metrics, ...outcome.metrics }, outcome.environment);
}

function parsedPlan(plan: unknown): Plan | undefined {
  try {
    return parsePlan(plan);
  } catch (error) {
    if (error instanceof PlanError) return undefined;
    throw error;
  }
}

function shapeCheck(plan: Plan): Check {
  const { inputWidth, layers, parameters } = planShape(plan);
  const widths = [inputWidth, ...layers.map(({ output }) => output)].join(" → ");
  const message = `${widths}, ${parameters.toLocaleString("en")} parameters`;
  return { name: "shapes", verdict: "pass", message };
}

async function firstBatch(
  plan: Plan,
  rows: Table,
  engine: Engine,
  device: Device,
): Promise<TrainOutcome> {
  try {
    const run = engine.train(plan, rows, { tier: "dry", device });
    for (;;) {
      const next = await run.next();
      if (next.done === true) return next.value;
    }
  } catch (error) {
    const reason = `the engine stopped: ${error instanceof Error ? error.message : String(error)}`;
    return { state: "failed", reason, steps: 0, seconds: 0, metrics: {}, environment: {} };
  }
}

function batchChecks(plan: Plan, rows: Table, outcome: TrainOutcome): Check[] {
  if (outcome.state !== "succeeded")
    return [
      {
        name: "first-batch",
        verdict: "fail",
        message: outcome.reason ?? "the first batch could not be computed",
        hint: "look for huge values in the features, and at the initialisation",
      },
    ];
  const { first_loss: loss = NaN, gradient_norm: norm = NaN } = outcome.metrics;
  const checks: Check[] = [
    {
      name: "first-loss",
      verdict: "pass",
      message: `the loss of the first batch is ${loss.toPrecision(4)}`,
    },
    {
      name: "gradient",
      verdict: "pass",
      message: `the gradient's norm is ${norm.toPrecision(4)}`,
    },
  ];
  const guessing = firstLoss(plan, rows);
  if (guessing !== undefined && (loss > 4 * guessing.most || loss < guessing.least / 10))
    checks[0] = {
      name: "first-loss",
      verdict: "warn",
      message: `the loss of the first batch is ${loss.toPrecision(4)}, where an untrained network should be near ${guessing.expected.toPrecision(3)}`,
      hint:
        loss > guessing.expected
          ? "the first weights or the features are too large; scale the features"
          : "a feature may give the target away, or the batch has only one class",
    };
  if (norm === 0)
    checks[1] = {
      name: "gradient",
      verdict: "fail",
      message: "the gradient is zero: the network cannot learn",
      where: "network",
      hint: "look at the features and the activations; every unit may be dead",
    };
  return checks;
}

/** What guessing costs in a batch: as expected, and what chance may make of it. */
interface FirstLoss {
  readonly least: number;
  readonly expected: number;
  readonly most: number;
}

/** ln K for K classes, times what a row counts; 1 for a standardised number. */
function firstLoss(plan: Plan, rows: Table): FirstLoss | undefined {
  const classes = targetClasses(plan.target);
  if (classes === undefined)
    return plan.target.kind === "number" && plan.target.scale === "standard"
      ? { least: 1, expected: 1, most: 1 }
      : undefined;
  const { mean, error, smallest } = batchWeight(plan, rows, classes.length);
  return {
    least: Math.log(classes.length) * Math.max(smallest, mean - 3 * error),
    expected: Math.log(classes.length) * mean,
    most: Math.log(classes.length) * (mean + 3 * error),
  };
}

/**
 * The mean of what the rows of a batch count, and its standard error: with few rows of a heavy class
 * a batch weighs a lot more or less than the mean.
 */
function batchWeight(
  plan: Plan,
  rows: Table,
  classes: number,
): { mean: number; error: number; smallest: number } {
  const labels = targetNumbers(plan, rows);
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const weights = classWeightsFrom(plan, counts);
  if (weights === undefined) return { mean: 1, error: 0, smallest: 1 };
  const ofRows = labels.map((label) => weights[label] ?? 1);
  const mean = ofRows.reduce((sum, weight) => sum + weight, 0) / ofRows.length;
  const variance = ofRows.reduce((sum, weight) => sum + (weight - mean) ** 2, 0) / ofRows.length;
  return { mean, error: Math.sqrt(variance / plan.batch), smallest: Math.min(...weights) };
}

function receipt(
  plan: Plan | undefined,
  rows: Table,
  checks: readonly Check[],
  metrics: Readonly<Record<string, number>>,
  environment: Readonly<Record<string, string>>,
): ReceiptBody {
  const verdict = worstVerdict(checks);
  return {
    stage: "dryRun",
    verdict,
    summary: summarize(checks),
    checks,
    subject: {
      ...(plan !== undefined && { plan: planDigest(plan), recipe: recipeDigest(plan) }),
      data: { rows: rows[digestKey] },
    },
    metrics,
    environment,
  };
}

function summarize(checks: readonly Check[]): string {
  const failed = checks.filter(({ verdict }) => verdict === "fail" || verdict === "abort").length;
  const warned = checks.filter(({ verdict }) => verdict === "warn").length;
  if (failed > 0) return `Dry run failed: ${counted(failed, "fault")} to mend`;
  if (warned > 0) return `Dry run passed with ${counted(warned, "warning")}`;
  return "Dry run passed: the plan can be trained on these rows";
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
