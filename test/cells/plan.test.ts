import { expect, test } from "vitest";
import { dense, dropout } from "../../cells/layers.ts";
import { stages } from "../../cells/stages.ts";
import type { TableSchema } from "../../cells/table-schema.ts";
import type { QueryClient } from "../../data/query-client.ts";
import { planDigest, recipeDigest } from "../../engines/index.ts";
import { cardText, FakeHost, lastState } from "./fake-host.ts";

const noDatabase: QueryClient = {
  engineVersion: "v0",
  query: () => Promise.reject(new Error("a plan asks no database")),
  adopt: () => Promise.resolve(),
  release: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const host = new FakeHost(noDatabase);
const { plan } = stages(host);

const schema: TableSchema = {
  kind: "tierbook.schema",
  version: 1,
  table: "0".repeat(64),
  columns: [
    { name: "species", type: "category", nullable: false, vocabulary: ["a", "b", "c"] },
    { name: "island", type: "category", nullable: true, vocabulary: ["x", "y"] },
    { name: "mass", type: "number", nullable: false, min: 1, max: 9 },
    { name: "length", type: "integer", nullable: true },
    { name: "male", type: "boolean", nullable: true },
  ],
};

test("every default is written out, so the plan stands alone", async () => {
  const { value, card } = await lastState(
    plan({
      schema,
      features: ["island", "mass", "length", "male"],
      target: "species",
      network: [dense(8, "relu"), dropout(0.1), dense(3)],
      epochs: 40,
      batch: 16,
      seed: 5,
    }),
  );
  expect(value).toEqual({
    kind: "tierbook.plan",
    version: 1,
    features: [
      { column: "island", kind: "category", vocabulary: ["x", "y"] },
      { column: "mass", kind: "number", scale: "standard", missing: "refuse" },
      { column: "length", kind: "number", scale: "standard", missing: "mean" },
      { column: "male", kind: "boolean", missing: "false" },
    ],
    target: { column: "species", kind: "category", vocabulary: ["a", "b", "c"] },
    split: { kind: "stratified", validation: 0.2 },
    network: [
      { type: "dense", units: 8, activation: "relu", bias: true, init: "heNormal" },
      { type: "dropout", rate: 0.1 },
      { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" },
    ],
    loss: { type: "softmaxCrossEntropy" },
    optimizer: { type: "adam", lr: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    schedule: { type: "constant" },
    seed: 5,
    epochs: 40,
    batch: 16,
  });
  expect(card.status).toBe("pass");
  // 6 inputs: two words and the unknown, two numbers, a truth value
  expect(cardText(card)).toContain("input | 6 |");
  expect(cardText(card)).toContain("dense | 8 | 56 | relu");
  expect(cardText(card)).toContain("dense | 3 | 27 | linear");
});

test("a plan is the same plan however it was written", async () => {
  const short = await lastState(
    plan({ schema, features: ["mass"], target: "length", network: [dense(1)], optimizer: "sgd" }),
  );
  const long = await lastState(
    plan({
      features: [{ column: "mass", kind: "number", scale: "standard", missing: "refuse" }],
      target: { kind: "number", column: "length", scale: "standard" },
      network: [{ type: "dense", units: 1, activation: "linear" }],
      split: { validation: 0.2 },
      loss: "meanSquaredError",
      optimizer: { type: "sgd", momentum: 0, lr: 0.001 },
      schedule: "constant",
      epochs: 20,
      batch: 32,
      seed: 17,
    }),
  );
  expect(short.value).toEqual(long.value);
});

test("the receipt names the plan and the recipe", async () => {
  const { value } = await lastState(
    plan({ schema, features: ["mass"], target: "male", network: [dense(1)] }),
  );
  if (value === undefined) throw new Error("there is no plan");
  expect(host.receipts.at(-1)).toMatchObject({
    stage: "plan",
    verdict: "pass",
    subject: { plan: planDigest(value), recipe: recipeDigest(value) },
  });
  expect(value.loss).toEqual({ type: "sigmoidCrossEntropy" });
});

test("faults are shown all together, and the plan is given all the same", async () => {
  const { value, card, error } = await lastState(
    plan({
      schema,
      features: ["mas", "species"],
      target: "species",
      network: [dense(4, "rellu"), { type: "lstm", units: 3 }, dense(4)],
      optimizer: { type: "adam", lr: -1 },
      epochs: 0,
    }),
  );
  expect(error).toBeUndefined();
  expect(value).toBeDefined();
  expect(card.status).toBe("fail");
  const text = cardText(card);
  for (const fault of [
    "features[0] the schema declares no column `mas` Did you mean `mass`?",
    "network[0].activation",
    "network[1].type",
    "optimizer.lr",
    "epochs",
    "the target `species` is among the features",
    "network[2].units",
  ])
    expect(text).toContain(fault);
});

test("what cannot be meant throws, with the nearest name", () => {
  const base = { schema, features: ["mass"], target: "species", network: [dense(3)] };
  expect(() => plan({ ...base, epoch: 3 })).toThrow(
    expect.objectContaining({ code: "argument", hint: "Did you mean `epochs`?" }),
  );
  expect(() => Reflect.apply(plan, null, [undefined])).toThrow(/the options are undefined/);
  expect(() => plan({ ...base, schema: "penguins" })).toThrow(/the schema is "penguins"/);
  expect(() => plan({ ...base, features: "mass" })).toThrow(/the features are "mass"/);
  expect(() => plan({ features: ["mass"], target: "species", network: [] })).toThrow(
    /there is no schema that says what it is/,
  );
  expect(() => plan({ ...base, seed: () => 3 })).toThrow(/seed is a function/);
  expect(() => plan({ ...base, network: [dense(Number.NaN)] })).toThrow(
    "plan({...}): network[0].units is NaN, which JSON cannot carry",
  );
});

test("a plan cannot be changed by a cell that reads it", async () => {
  const { value } = await lastState(
    plan({ schema, features: ["mass"], target: "species", network: [dense(3)] }),
  );
  expect(() => Object.assign(value?.network[0] ?? {}, { units: 9 })).toThrow(TypeError);
});
