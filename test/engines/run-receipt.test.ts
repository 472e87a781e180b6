import { expect, test } from "vitest";
import { runReceiptBody } from "../../engines/run-receipt.ts";
import type { RunRequest, RunResult } from "../../engines/run.ts";
import { somePlan } from "./some-plan.ts";

const request: RunRequest = {
  tier: "small",
  plan: somePlan(),
  rows: { digest: "d", numRows: 90, blob: "b" },
  engine: "tfjs",
  device: "auto",
};

const result: RunResult = {
  key: "k",
  state: "succeeded",
  steps: 1500,
  seconds: 2.34,
  metrics: {
    first_loss: 1.1,
    training_loss: 0.2,
    validation_loss: 0.3,
    validation_accuracy: 0.957,
    validation_baseline_accuracy: 0.348,
  },
  environment: { backend: "wasm" },
};

test("a run that learned passes, and says by how much it beats guessing", () => {
  const body = runReceiptBody(request, result);
  expect(body).toMatchObject({
    stage: "smallRun",
    verdict: "pass",
    summary: "Small run succeeded: 95.7 % of the validation rows right, 1,500 steps in 2.3 s",
    subject: { data: { rows: "d" }, blob: "b", run: "k" },
  });
  expect(body.checks.map(({ name }) => name)).toEqual(["run", "loss", "baseline"]);
});

test("a run whose loss did not fall or that is no better than guessing warns", () => {
  const body = runReceiptBody(
    { ...request, tier: "full" },
    { ...result, metrics: { ...result.metrics, training_loss: 1.1, validation_accuracy: 0.348 } },
  );
  expect(body.stage).toBe("fullRun");
  expect(body.verdict).toBe("warn");
  expect(body.checks.filter(({ verdict }) => verdict === "warn")).toHaveLength(2);
});

test("a number is held against its mean", () => {
  const metrics = {
    validation_mean_absolute_error: 300,
    validation_baseline_mean_absolute_error: 250,
  };
  expect(runReceiptBody(request, { ...result, metrics }).verdict).toBe("warn");
});

test("two classes are held against what guessing gets by the precision-recall curve", () => {
  const plan = somePlan({ target: { column: "late", kind: "boolean" } });
  const metrics = { validation_pr_auc: 0.3571, validation_baseline_pr_auc: 0.22 };
  const body = runReceiptBody({ ...request, plan }, { ...result, metrics });
  expect(body.verdict).toBe("pass");
  expect(body.summary).toBe(
    "Small run succeeded: area under the precision-recall curve 0.357, 1,500 steps in 2.3 s",
  );
  expect(body.checks.at(-1)?.message).toBe(
    "the area under the precision-recall curve is 0.357; the share of `true` is 0.220, which is what guessing gets",
  );
});

test("a plan's baseline is named where the model is no better", () => {
  const metrics = { validation_pr_auc: 0.3, validation_baseline_pr_auc: 0.32 };
  const baseline = { column: "origin_rate" };
  const plan = somePlan({ target: { column: "late", kind: "boolean" }, baseline });
  const body = runReceiptBody({ ...request, plan }, { ...result, metrics });
  expect(body.checks.at(-1)).toMatchObject({
    name: "baseline",
    verdict: "warn",
    message:
      "the area under the precision-recall curve is 0.300, but the column `origin_rate` alone gets 0.320",
  });
  const errors = {
    validation_mean_absolute_error: 200,
    validation_baseline_mean_absolute_error: 250,
  };
  const number = runReceiptBody({ ...request, plan }, { ...result, metrics: errors });
  expect(number.checks.at(-1)?.message).toBe(
    "the mean absolute error is 200; the column `origin_rate` alone gets 250",
  );
});

test("rows made from a lineage are named by it and by their content, and have no blob", () => {
  const rows = {
    digest: "lineage",
    numRows: 90,
    lineage: {
      engine: "duckdb",
      statements: [{ sql: "select 1", tables: {}, files: {}, rows: {} }],
    },
  };
  const made = { ...result, data: { digest: "content", numRows: 90 } };
  const { subject } = runReceiptBody({ ...request, tier: "full", rows }, made);
  expect(subject.data).toEqual({ rows: "lineage", content: "content" });
  expect(subject).not.toHaveProperty("blob");
  const failed = runReceiptBody({ ...request, tier: "full", rows }, { ...result, state: "failed" });
  expect(failed.subject.data).toEqual({ rows: "lineage" });
});

test("a failed or cancelled run fails with its reason", () => {
  for (const state of ["failed", "cancelled"] as const) {
    const body = runReceiptBody(request, {
      ...result,
      state,
      reason: "the loss became NaN at step 37",
    });
    expect(body.verdict).toBe("fail");
    expect(body.summary).toBe(`Small run ${state}: the loss became NaN at step 37`);
  }
});
