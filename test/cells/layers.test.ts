import { expect, test } from "vitest";
import {
  batchNorm,
  dense,
  dropout,
  embedding,
  fullLayer,
  layerNorm,
  type LayerInput,
} from "../../cells/layers.ts";
import { checkPlan } from "../../engines/plan-check.ts";
import { somePlan } from "../engines/some-plan.ts";

test("each layer gets its defaults, and keeps what it was given", () => {
  expect(
    [
      embedding("origin", 8),
      embedding(["origin", "destination"], 4, { init: "uniform" }),
      dense(3),
      dense(3, "relu"),
      batchNorm(),
      batchNorm({ momentum: 0.01 }),
      layerNorm(),
      layerNorm({ epsilon: 1e-3 }),
      dropout(0.5),
    ].map(fullLayer),
  ).toEqual([
    { type: "embedding", columns: ["origin"], units: 8, init: "uniform" },
    { type: "embedding", columns: ["origin", "destination"], units: 4, init: "uniform" },
    { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" },
    { type: "dense", units: 3, activation: "relu", bias: true, init: "heNormal" },
    { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
    { type: "batchNorm", momentum: 0.01, epsilon: 1e-5 },
    { type: "layerNorm", epsilon: 1e-5 },
    { type: "layerNorm", epsilon: 1e-3 },
    { type: "dropout", rate: 0.5 },
  ]);
});

test("layers with all their defaults make a plan that has every field", () => {
  const network = [embedding("island", 2), layerNorm(), dense(4, "relu"), batchNorm(), dense(3)];
  const plan = { ...somePlan(), network: network.map(fullLayer) };
  expect(checkPlan(plan).filter(({ verdict }) => verdict !== "pass")).toEqual([]);
});

test("an option that is none is left for the checks to name", () => {
  expect(fullLayer(batchNorm({ momentun: 1 }))).toEqual({
    type: "batchNorm",
    momentum: 0.1,
    epsilon: 1e-5,
    momentun: 1,
  });
});

test.each<[string, (options: unknown) => LayerInput]>([
  ["batchNorm(options)", (options) => Reflect.apply(batchNorm, null, [options])],
  ["layerNorm(options)", (options) => Reflect.apply(layerNorm, null, [options])],
  [
    "embedding(columns, units, options)",
    (options) => Reflect.apply(embedding, null, ["origin", 8, options]),
  ],
])("%s throws for options that are no object, and says which there are", (call, layer) => {
  for (const options of [3, "uniform", null, ["uniform"]])
    expect(() => layer(options)).toThrow(
      expect.objectContaining({
        code: "argument",
        message: expect.stringContaining(`${call}: the options are`),
        hint: expect.stringMatching(/^Give an object: \{.*\}$/),
      }),
    );
});
