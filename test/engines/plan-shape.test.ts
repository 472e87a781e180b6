import { expect, test } from "vitest";
import { initialWeights } from "../../engines/initial-weights.ts";
import { planShape } from "../../engines/plan-shape.ts";
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
