import { describe, expect, test } from "vitest";
import { baselineMetrics } from "../../engines/baseline-score.ts";
import type { Plan } from "../../engines/plan.ts";
import { sourceFromBlock, type TrainingData } from "../../engines/training-data.ts";
import { somePlan } from "./some-plan.ts";

interface Given {
  readonly y: readonly number[];
  readonly baseline?: readonly number[];
  readonly prior: readonly number[];
  readonly targetMean?: number;
  readonly targetDeviation?: number;
}

function dataOf({ y, baseline, prior, targetMean = 0, targetDeviation = 1 }: Given): TrainingData {
  const empty = new Float64Array();
  const validation = sourceFromBlock({
    numRows: y.length,
    x: new Float32Array(y.length),
    y: Float32Array.from(y),
    ...(baseline && { baseline: Float32Array.from(baseline) }),
  });
  return {
    digest: "d",
    numRows: 2 * y.length,
    width: 1,
    training: validation,
    validation,
    scaling: { mean: empty, deviation: empty, missing: empty, targetMean, targetDeviation },
    prior: Float64Array.from(prior),
  };
}

const heavy: Plan = somePlan({
  target: { column: "heavy", kind: "boolean" },
  loss: { type: "sigmoidCrossEntropy" },
});
const mass: Plan = somePlan({
  target: { column: "mass", kind: "number", scale: "standard" },
  loss: { type: "meanSquaredError" },
});

describe("without a baseline in the plan", () => {
  test("classes are held against the commonest one of the training rows", async () => {
    const data = dataOf({ y: [1, 0], prior: [0.25, 0.5, 0.25] });
    expect(await baselineMetrics(somePlan(), data)).toEqual({ baseline_accuracy: 0.5 });
  });

  test("two classes also against the share of the second", async () => {
    const data = dataOf({ y: [1, 0, 0, 0], prior: [0.5, 0.5] });
    expect(await baselineMetrics(heavy, data)).toEqual({
      baseline_accuracy: 0.75,
      baseline_pr_auc: 0.25,
    });
  });

  test("a number is held against the training mean, in its own units", async () => {
    const data = dataOf({ y: [1, -0.5], prior: [10], targetMean: 10, targetDeviation: 4 });
    expect(await baselineMetrics(mass, data)).toEqual({ baseline_mean_absolute_error: 3 });
  });
});

describe("with a column as the baseline", () => {
  test("two classes have its log loss, ranking and calibration; a missing one is the prior", async () => {
    const plan = { ...heavy, baseline: { column: "rate" } };
    const data = dataOf({ y: [1, 0, 1], baseline: [0.75, 0.5, NaN], prior: [0.75, 0.25] });
    const metrics = await baselineMetrics(plan, data);
    expect(metrics["baseline_loss"]).toBeCloseTo(
      -(Math.log(0.75) + Math.log(0.5) + Math.log(0.25)) / 3,
      12,
    );
    expect(metrics["baseline_pr_auc"]).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(metrics["baseline_calibration_error"]).toBeCloseTo((0.25 + 0.5 + 0.75) / 3, 12);
  });

  test("a probability of zero or one costs no more than ln 10^7", async () => {
    const plan = { ...heavy, baseline: { column: "rate" } };
    const data = dataOf({ y: [1, 0], baseline: [0, 1], prior: [0.5, 0.5] });
    const { baseline_loss: loss } = await baselineMetrics(plan, data);
    expect(loss).toBeCloseTo(Math.log(1e7), 6);
  });

  test("a number has its errors, its loss in the units of the model's", async () => {
    const plan = { ...mass, baseline: { column: "guess" } };
    const data = dataOf({
      y: [1, -1],
      baseline: [12, NaN],
      prior: [10],
      targetMean: 10,
      targetDeviation: 4,
    });
    expect(await baselineMetrics(plan, data)).toEqual({
      baseline_mean_absolute_error: (2 + 4) / 2,
      baseline_loss: (0.25 + 1) / 2,
    });
  });
});
