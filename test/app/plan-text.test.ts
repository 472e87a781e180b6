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
