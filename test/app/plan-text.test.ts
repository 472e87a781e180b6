import { expect, test } from "vitest";
import { counted, duration, metricText, planFacts, words } from "../../app/shell/plan-text.ts";
import { somePlan } from "../engines/some-plan.ts";

test("a plan is told from its own fields, in words", () => {
  expect(planFacts(somePlan()).map(({ label, value }) => `${label}: ${value}`)).toEqual([
    "Predicts: species: 3 classes",
    "From: 4 features: length, depth, island (3 slots), adult",
    "Network: dense 8 relu → dropout 10 % → dense 3 linear",
    "Loss: softmax cross entropy",
    "Optimiser: Adam, learning rate 0.01",
    "Training: 3 epochs, batches of 16, seed 17",
    "Validation: 25 % of the rows, stratified",
  ]);
});

test("embeddings, class weights, a split by time and a baseline are told too", () => {
  const vocabulary = ["ATL", "BOS", "JFK"];
  const plan = somePlan({
    features: [
      { column: "origin", kind: "category", vocabulary },
      { column: "part", kind: "category", vocabulary: ["morning", "evening"] },
    ],
    target: { column: "late", kind: "boolean" },
    split: { kind: "time", column: "day", from: "2001-06-01", gap: 86_400 },
    network: [
      { type: "embedding", columns: ["origin"], units: 8, init: "uniform" },
      { type: "dense", units: 64, activation: "linear", bias: false, init: "glorotUniform" },
      { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
      { type: "layerNorm", epsilon: 1e-5 },
      { type: "dense", units: 1, activation: "linear", bias: true, init: "glorotUniform" },
    ],
    loss: { type: "sigmoidCrossEntropy", classWeights: "balanced" },
    baseline: { column: "origin_rate" },
  });
  const told = planFacts(plan).map(({ label, value }) => `${label}: ${value}`);
  for (const fact of [
    "From: 2 features: origin (4 words, embedded), part (3 slots)",
    "Network: embedding 3 + 1 words → 8 for origin → dense 64 linear → batch norm → layer norm → dense 1 linear",
    "Loss: sigmoid cross entropy, classes balanced",
    "Validation: from 2001-06-01 on, by day, with a gap of 1 day",
    "Has to beat: what origin_rate says",
  ])
    expect(told).toContain(fact);
});

test("numbers are short and keep what counts", () => {
  expect([0.97142857, 12.3456, 123456.7, 0, 1.3e-7, -2.5].map(metricText)).toEqual([
    "0.9714",
    "12.35",
    "123,457",
    "0",
    "1.3e-7",
    "-2.5",
  ]);
  expect([0.04, 12, 600, 7200].map(duration)).toEqual(["0.0 s", "12 s", "10 min", "2.0 h"]);
  expect([counted(1, "row"), counted(1200, "row")]).toEqual(["1 row", "1,200 rows"]);
  expect([words("validation_macro_f1"), words("softmaxCrossEntropy")]).toEqual([
    "validation macro F1",
    "softmax cross entropy",
  ]);
});
