import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Score, sigmoidCrossEntropy, softmaxCrossEntropy } from "../../engines/score.ts";
import type { Plan } from "../../engines/plan.ts";
import { somePlan } from "./some-plan.ts";

const data = {
  scaling: {
    mean: new Float64Array(),
    deviation: new Float64Array(),
    missing: new Float64Array(),
    targetMean: 10,
    targetDeviation: 4,
  },
};

const heavy: Partial<Plan> = {
  target: { column: "heavy", kind: "boolean" },
  loss: { type: "sigmoidCrossEntropy" },
};

/** Logits that predict these classes of three. */
function logitsFor(classes: readonly number[]): Float32Array {
  return Float32Array.from(classes.flatMap((c) => [0, 1, 2].map((j) => (j === c ? 5 : 0))));
}

describe("Score", () => {
  // y and ŷ and their macro F1 from scikit-learn 1.2.1's documentation and tests
  test("gives scikit-learn's macro F1", () => {
    const score = new Score(somePlan(), data, 6);
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
    const whole = new Score(somePlan(), data, 6);
    whole.add(logitsFor([0, 2, 1, 0]), [0, 1, 2, 0]);
    const parts = new Score(somePlan(), data, 6);
    parts.add(logitsFor([0]), [0]);
    parts.add(logitsFor([2, 1, 0]), [1, 2, 0]);
    expect(parts.metrics).toEqual(whole.metrics);
  });

  test("gives a number's error in the target's own units", () => {
    const plan: Plan = somePlan({
      target: { column: "mass", kind: "number", scale: "standard" },
      loss: { type: "meanSquaredError" },
    });
    const score = new Score(plan, data, 6);
    score.add(Float32Array.of(1, -1), [0.5, 0.5]);
    expect(score.metrics).toEqual({ loss: (0.25 + 2.25) / 2, mean_absolute_error: 4 });
    expect(score.confusion).toBeUndefined();
  });

  test("predicts by the sign of a single logit", () => {
    const score = new Score(somePlan(heavy), data, 6);
    score.add(Float32Array.of(3, -3, 3), [1, 0, 0]);
    expect(score.confusion?.counts).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });
});

describe("for two classes", () => {
  const logits = Float32Array.of(2, -1, 0.5, -3, 1);
  const labels = [1, 0, 0, 0, 1];

  test("ranks and calibrates the probability of the second", () => {
    const score = new Score(somePlan(heavy), data, 5);
    score.add(logits, labels);
    expect(Object.keys(score.metrics)).toEqual([
      "loss",
      "accuracy",
      "macro_f1",
      "pr_auc",
      "roc_auc",
      "calibration_error",
    ]);
    expect(score.metrics).toMatchObject({ pr_auc: 1, roc_auc: 1 });
    expect(score.calibration?.reduce((sum, { rows }) => sum + rows, 0)).toBe(5);
    expect(score.precisionRecall?.at(-1)).toEqual({
      threshold: 1 / (1 + Math.exp(-1)),
      precision: 1,
      recall: 1,
    });
  });

  test("gives one logit and two logits with the same difference the same numbers", () => {
    const single = new Score(somePlan(heavy), data, 5);
    single.add(logits, labels);
    const species = { column: "s", kind: "category", vocabulary: ["no", "yes"] } as const;
    const double = new Score(somePlan({ target: species }), data, 5);
    double.add(Float32Array.from([...logits].flatMap((z) => [-z / 2, z / 2])), labels);
    const expected = single.metrics;
    for (const [name, value] of Object.entries(double.metrics))
      expect(value).toBeCloseTo(expected[name] ?? NaN, 12);
    expect(double.precisionRecall).toEqual(single.precisionRecall);
  });

  test("says nothing of ranking for three classes or a number", () => {
    const score = new Score(somePlan(), data, 1);
    score.add(logitsFor([0]), [0]);
    expect(Object.keys(score.metrics)).toEqual(["loss", "accuracy", "macro_f1"]);
    expect(score.calibration).toBeUndefined();
    expect(score.precisionRecall).toBeUndefined();
  });

  test("ends and has no ranking where the model says NaN", () => {
    const score = new Score(somePlan(heavy), data, 2);
    score.add(Float32Array.of(NaN, NaN), [0, 1]);
    expect(score.metrics["loss"]).toBeNaN();
    expect(score.metrics["pr_auc"]).toBeNaN();
  });
});

describe("class weights", () => {
  const weight = fc.double({ min: 0.05, max: 20, noNaN: true });
  const logit = fc.double({ min: -6, max: 6, noNaN: true }).map(Math.fround);
  const close = (actual: Score, expected: Score): void => {
    for (const [name, value] of Object.entries(expected.metrics))
      if (!Number.isNaN(value)) expect(actual.metrics[name]).toBeCloseTo(value, 4);
  };

  // what weighted cross-entropy is least for: exp(z_k) in proportion to w_k p_k
  test("are taken out of softmax logits again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(logit, logit, logit, fc.nat(2)), { minLength: 1, maxLength: 30 }),
        fc.tuple(weight, weight, weight),
        (rows, weights) => {
          const labels = rows.map(([, , , label]) => label);
          const plain = new Score(somePlan(), data, rows.length);
          plain.add(Float32Array.from(rows.flatMap(([a, b, c]) => [a, b, c])), labels);
          const classWeights = Float64Array.from(weights);
          const weighted = new Score(somePlan(), { ...data, classWeights }, rows.length);
          const log = weights.map(Math.log);
          const logits = rows.flatMap(([a, b, c]) => [a, b, c].map((z, k) => z + (log[k] ?? 0)));
          weighted.add(Float32Array.from(logits), labels);
          expect(weighted.loss).toBeCloseTo(plain.loss, 5);
        },
      ),
    );
  });

  test("are taken out of a single logit again", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 30 }),
        fc.tuple(weight, weight),
        (tenths, [zero, one]) => {
          const logits = tenths.map((tenth) => tenth / 10 + 0.05);
          const labels = tenths.map((tenth) => Number(tenth % 3 === 0));
          const plain = new Score(somePlan(heavy), data, logits.length);
          plain.add(Float32Array.from(logits), labels);
          const classWeights = Float64Array.of(zero, one);
          const weighted = new Score(somePlan(heavy), { ...data, classWeights }, logits.length);
          const ratio = Math.log(one / zero);
          weighted.add(
            Float32Array.from(logits, (z) => z + ratio),
            labels,
          );
          close(weighted, plain);
          expect(weighted.confusion).toEqual(plain.confusion);
        },
      ),
    );
  });
});

test("cross-entropies are stable where the naive formula overflows, and NaN stays NaN", () => {
  expect(softmaxCrossEntropy(Float64Array.of(1000, 0), 0)).toBe(0);
  expect(softmaxCrossEntropy(Float64Array.of(1000, 0), 1)).toBe(1000);
  expect(softmaxCrossEntropy(Float64Array.of(0, 0, 0, 0), 2)).toBeCloseTo(Math.log(4), 12);
  expect(softmaxCrossEntropy(Float64Array.of(NaN, 0), 1)).toBeNaN();
  expect(sigmoidCrossEntropy(1000, 1)).toBe(0);
  expect(sigmoidCrossEntropy(-1000, 1)).toBe(1000);
  expect(sigmoidCrossEntropy(0, 1)).toBeCloseTo(Math.LN2, 12);
});
