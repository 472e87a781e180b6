import { expect, test } from "vitest";
import { classWeightsText, layerText, splitText } from "../../cells/plan-text.ts";
import type { Layer, Plan } from "../../engines/plan.ts";
import { somePlan } from "../engines/some-plan.ts";

test("layers are told by their settings, embeddings by their words and columns", () => {
  const vocabulary = Array.from({ length: 1229 }, (_, i) => `airport ${i}`);
  const plan = somePlan({
    features: ["origin", "destination"].map((column) => ({ column, kind: "category", vocabulary })),
  });
  const layers: readonly Layer[] = [
    { type: "embedding", columns: ["origin", "destination"], units: 8, init: "uniform" },
    { type: "dense", units: 3, activation: "relu", bias: false, init: "heNormal" },
    { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
    { type: "layerNorm", epsilon: 1e-5 },
    { type: "dropout", rate: 0.1 },
  ];
  expect(layers.map((layer) => layerText(plan, layer))).toEqual([
    "1,229 + 1 words → 8 for origin, destination",
    "relu, no bias",
    "momentum 0.1, epsilon 0.00001",
    "epsilon 0.00001",
    "rate 0.1",
  ]);
});

test("a split is told by what decides it", () => {
  const byDay = { kind: "time", column: "day" } as const;
  expect(
    [
      { kind: "stratified", validation: 0.07 } as const,
      { ...byDay, from: "2001-06-01", gap: 86_400 },
      { ...byDay, from: "2001-06-01T12:00:00Z", gap: 0 },
      { ...byDay, validation: 0.2, gap: 129_600 },
    ].map(splitText),
  ).toEqual([
    "stratified, 7 % validation",
    "from 2001-06-01 on, by day, with a gap of 1 day",
    "from 2001-06-01T12:00:00Z on, by day",
    "the latest 20 %, by day, with a gap of 36 hours",
  ]);
});

test("class weights are told by class, the first six of them", () => {
  const weigh = (classWeights: "balanced" | number[], fields: Partial<Plan> = {}): string =>
    classWeightsText(somePlan({ ...fields, loss: { type: "softmaxCrossEntropy", classWeights } }));
  const vocabulary = ["a", "b", "c", "d", "e", "f", "g"];
  expect(classWeightsText(somePlan())).toBe("");
  expect(weigh("balanced")).toBe("classes balanced");
  expect(weigh([1, 2, 3.5])).toBe("Adelie 1, Chinstrap 2, Gentoo 3.5");
  expect(weigh([1, 4], { target: { column: "late", kind: "boolean" } })).toBe("false 1, true 4");
  expect(
    weigh([1, 2, 3, 4, 5, 6, 7], { target: { column: "letter", kind: "category", vocabulary } }),
  ).toBe("a 1, b 2, c 3, d 4, e 5, f 6, …");
});
