import type { Table } from "../data/table.ts";
import { digestKey } from "../runtime/digest.ts";
import type { Engine, TrainOutcome } from "./engine.ts";
import { checkMemory } from "./memory-check.ts";
import { checkPlan, parsePlan, PlanError, readableColumns } from "./plan-check.ts";
import { planDigest, recipeDigest } from "./plan-digest.ts";
import { planShape, targetClasses } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import type { Check, ReceiptBody } from "./receipt.ts";
import { checkColumnValues, checkRows } from "./row-check.ts";
import type { Device } from "./run.ts";
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
  checks.push(...batchChecks(parsed, outcome));
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

function batchChecks(plan: Plan, outcome: TrainOutcome): Check[] {
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
  const expected = expectedFirstLoss(plan);
  if (expected !== undefined && (loss > 4 * expected || loss < expected / 10))
    checks[0] = {
      name: "first-loss",
      verdict: "warn",
      message: `the loss of the first batch is ${loss.toPrecision(4)}, where an untrained network should be near ${expected.toPrecision(3)}`,
      hint:
        loss > expected
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

/** What guessing costs: ln K for K classes, 1 for a standardised number. */
function expectedFirstLoss(plan: Plan): number | undefined {
  const classes = targetClasses(plan.target);
  if (classes !== undefined) return Math.log(classes.length);
  return plan.target.kind === "number" && plan.target.scale === "standard" ? 1 : undefined;
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
