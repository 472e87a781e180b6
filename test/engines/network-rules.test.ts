import { describe, expect, test } from "vitest";
import { checkPlan } from "../../engines/plan-check.ts";
import { loud } from "./loud-checks.ts";
import { somePlan } from "./some-plan.ts";

const dense = { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" };
const airports = ["ATL", "BOS"];
const embedding = { type: "embedding", columns: ["origin"], units: 2, init: "uniform" };
const batchNorm = { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 };
const layerNorm = { type: "layerNorm", epsilon: 1e-5 };

/** A plan of two airports, a part of the day and a number. */
function flights(network: readonly unknown[], fields: Record<string, unknown> = {}): unknown {
  return {
    ...somePlan(),
    features: [
      { column: "origin", kind: "category", vocabulary: airports },
      { column: "destination", kind: "category", vocabulary: airports },
      { column: "part", kind: "category", vocabulary: ["morning", "evening"] },
      { column: "distance", kind: "number", scale: "standard", missing: "mean" },
    ],
    network,
    ...fields,
  };
}

describe("checkPlan of embeddings", () => {
  test("passes embeddings of one and of several categories, before all other layers", () => {
    const both = { ...embedding, columns: ["origin", "destination"] };
    const part = { ...embedding, columns: ["part"] };
    expect(loud(flights([both, part, layerNorm, dense]))).toEqual({});
  });

  test("refuses one after another layer", () => {
    expect(loud(flights([{ type: "dropout", rate: 0.1 }, embedding, dense]))).toEqual({
      "network[1].type":
        "an `embedding` stands after a `dropout`, which leaves no words to embed / put the embedding layers first",
    });
    expect(loud(flights([embedding]))).toMatchObject({
      "network[0].type": expect.stringMatching(/^the last layer is `embedding`/),
    });
  });

  test("names each column that is no category feature, and the nearest one that is", () => {
    const strange = { ...embedding, columns: ["orign", "distance", "carrier"] };
    expect(loud(flights([strange, dense]))).toEqual({
      "network[0].columns[0]": "`orign` is no feature of the plan / did you mean `origin`?",
      "network[0].columns[1]":
        "`distance` is a number, which has no words to embed / leave it out: it goes into the network as it is",
      "network[0].columns[2]":
        "`carrier` is no feature of the plan / add `carrier` to the features",
    });
  });

  test("says nothing of columns that a malformed feature may hold", () => {
    const features = [{ column: "origin", kind: "category" }];
    expect(Object.keys(loud(flights([embedding, dense], { features })))).toEqual([
      "features[0].vocabulary",
    ]);
  });

  test("refuses a column that is embedded twice, by one layer or by two", () => {
    const twice = { ...embedding, columns: ["origin", "origin"] };
    expect(loud(flights([twice, embedding, dense]))).toEqual({
      "network[0].columns[1]": "`origin` is embedded by this layer already / name each column once",
      "network[1].columns[0]": "`origin` is embedded by network[0] already / name each column once",
    });
  });

  test("refuses to share a table between vocabularies that differ, and says which do", () => {
    const shared = { ...embedding, columns: ["origin", "destination", "part"] };
    expect(loud(flights([shared, dense]))).toEqual({
      "network[0].columns":
        "they share one table of vectors, but `part` has another vocabulary than `origin` / " +
        'give each a layer: `embedding("origin", 2), embedding("destination", 2), embedding("part", 2)`; or declare the same `values` for them in the schema',
    });
    const turned = [
      { column: "origin", kind: "category", vocabulary: airports },
      { column: "destination", kind: "category", vocabulary: airports.toReversed() },
    ];
    const both = { ...embedding, columns: ["origin", "destination"] };
    expect(Object.keys(loud(flights([both, dense], { features: turned })))).toEqual([
      "network[0].columns",
    ]);
  });

  test("refuses no columns, no units and fields that there are not", () => {
    const wrong = { ...embedding, columns: [], units: 0, unit: 3 };
    expect(loud(flights([wrong, dense]))).toEqual({
      "network[0].columns": "it is 0 / expected >=1",
      "network[0].units": "it is 0 / expected >=1",
      "network[0].unit": "there is no field `unit` here / did you mean `units`?",
    });
  });
});

describe("checkPlan of normalisations", () => {
  test("refuses them at the end", () => {
    for (const last of [batchNorm, layerNorm])
      expect(loud(flights([dense, last]))["network[1].type"]).toBe(
        `the last layer is \`${last.type}\` / end the network with a dense layer as wide as the output`,
      );
  });

  test("refuses a layerNorm of one column, wherever the one comes from", () => {
    const one = { ...dense, units: 1, activation: "relu" };
    expect(loud(flights([one, layerNorm, dense]))).toHaveProperty(["network[1].type"]);
    expect(loud(flights([one, { type: "dropout", rate: 0.1 }, layerNorm, dense]))).toHaveProperty([
      "network[2].type",
    ]);
    const distance = { column: "distance", kind: "number", scale: "none", missing: "mean" };
    expect(loud(flights([layerNorm, dense], { features: [distance] }))).toHaveProperty([
      "network[0].type",
    ]);
    const origin = { column: "origin", kind: "category", vocabulary: airports };
    const narrow = { ...embedding, units: 1 };
    expect(loud(flights([narrow, layerNorm, dense], { features: [origin] }))).toHaveProperty([
      "network[1].type",
    ]);
    expect(loud(flights([embedding, layerNorm, dense], { features: [origin] }))).toEqual({});
  });

  test("warns of a bias that a batchNorm takes away, and of none that has an activation after it", () => {
    const hidden = { ...dense, units: 4 };
    expect(checkPlan(flights([hidden, batchNorm, dense]))).toContainEqual({
      name: "network",
      verdict: "warn",
      where: "network[0].bias",
      message: "the `batchNorm` after it takes the bias away again, so it learns nothing",
      hint: "say `bias: false`",
    });
    expect(loud(flights([{ ...hidden, bias: false }, batchNorm, dense]))).toEqual({});
    expect(loud(flights([{ ...hidden, activation: "relu" }, batchNorm, dense]))).toEqual({});
    expect(loud(flights([hidden, layerNorm, dense]))).toEqual({});
  });

  test("refuses batches of one row, whose variance a batchNorm would divide by", () => {
    expect(loud(flights([batchNorm, dense], { batch: 1 }))).toHaveProperty("batch");
    expect(loud(flights([layerNorm, dense], { batch: 1 }))).toEqual({});
  });

  test("refuses a momentum and an epsilon out of range", () => {
    const wrong = [{ ...batchNorm, momentum: 0 }, { ...layerNorm, epsilon: 0 }, dense];
    expect(Object.keys(loud(flights(wrong)))).toEqual([
      "network[0].momentum",
      "network[1].epsilon",
    ]);
  });
});

test("checkPlan lists the layer types for one that it does not know", () => {
  const hint = "use `embedding`, `dense`, `batchNorm`, `layerNorm` or `dropout`";
  for (const type of ["lstm", "transmogrify"])
    expect(checkPlan(flights([{ type }, dense]))).toContainEqual(expect.objectContaining({ hint }));
});
