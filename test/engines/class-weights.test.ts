import { expect, test } from "vitest";
import { classWeightsFrom, logitsFromClassWeights } from "../../engines/class-weights.ts";
import { somePlan } from "./some-plan.ts";

const balanced = somePlan({ loss: { type: "softmaxCrossEntropy", classWeights: "balanced" } });

// sklearn.utils.compute_class_weight("balanced", classes=[0, 1, 2], y=[0]*6 + [1]*3 + [2]*1)
test("balanced weights are scikit-learn's", () => {
  expect([...(classWeightsFrom(balanced, [6, 3, 1]) ?? [])]).toEqual([10 / 18, 10 / 9, 10 / 3]);
});

test("a class without rows counts one", () => {
  expect([...(classWeightsFrom(balanced, [3, 1, 0]) ?? [])]).toEqual([4 / 9, 4 / 3, 1]);
});

test("weights that a plan names stay as they are, and none are none", () => {
  const named = somePlan({ loss: { type: "softmaxCrossEntropy", classWeights: [1, 2, 3] } });
  expect(classWeightsFrom(named, [5, 5, 5])).toEqual(Float64Array.of(1, 2, 3));
  expect(classWeightsFrom(somePlan(), [5, 5, 5])).toBeUndefined();
});

test("what weights add to logits is their logarithm, or that of their ratio for a single one", () => {
  const weights = Float64Array.of(0.5, 2);
  expect([...logitsFromClassWeights(weights, 2)]).toEqual([Math.log(0.5), Math.log(2)]);
  expect([...logitsFromClassWeights(weights, 1)]).toEqual([Math.log(4)]);
  expect([...logitsFromClassWeights(undefined, 3)]).toEqual([0, 0, 0]);
});
