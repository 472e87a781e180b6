import { planDigest, recipeDigest } from "./plan-digest.ts";
import type { ReceiptBody } from "./receipt.ts";
import type { RunRequest, RunResult } from "./run.ts";

/**
 * What a finished run says for itself, to be vouched for by whoever executed it: the shell for the
 * worker that it started, the server for a process of its own.
 */
export function runReceiptBody(request: RunRequest, result: RunResult): ReceiptBody {
  const stage = request.tier === "full" ? "fullRun" : "smallRun";
  const succeeded = result.state === "succeeded";
  const message = succeeded
    ? `${result.steps} steps in ${result.seconds.toFixed(1)} s`
    : (result.reason ?? `the run was ${result.state}`);
  return {
    stage,
    verdict: succeeded ? "pass" : "fail",
    summary: `${request.tier === "full" ? "Full" : "Small"} run ${result.state}: ${message}`,
    checks: [{ name: "run", verdict: succeeded ? "pass" : "fail", message }],
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
