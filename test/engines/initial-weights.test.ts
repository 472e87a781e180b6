import { expect, test } from "vitest";
import { initialWeights } from "../../engines/initial-weights.ts";
import { planShape } from "../../engines/plan-shape.ts";
import type { Plan } from "../../engines/plan.ts";
import { philox } from "../../engines/random.ts";
import { somePlan } from "./some-plan.ts";

test("initialWeights has the tensors that planShape names, in bounds, the same for ever", () => {
  const weights = initialWeights(somePlan());
  expect(weights.map(({ name, shape }) => [name, shape])).toEqual(
    planShape(somePlan()).layers.flatMap(({ tensors }) =>
      tensors.map(({ name, shape }) => [name, shape]),
    ),
  );
  const glorot = weights.find(({ name }) => name === "network.2.kernel")?.values ?? [];
  for (const w of glorot) expect(Math.abs(w)).toBeLessThanOrEqual(Math.sqrt(6 / 11));
  for (const { name, values } of weights)
    if (name.endsWith("bias")) expect(values.every((b) => b === 0)).toBe(true);
  expect(Array.from(glorot.slice(0, 3))).toMatchInlineSnapshot(`
    [
      0.6688562035560608,
      -0.3024224042892456,
      0.4798557162284851,
    ]
  `);
  expect([...(weights[0]?.values.slice(0, 3) ?? [])]).toMatchInlineSnapshot(`
    [
      -0.08636264503002167,
      0.4326185882091522,
      -1.1883659362792969,
    ]
  `);
});

test("heNormal has the deviation √(2 / in)", () => {
  const [{ values } = { values: new Float32Array() }] = initialWeights(
    somePlan({
      network: [{ type: "dense", units: 5000, activation: "relu", bias: false, init: "heNormal" }],
    }),
  );
  const variance = values.reduce((sum, w) => sum + w * w, 0) / values.length;
  expect(variance).toBeCloseTo(2 / 6, 2);
});

/** A table, a kernel, and all that two normalisations keep. */
function deepPlan(words: number, units: number): Plan {
  const vocabulary = Array.from({ length: words }, (_, i) => `word ${i}`);
  return somePlan({
    features: [{ column: "island", kind: "category", vocabulary }],
    network: [
      { type: "embedding", columns: ["island"], units, init: "uniform" },
      { type: "layerNorm", epsilon: 1e-5 },
      { type: "dense", units: 5, activation: "relu", bias: false, init: "heNormal" },
      { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
      { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" },
    ],
  });
}

test("all tensors are there in planShape's order, running means among them, and filled", () => {
  const plan = deepPlan(3, 2);
  const weights = initialWeights(plan);
  expect(weights.map(({ name, shape }) => [name, shape])).toEqual(
    planShape(plan).layers.flatMap(({ tensors }) =>
      tensors.map(({ name, shape }) => [name, shape]),
    ),
  );
  for (const { shape, values } of weights)
    expect(values).toHaveLength(shape.reduce((a, b) => a * b));
  const filled = weights.flatMap(({ name, values }) =>
    new Set(values).size === 1 ? [[name, values[0]]] : [],
  );
  expect(filled).toEqual([
    ["network.1.scale", 1],
    ["network.1.shift", 0],
    ["network.3.scale", 1],
    ["network.3.shift", 0],
    ["network.3.mean", 0],
    ["network.3.variance", 1],
    ["network.4.bias", 0],
  ]);
});

test("an embedding's table is uniform on ±0.05, by the words of its own sequence", () => {
  const [table] = initialWeights(deepPlan(999, 8));
  const values = table?.values ?? new Float32Array();
  expect(values).toHaveLength(8000);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  for (const value of values) expect(Math.abs(value)).toBeLessThanOrEqual(Math.fround(0.05));
  // the mean's standard error is 0.1 / √(12 · 8000) = 0.00032
  expect(Math.abs(mean)).toBeLessThan(0.0011);
  expect(variance).toBeCloseTo(0.1 ** 2 / 12, 4);
  // the third block of stream 3 at layer 0, from the generator itself
  const words = new Uint32Array(4);
  philox([2, 0, 0, 0], [17, 3], words);
  expect([...values.subarray(8, 12)]).toEqual(
    [...words].map((word) => Math.fround((2 * ((word >>> 8) / 2 ** 24) - 1) * 0.05)),
  );
});

test("two embeddings of one plan begin with other numbers", () => {
  const plan = deepPlan(3, 2);
  const [layer] = plan.network;
  if (layer === undefined) throw new Error("there is no layer");
  const [first, second] = initialWeights({ ...plan, network: [layer, ...plan.network] });
  expect(first?.values).not.toEqual(second?.values.subarray(0, first?.values.length));
});
