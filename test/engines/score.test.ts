import { describe, expect, test } from "vitest";
import {
  baselineMetrics,
  Score,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
} from "../../engines/score.ts";
import type { Plan } from "../../engines/plan.ts";
import { somePlan } from "./some-plan.ts";

const scaling = {
  mean: new Float64Array(),
  deviation: new Float64Array(),
  targetMean: 10,
  targetDeviation: 4,
};

/** Logits that predict these classes of three. */
function logitsFor(classes: readonly number[]): Float32Array {
  return Float32Array.from(classes.flatMap((c) => [0, 1, 2].map((j) => (j === c ? 5 : 0))));
}

describe("Score", () => {
  // y and ŷ and their macro F1 from scikit-learn 1.2.1's documentation and tests
  test("gives scikit-learn's macro F1", () => {
    const score = new Score(somePlan(), scaling);
    score.add(logitsFor([0, 2, 1, 0, 0, 1]), [0, 1, 2, 0, 1, 2]);
    expect(score.metrics["macro_f1"]).toBeCloseTo(0.266667, 6);
    expect(score.metrics["accuracy"]).toBeCloseTo(2 / 6, 12);
    expect(score.confusion).toEqual({
      labels: ["Adelie", "Chinstrap", "Gentoo"],
      counts: [
        [2, 0, 0],
        [1, 0, 1],
        [0, 2, 0],
      ],
    });
  });

  test("adds rows in any number of portions", () => {
    const whole = new Score(somePlan(), scaling);
    whole.add(logitsFor([0, 2, 1, 0]), [0, 1, 2, 0]);
    const parts = new Score(somePlan(), scaling);
    parts.add(logitsFor([0]), [0]);
    parts.add(logitsFor([2, 1, 0]), [1, 2, 0]);
    expect(parts.metrics).toEqual(whole.metrics);
  });

  test("gives a number's error in the target's own units", () => {
    const plan: Plan = somePlan({
      target: { column: "mass", kind: "number", scale: "standard" },
      loss: { type: "meanSquaredError" },
    });
    const score = new Score(plan, scaling);
    score.add(Float32Array.of(1, -1), [0.5, 0.5]);
    expect(score.metrics).toEqual({ loss: (0.25 + 2.25) / 2, mean_absolute_error: 4 });
    expect(score.confusion).toBeUndefined();
  });

  test("predicts by the sign of a single logit", () => {
    const plan = somePlan({
      target: { column: "heavy", kind: "boolean" },
      loss: { type: "sigmoidCrossEntropy" },
    });
    const score = new Score(plan, scaling);
    score.add(Float32Array.of(3, -3, 3), [1, 0, 0]);
    expect(score.confusion?.counts).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });
});

test("cross-entropies are stable where the naive formula overflows, and NaN stays NaN", () => {
  expect(softmaxCrossEntropy(Float32Array.of(1000, 0), 0)).toBe(0);
  expect(softmaxCrossEntropy(Float32Array.of(1000, 0), 1)).toBe(1000);
  expect(softmaxCrossEntropy(Float32Array.of(0, 0, 0, 0), 2)).toBeCloseTo(Math.log(4), 12);
  expect(softmaxCrossEntropy(Float32Array.of(NaN, 0), 1)).toBeNaN();
  expect(sigmoidCrossEntropy(1000, 1)).toBe(0);
  expect(sigmoidCrossEntropy(-1000, 1)).toBe(1000);
  expect(sigmoidCrossEntropy(0, 1)).toBeCloseTo(Math.LN2, 12);
});

test("the baseline is the commonest class or the mean of the training rows", () => {
  const y = Float32Array.of(0, 1, 1, 2, 1, 0);
  const training = Uint32Array.of(0, 1, 2, 3);
  expect(baselineMetrics(somePlan(), y, training, Uint32Array.of(4, 5), scaling)).toEqual({
    baseline_accuracy: 0.5,
  });
  const number = somePlan({ target: { column: "m", kind: "number", scale: "none" } });
  expect(baselineMetrics(number, y, training, Uint32Array.of(4, 5), scaling)).toEqual({
    baseline_mean_absolute_error: 2,
  });
});
