import { expect, test } from "vitest";
import { batchNorm, dense, dropout, embedding } from "../../cells/layers.ts";
import { stages } from "../../cells/stages.ts";
import type { TableSchema } from "../../cells/table-schema.ts";
import type { QueryClient } from "../../data/query-client.ts";
import { checkPlan, planDigest, recipeDigest } from "../../engines/index.ts";
import { cardText, FakeHost, lastState, nextState, receiptFrom, watch } from "./fake-host.ts";

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

test("the plan is given at once, and its card names the receipt once that is written", async () => {
  const watching = watch(
    plan({ schema, features: ["mass"], target: "male", network: [dense(1)], seed: 5 }),
  );
  const states = [await nextState(watching)];
  while (states.at(-1)?.value === undefined) states.push(await nextState(watching));
  expect(states.at(-1)?.card.receipt).toBeUndefined();
  const last = await nextState(watching);
  const [written] = host.receipts.slice(-1);
  if (written === undefined) throw new Error("no receipt was written");
  expect(last.card).toEqual({
    ...states.at(-1)?.card,
    receipt: receiptFrom(written, "frame").id,
  });
  // one value, so that no cell runs again for a receipt
  expect(last.value).toBe(states.at(-1)?.value);
  expect((await watching.next()).done).toBe(true);
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

test("a plan of what plans had before is the same plan as before", async () => {
  const { value } = await lastState(
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
  if (value === undefined) throw new Error("there is no plan");
  expect(planDigest(value)).toBe(
    "d9e8cc1d63c5b72bea51ce55a398b98fb3b3d9c5ad32eaf86803e7feb5c9a593",
  );
});

const airports = ["ATL", "BOS", "JFK"];
const flights: TableSchema = {
  kind: "tierbook.schema",
  version: 1,
  table: "1".repeat(64),
  columns: [
    { name: "day", type: "date", nullable: false },
    { name: "origin", type: "category", nullable: false, vocabulary: airports },
    { name: "destination", type: "category", nullable: false, vocabulary: airports },
    { name: "rate", type: "number", nullable: true, min: 0, max: 1 },
    { name: "late", type: "boolean", nullable: false },
  ],
};

/** A plan of flights, with some of its options replaced. */
function flightPlan(options: Readonly<Record<string, unknown>> = {}) {
  return lastState(
    plan({
      schema: flights,
      features: ["origin", "destination", "rate"],
      target: "late",
      network: [embedding(["origin", "destination"], 8), dense(1)],
      ...options,
    }),
  );
}

/** The same schema with one column more, or without its time. */
function flightsWith(...columns: TableSchema["columns"]): TableSchema {
  return { ...flights, columns: [...flights.columns, ...columns] };
}

const untimed: TableSchema = { ...flights, columns: flights.columns.slice(1) };

test("a table with a time is parted by it, from the moment that is named or else the latest fifth", async () => {
  expect((await flightPlan()).value?.split).toEqual({
    kind: "time",
    column: "day",
    gap: 0,
    validation: 0.2,
  });
  expect((await flightPlan({ split: 0.3 })).value?.split).toMatchObject({ validation: 0.3 });
  expect((await flightPlan({ split: { from: "2001-06-01" } })).value?.split).toEqual({
    kind: "time",
    column: "day",
    gap: 0,
    from: "2001-06-01",
  });
});

test("a split by time is the same however it is written", async () => {
  const splits = [
    { kind: "time", column: "day", from: "2001-06-01", gap: "1 day" },
    { kind: "time", from: new Date("2001-06-01"), gap: 86_400 },
    { from: "2001-06-01T00:00:00Z", gap: "24 hours" },
  ];
  for (const split of splits) {
    const { value, card } = await flightPlan({ split });
    expect(card.status).toBe("pass");
    expect(value?.split).toEqual({ kind: "time", column: "day", from: "2001-06-01", gap: 86_400 });
    expect(cardText(card)).toContain("Split: from 2001-06-01 on, by day, with a gap of 1 day");
  }
});

test.each(["random", "stratified"])(
  "a %s split of a table with a time is refused, with the code to write instead",
  async (kind) => {
    const { value, card } = await flightPlan({ split: { kind, validation: 0.3 } });
    expect(card.status).toBe("fail");
    expect(card.summary).toBe("1 fault in the plan; the dry run will refuse it");
    expect(host.receipts.at(-1)?.checks).toContainEqual({
      name: "split",
      verdict: "fail",
      where: "split.kind",
      message:
        "`day` says when each row happened, so rows parted by chance would let the model learn from the future",
      hint: 'write `split: {kind: "time", column: "day", validation: 0.3}`; where rows do not depend on time, leave `day` out of the schema',
    });
    // the dry run, which has no schema, refuses it all the same
    expect(checkPlan(value).map(({ where }) => where)).toContain("split");
  },
);

test("where the schema declares no time, rows are parted by chance as before", async () => {
  const options = { schema: untimed };
  expect((await flightPlan(options)).value?.split).toEqual({ kind: "stratified", validation: 0.2 });
  const { value, card } = await flightPlan({ ...options, split: { kind: "random" } });
  expect(card.status).toBe("pass");
  expect(value?.split).toEqual({ kind: "random", validation: 0.2 });
});

test.each([
  [
    { schema: flightsWith({ name: "landed", type: "timestamp", nullable: true }) },
    'split.column the schema declares 2 times: `day` and `landed` say which one parts the rows: `split: {kind: "time", column: "day"}`',
  ],
  [
    { schema: untimed, split: { kind: "time" } },
    'split.column the schema declares no date or timestamp declare one, such as `day: "date"`',
  ],
  [
    { split: { kind: "time", column: "dayy" } },
    "split.column the schema declares no column `dayy` Did you mean `day`?",
  ],
  [
    { split: { kind: "time", column: "rate" } },
    "split.column `rate` is declared as number, which is no time the times are `day`",
  ],
])("a time that cannot be meant is one fault on the card: %#", async (options, text) => {
  const { card } = await flightPlan(options);
  expect(card.summary).toMatch(/^1 fault /);
  expect(cardText(card)).toContain(text);
});

test("a gap that is no span of time throws, and says what is one", () => {
  const split = { kind: "time", column: "day", gap: "a day" };
  expect(() =>
    plan({ schema: flights, features: ["rate"], target: "late", network: [dense(1)], split }),
  ).toThrow(
    expect.objectContaining({
      code: "argument",
      message: 'plan({...}): split.gap is "a day", which is no span of time',
    }),
  );
});

test("class weights are the loss's, wherever they stand", async () => {
  const loss = { type: "sigmoidCrossEntropy", classWeights: "balanced" };
  for (const options of [
    { classWeights: "balanced" },
    { loss: { classWeights: "balanced" } },
    { loss: "sigmoidCrossEntropy", classWeights: "balanced" },
    { loss },
  ]) {
    const { value, card } = await flightPlan(options);
    expect(value?.loss).toEqual(loss);
    expect(cardText(card)).toContain("Loss: sigmoidCrossEntropy, classes balanced");
  }
  expect((await flightPlan({ classWeights: [1, 4] })).value?.loss.classWeights).toEqual([1, 4]);
  await expect(async () => flightPlan({ loss, classWeights: "balanced" })).rejects.toThrow(
    "the class weights are given twice",
  );
});

test("a baseline is a column, named or in an object, that the schema declares", async () => {
  for (const baseline of ["rate", { column: "rate" }]) {
    const { value, card } = await flightPlan({ baseline });
    expect(value?.baseline).toEqual({ column: "rate" });
    expect(card.status).toBe("pass");
    expect(cardText(card)).toContain("Baseline: rate");
  }
  expect(cardText((await flightPlan({ baseline: "rat" })).card)).toContain(
    "baseline.column the schema declares no column `rat` Did you mean `rate`?",
  );
  expect((await flightPlan()).value).not.toHaveProperty("baseline");
});

test("the card tells embeddings and normalisations layer by layer", async () => {
  const { card } = await flightPlan({
    network: [
      embedding(["origin", "destination"], 8),
      dense(4, { bias: false }),
      batchNorm(),
      dense(1),
    ],
  });
  const text = cardText(card);
  expect(card.status).toBe("pass");
  for (const line of [
    "input | 3 |  | 3 features",
    "embedding | 17 | 32 | 3 + 1 words → 8 for origin, destination",
    "dense | 4 | 68 | linear, no bias",
    "batchNorm | 4 | 8 | momentum 0.1, epsilon 0.00001",
    "dense | 1 | 5 | linear",
  ])
    expect(text).toContain(line);
});
