import { planDigest, recipeDigest } from "./plan-digest.ts";
import { targetClasses } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import type { Check, ReceiptBody } from "./receipt.ts";
import { overrideText, type RunOverride } from "./run-override.ts";
import type { RunRequest, RunResult } from "./run.ts";
import { worstVerdict } from "./verdict.ts";

/**
 * What a finished run says for itself, to be vouched for by whoever executed it: the shell for the
 * worker that it started, the server for a process of its own. Fails unless the run succeeded; warns
 * where it learned nothing, is no better than guessing, or was started over its ladder.
 */
export function runReceiptBody(
  request: RunRequest,
  result: RunResult,
  override?: RunOverride,
): ReceiptBody {
  const stage = request.tier === "full" ? "fullRun" : "smallRun";
  const checks = [...runChecks(request.plan, result), ...overrideCheck(override)];
  return {
    stage,
    verdict: worstVerdict(checks),
    summary: `${request.tier === "full" ? "Full" : "Small"} run ${result.state}: ${headline(result)}${override === undefined ? "" : "; overridden"}`,
    checks,
    subject: {
      plan: planDigest(request.plan),
      recipe: recipeDigest(request.plan),
      ...rowsSubject(request, result),
      run: result.key,
      ...(override !== undefined && { override: override.entry }),
    },
    metrics: result.metrics,
    environment: result.environment,
  };
}

/** Rows that were sent by their digest and blob; rows that were made by lineage and by content. */
function rowsSubject(
  { rows }: RunRequest,
  { data }: RunResult,
): Pick<ReceiptBody["subject"], "data" | "blob"> {
  if ("blob" in rows) return { data: { rows: rows.digest }, blob: rows.blob };
  return { data: { rows: rows.digest, ...(data && { content: data.digest }) } };
}

function runChecks(plan: Plan, result: RunResult): Check[] {
  if (result.state !== "succeeded")
    return [
      { name: "run", verdict: "fail", message: result.reason ?? `the run was ${result.state}` },
    ];
  return [
    { name: "run", verdict: "pass", message: worked(result) },
    ...lossCheck(result),
    ...baselineCheck(plan, result),
  ];
}

function overrideCheck(override: RunOverride | undefined): Check[] {
  return override === undefined
    ? []
    : [{ name: "override", verdict: "warn", message: overrideText(override) }];
}

function lossCheck({ metrics }: RunResult): Check[] {
  const { first_loss: first, training_loss: last } = metrics;
  if (first === undefined || last === undefined) return [];
  return [
    last < first
      ? {
          name: "loss",
          verdict: "pass",
          message: `the loss fell from ${short(first)} to ${short(last)}`,
        }
      : {
          name: "loss",
          verdict: "warn",
          message: `the loss did not fall: it began at ${short(first)} and ended at ${short(last)}`,
          where: "optimizer.lr",
          hint: "try a smaller learning rate, or more epochs",
        },
  ];
}

function baselineCheck(plan: Plan, { metrics }: RunResult): Check[] {
  const { validation_pr_auc: area, validation_baseline_pr_auc: baselineArea } = metrics;
  if (area !== undefined && baselineArea !== undefined)
    return [
      better(
        area > baselineArea,
        `the area under the precision-recall curve is ${shareText(area)}`,
        plan.baseline === undefined
          ? `the share of \`${targetClasses(plan.target)?.[1]}\` is ${shareText(baselineArea)}, which is what guessing gets`
          : `the column \`${plan.baseline.column}\` alone gets ${shareText(baselineArea)}`,
      ),
    ];
  const { validation_accuracy: accuracy, validation_baseline_accuracy: guess } = metrics;
  if (accuracy !== undefined && guess !== undefined)
    return [
      better(
        accuracy > guess,
        `${percent(accuracy)} of the validation rows are right`,
        `always naming the commonest class gets ${percent(guess)}`,
      ),
    ];
  const {
    validation_mean_absolute_error: error,
    validation_baseline_mean_absolute_error: baselineError,
  } = metrics;
  if (error !== undefined && baselineError !== undefined)
    return [
      better(
        error < baselineError,
        `the mean absolute error is ${short(error)}`,
        plan.baseline === undefined
          ? `always giving the training mean gets ${short(baselineError)}`
          : `the column \`${plan.baseline.column}\` alone gets ${short(baselineError)}`,
      ),
    ];
  return [];
}

function better(isBetter: boolean, found: string, baseline: string): Check {
  return isBetter
    ? { name: "baseline", verdict: "pass", message: `${found}; ${baseline}` }
    : {
        name: "baseline",
        verdict: "warn",
        message: `${found}, but ${baseline}`,
        hint: "the model has learned nothing that helps yet: look at features, learning rate and epochs",
      };
}

function headline(result: RunResult): string {
  if (result.state !== "succeeded") return result.reason ?? `after ${result.steps} steps`;
  const { validation_pr_auc: area, validation_accuracy: accuracy } = result.metrics;
  if (area !== undefined)
    return `area under the precision-recall curve ${shareText(area)}, ${worked(result)}`;
  return accuracy === undefined
    ? worked(result)
    : `${percent(accuracy)} of the validation rows right, ${worked(result)}`;
}

function worked({ steps, seconds }: RunResult): string {
  return `${steps.toLocaleString("en")} steps in ${seconds.toFixed(1)} s`;
}

function short(value: number): string {
  return value.toPrecision(3);
}

/** Three digits, so that a result and a baseline that are near each other can be told apart. */
function shareText(share: number): string {
  return share.toFixed(3);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
