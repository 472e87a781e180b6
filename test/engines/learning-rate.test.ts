import { expect, test } from "vitest";
import { learningRate } from "../../engines/learning-rate.ts";
import { somePlan } from "./some-plan.ts";

test("a constant schedule stays", () => {
  for (const step of [0, 7, 99]) expect(learningRate(somePlan(), step, 100)).toBe(0.01);
});

test("a cosine schedule rises linearly over its share of steps, peaks, and falls to zero", () => {
  const plan = somePlan({ schedule: { type: "cosine", warmup: 0.1 } });
  const rates = Array.from({ length: 100 }, (_, step) => learningRate(plan, step, 100));
  expect(rates.slice(0, 3).map((lr) => lr.toFixed(6))).toEqual([
    "0.001000",
    "0.002000",
    "0.003000",
  ]);
  expect(rates[9]).toBeCloseTo(0.01, 12);
  expect(rates[10]).toBeCloseTo(0.01, 12);
  // half way down: cos(π / 2) = 0
  expect(rates[55]).toBeCloseTo(0.005, 12);
  expect(rates[99]).toBeGreaterThan(0);
  expect(rates[99]).toBeLessThan(1e-5);
});

test("without warmup it begins at the top", () => {
  const plan = somePlan({ schedule: { type: "cosine", warmup: 0 } });
  expect(learningRate(plan, 0, 10)).toBe(0.01);
});
