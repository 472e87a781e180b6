import { expect, test } from "vitest";
import { differenceText, planDifferences } from "../../cells/plan-difference.ts";
import type { Plan } from "../../engines/plan.ts";

const plan: Plan = {
  kind: "tierbook.plan",
  version: 1,
  features: [{ column: "x", kind: "number", scale: "standard", missing: "mean" }],
  target: { column: "y", kind: "category", vocabulary: ["a", "b"] },
  split: { kind: "stratified", validation: 0.2 },
  network: [{ type: "dense", units: 2, activation: "linear", bias: true, init: "glorotUniform" }],
  loss: { type: "softmaxCrossEntropy" },
  optimizer: { type: "sgd", lr: 0.1, momentum: 0 },
  schedule: { type: "constant" },
  seed: 1,
  epochs: 2,
  batch: 3,
};

test("equal plans differ in nothing", () => {
  expect(planDifferences(plan, structuredClone(plan))).toEqual([]);
});

test("each field that differs is named by its path, with both values", () => {
  const after: Plan = {
    ...plan,
    network: plan.network.map((layer) => ({ ...layer, units: 4 })),
    optimizer: { type: "sgd", lr: 0.2, momentum: 0 },
    target: { column: "y", kind: "category", vocabulary: ["a", "b", "c"] },
  };
  expect(planDifferences(plan, after).map(differenceText)).toEqual([
    "target.vocabulary: 2 entries → 3 entries",
    "network[0].units: 2 → 4",
    "optimizer.lr: 0.1 → 0.2",
  ]);
});

test("a part that only one plan has differs in each of its fields", () => {
  const after: Plan = {
    ...plan,
    split: { kind: "time", column: "day", from: "2001-06-01", gap: 86_400 },
    loss: { ...plan.loss, classWeights: "balanced" },
    baseline: { column: "rate" },
  };
  expect(planDifferences(plan, after).map(differenceText)).toEqual([
    "split.kind: stratified → time",
    "split.validation: 0.2 → nothing",
    "split.column: nothing → day",
    "split.from: nothing → 2001-06-01",
    "split.gap: nothing → 86400",
    "loss.classWeights: nothing → balanced",
    "baseline.column: nothing → rate",
  ]);
  expect(planDifferences(after, plan).map(differenceText)).toContain(
    "baseline.column: rate → nothing",
  );
});
