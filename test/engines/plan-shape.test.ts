import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isEmbedded, planShape } from "../../engines/plan-shape.ts";
import type { Layer, Plan } from "../../engines/plan.ts";
import { somePlan } from "./some-plan.ts";

test("planShape names every slot of the input, with one for the unknown in each category", () => {
  const { inputWidth, slots } = planShape(somePlan());
  expect(inputWidth).toBe(6);
  expect(slots).toEqual([
    { column: "length", kind: "number" },
    { column: "depth", kind: "number" },
    { column: "island", kind: "category", word: "Biscoe" },
    { column: "island", kind: "category", word: "Dream" },
    { column: "island", kind: "category", word: null },
    { column: "adult", kind: "boolean" },
  ]);
});

test("planShape counts parameters, operations and bytes by hand's arithmetic", () => {
  const shape = planShape(somePlan());
  expect(shape.layers.map(({ input, output, parameters }) => [input, output, parameters])).toEqual([
    [6, 8, 6 * 8 + 8],
    [8, 8, 0],
    [8, 3, 8 * 3 + 3],
  ]);
  expect(shape.parameters).toBe(83);
  expect(shape.multiplyAdds).toBe(72);
  expect(shape.classes).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
  expect(shape.memory).toEqual({
    weights: 332,
    optimizer: 664,
    activations: 4 * 16 * 2 * (6 + 8 + 8 + 3) + 332,
    total: 332 + 664 + 3200 + 332,
  });
});

const dense = { type: "dense", activation: "linear", bias: true, init: "glorotUniform" } as const;

/** Two airports and a distance; the airports are embedded with one table or two. */
function flights(...network: Layer[]): Plan {
  const vocabulary = ["ATL", "BOS", "JFK"];
  return somePlan({
    features: [
      { column: "origin", kind: "category", vocabulary },
      { column: "distance", kind: "number", scale: "standard", missing: "mean" },
      { column: "destination", kind: "category", vocabulary },
      { column: "part", kind: "category", vocabulary: ["morning", "evening"] },
    ],
    network,
  });
}

test("an embedded category takes one number of the input, the index of its word", () => {
  const plan = flights(
    { type: "embedding", columns: ["origin"], units: 2, init: "uniform" },
    { ...dense, units: 3 },
  );
  expect(planShape(plan).slots).toEqual([
    { column: "origin", kind: "index" },
    { column: "distance", kind: "number" },
    ...["ATL", "BOS", "JFK", null].map((word) => ({
      column: "destination",
      kind: "category",
      word,
    })),
    ...["morning", "evening", null].map((word) => ({ column: "part", kind: "category", word })),
  ]);
  expect(isEmbedded(plan.network, "origin")).toBe(true);
  expect(isEmbedded(plan.network, "destination")).toBe(false);
});

test("columns that share an embedding share its table, and all else passes through", () => {
  const shape = planShape(
    flights(
      { type: "embedding", columns: ["destination", "origin"], units: 2, init: "uniform" },
      { ...dense, units: 3 },
    ),
  );
  expect(shape.inputWidth).toBe(1 + 1 + 1 + 3);
  expect(shape.layers[0]).toEqual({
    path: "network[0]",
    type: "embedding",
    input: 6,
    output: 2 + 1 + 2 + 3,
    parameters: (3 + 1) * 2,
    multiplyAdds: 0,
    tensors: [{ name: "network.0.table", shape: [4, 2] }],
    indices: [0, 2],
  });
  expect(shape.layers[1]).toMatchObject({ input: 8, output: 3, parameters: 8 * 3 + 3 });
});

test("a second embedding finds its indices where the first one has moved them to", () => {
  const shape = planShape(
    flights(
      { type: "embedding", columns: ["origin"], units: 3, init: "uniform" },
      { type: "embedding", columns: ["destination"], units: 2, init: "uniform" },
      { ...dense, units: 3 },
    ),
  );
  // origin, distance, destination, three of part; then three of origin, distance, destination, …
  expect(shape.layers.map(({ input, output, indices }) => [input, output, indices])).toEqual([
    [6, 8, [0]],
    [8, 9, [4]],
    [9, 3, undefined],
  ]);
});

test("normalisations keep the width, learn scale and shift, and count running means as state", () => {
  const shape = planShape(
    somePlan({
      network: [
        { ...dense, units: 5, bias: false },
        { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
        { type: "layerNorm", epsilon: 1e-5 },
        { ...dense, units: 3 },
      ],
    }),
  );
  expect(shape.layers[1]).toEqual({
    path: "network[1]",
    type: "batchNorm",
    input: 5,
    output: 5,
    parameters: 10,
    multiplyAdds: 10,
    tensors: [
      { name: "network.1.scale", shape: [5] },
      { name: "network.1.shift", shape: [5] },
      { name: "network.1.mean", shape: [5], isState: true },
      { name: "network.1.variance", shape: [5], isState: true },
    ],
  });
  expect(shape.layers[2]?.tensors.map(({ name, isState }) => [name, isState])).toEqual([
    ["network.2.scale", undefined],
    ["network.2.shift", undefined],
  ]);
  expect(shape.parameters).toBe(6 * 5 + 10 + 10 + 5 * 3 + 3);
  expect(shape.memory.weights).toBe(4 * shape.parameters);
});

test("a row is as wide after each layer as before the next, and tensors hold the parameters", () => {
  const layer: fc.Arbitrary<Layer> = fc.oneof(
    fc.record({
      type: fc.constant("dense" as const),
      units: fc.integer({ min: 1, max: 9 }),
      activation: fc.constant("relu" as const),
      bias: fc.boolean(),
      init: fc.constant("heNormal" as const),
    }),
    fc.constant<Layer>({ type: "batchNorm", momentum: 0.1, epsilon: 1e-5 }),
    fc.constant<Layer>({ type: "layerNorm", epsilon: 1e-5 }),
    fc.constant<Layer>({ type: "dropout", rate: 0.5 }),
  );
  const units = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(fc.array(layer), fc.array(units, { maxLength: 3 }), (others, embedded) => {
      const embeddings = embedded.map((own, i): Layer => ({
        type: "embedding",
        columns: [["origin", "destination", "part"][i] ?? ""],
        units: own,
        init: "uniform",
      }));
      const shape = planShape(flights(...embeddings, ...others));
      let width = shape.inputWidth;
      for (const { input, output, parameters, tensors } of shape.layers) {
        expect(input).toBe(width);
        width = output;
        const trained = tensors.filter(({ isState }) => isState !== true);
        expect(trained.reduce((sum, { shape: own }) => sum + own.reduce((a, b) => a * b), 0)).toBe(
          parameters,
        );
      }
      expect(shape.outputWidth).toBe(width);
    }),
  );
});
