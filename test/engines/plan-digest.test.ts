import { expect, test } from "vitest";
import { planDigest, recipeDigest, scalePlan } from "../../engines/plan-digest.ts";
import { somePlan } from "./some-plan.ts";

test("the order of a plan's members does not change its digest, and every value does", () => {
  const plan = somePlan();
  const turned = Object.fromEntries(Object.entries(plan).toReversed());
  expect(planDigest({ ...plan, ...turned })).toBe(planDigest(plan));
  expect(planDigest(somePlan({ seed: 18 }))).not.toBe(planDigest(plan));
});

test("the recipe is the plan less its scale fields", () => {
  const plan = somePlan();
  const scaled = scalePlan(plan, { epochs: 400, batch: 64 });
  expect(scaled).toEqual({ ...plan, epochs: 400, batch: 64 });
  expect(recipeDigest(scaled)).toBe(recipeDigest(plan));
  expect(planDigest(scaled)).not.toBe(planDigest(plan));
  expect(recipeDigest(somePlan({ seed: 18 }))).not.toBe(recipeDigest(plan));
});

test("scalePlan refuses every other field by name and says which may differ", () => {
  expect(() => scalePlan(somePlan(), { epochs: 5, seed: 3 })).toThrow(
    "seed: `seed` may not differ between tiers",
  );
  try {
    scalePlan(somePlan(), { lr: 1 });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      code: "plan",
      checks: [{ where: "lr", hint: expect.stringContaining("only `epochs` and `batch` may") }],
    });
  }
});

test("scalePlan checks the values, and leaves a field as it is for undefined", () => {
  expect(() => scalePlan(somePlan(), { epochs: 0 })).toThrow("epochs");
  expect(scalePlan(somePlan(), { epochs: undefined })).toEqual(somePlan());
});

test("plans of before embeddings, splits by time, class weights and baselines keep their digests", () => {
  expect(planDigest(somePlan())).toBe(
    "0e480a58de1cacb65d7dc963edefd66204ce656f11ded7a80d34d03876cd6c7f",
  );
  expect(recipeDigest(somePlan())).toBe(
    "6c9103c9c2c5a537b6a813f997f2ea0dca19dcfa81c89bfa4c4ae24565428562",
  );
});

test("class weights and a baseline are part of the recipe", () => {
  const plan = somePlan();
  const digests = [
    plan,
    somePlan({ loss: { ...plan.loss, classWeights: "balanced" } }),
    somePlan({ loss: { ...plan.loss, classWeights: [1, 1, 1] } }),
    somePlan({ baseline: { column: "score" } }),
  ].map(recipeDigest);
  expect(new Set(digests).size).toBe(4);
});
