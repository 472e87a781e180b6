import { planDigest, recipeDigest } from "./plan-digest.ts";
import type { Check, ReceiptBody } from "./receipt.ts";
import type { RunRequest, RunResult } from "./run.ts";
import { worstVerdict } from "./verdict.ts";

/**
 * What a finished run says for itself, to be vouched for by whoever executed it: the shell for the
 * worker that it started, the server for a process of its own. Fails unless the run succeeded; warns
 * where it learned nothing or is no better than guessing.
 */
export function runReceiptBody(request: RunRequest, result: RunResult): ReceiptBody {
  const stage = request.tier === "full" ? "fullRun" : "smallRun";
  const checks = runChecks(result);
  return {
    stage,
    verdict: worstVerdict(checks),
    summary: `${request.tier === "full" ? "Full" : "Small"} run ${result.state}: ${headline(result)}`,
    checks,
    subject: {
      plan: planDigest(request.plan),
      recipe: recipeDigest(request.plan),
      data: { rows: request.rows.digest },
      blob: request.rows.blob,
      run: result.key,
    },
    metrics: result.metrics,
    environment: result.environment,
  };
}

function runChecks(result: RunResult): Check[] {
  if (result.state !== "succeeded")
    return [
      { name: "run", verdict: "fail", message: result.reason ?? `the run was ${result.state}` },
    ];
  return [
    { name: "run", verdict: "pass", message: worked(result) },
    ...lossCheck(result),
    ...baselineCheck(result),
  ];
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

function baselineCheck({ metrics }: RunResult): Check[] {
  const { validation_accuracy: accuracy, validation_baseline_accuracy: guess } = metrics;
  const {
    validation_mean_absolute_error: error,
    validation_baseline_mean_absolute_error: meanError,
  } = metrics;
  if (accuracy !== undefined && guess !== undefined)
    return [
      better(
        accuracy > guess,
        `${percent(accuracy)} of the validation rows are right`,
        `always naming the commonest class gets ${percent(guess)}`,
      ),
    ];
  if (error !== undefined && meanError !== undefined)
    return [
      better(
        error < meanError,
        `the mean absolute error is ${short(error)}`,
        `always giving the training mean gets ${short(meanError)}`,
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
  const { validation_accuracy: accuracy } = result.metrics;
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

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
