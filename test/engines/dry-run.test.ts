import { describe, expect, test } from "vitest";
import { digestKey } from "../../runtime/digest.ts";
import { tableFromRows } from "../../data/index.ts";
import { dryRun } from "../../engines/dry-run.ts";
import { planDigest, recipeDigest } from "../../engines/plan-digest.ts";
import { createTfjsEngine } from "../../engines/tfjs/index.ts";
import { referenceFor } from "./compare.ts";
import { somePlan } from "./some-plan.ts";
import { someRows, someTable } from "./some-rows.ts";

const engine = createTfjsEngine();
const rows = someTable(90);

describe("dryRun", () => {
  test("passes a sound plan with first loss, gradient, sizes, subject and environment", async () => {
    const plan = somePlan();
    const body = await dryRun(plan, rows, engine, "auto");
    const reference = referenceFor(plan, rows, 1);
    expect(body).toMatchObject({
      stage: "dryRun",
      subject: {
        plan: planDigest(plan),
        recipe: recipeDigest(plan),
        data: { rows: rows[digestKey] },
      },
      environment: { engine: "tfjs", backend: "wasm" },
      metrics: { parameters: 83, multiply_adds: 72 },
    });
    expect(body.metrics["first_loss"]).toBeCloseTo(reference.losses[0] ?? NaN, 5);
    expect(body.metrics["gradient_norm"]).toBeCloseTo(reference.gradientNorm, 5);
    expect(["pass", "warn"]).toContain(body.verdict);
    expect(body.checks.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(body.checks.find(({ name }) => name === "shapes")?.message).toBe(
      "6 → 8 → 8 → 3, 83 parameters",
    );
  });

  test("checks the rows of a plan that is faulty elsewhere", async () => {
    const plan = somePlan({
      features: [{ column: "lenght", kind: "number", scale: "standard", missing: "mean" }],
      batch: 0,
    });
    const { checks } = await dryRun(plan, rows, engine, "auto");
    const faults = checks.filter(({ verdict }) => verdict === "fail");
    expect(faults.map(({ where }) => where)).toEqual(["batch", "features[0].column"]);
    expect(faults[1]?.hint).toBe("did you mean `length`?");
  });

  test("reports faults of plan and rows together, each with where, and does not train", async () => {
    const plan = somePlan({
      features: [
        { column: "lenght", kind: "number", scale: "standard", missing: "mean" },
        { column: "depth", kind: "number", scale: "standard", missing: "refuse" },
      ],
    });
    const table = tableFromRows(
      "penguins",
      someRows(30).map((row, i) => ({
        ...row,
        depth: i === 3 ? null : row["depth"],
        species: i === 9 ? "Emperor" : row["species"],
      })),
    );
    const body = await dryRun(plan, table, engine, "wasm");
    expect(body.verdict).toBe("fail");
    expect(body.summary).toBe("Dry run failed: 3 faults to mend");
    const failed = body.checks.filter(({ verdict }) => verdict === "fail");
    expect(failed.map(({ where }) => where).sort()).toEqual([
      "depth",
      "features[0].column",
      "species",
    ]);
    for (const { hint } of failed) expect(hint).toBeDefined();
    expect(body.metrics["first_loss"]).toBeUndefined();
  });

  test("reports a plan that is none", async () => {
    for (const plan of [null, 3, [], { kind: "tierbook.plan" }]) {
      const body = await dryRun(plan, rows, engine, "wasm");
      expect(body).toMatchObject({ verdict: "fail", environment: {} });
      expect(body.subject.plan).toBeUndefined();
    }
  });

  test("refuses a network that cannot fit into memory, without trying", async () => {
    const wide = { type: "dense", units: 65_536, activation: "relu", bias: true } as const;
    const plan = somePlan({
      network: [
        { ...wide, init: "heNormal" },
        { ...wide, init: "heNormal" },
        { ...wide, units: 3, activation: "linear", init: "heNormal" },
      ],
    });
    const body = await dryRun(plan, rows, engine, "wasm");
    expect(body.checks).toContainEqual(
      expect.objectContaining({
        verdict: "fail",
        where: "network",
        message: "training would need about 68.7 GB, and this engine has 2.1 GB",
      }),
    );
  });

  test("reports a device that is not there", async () => {
    const body = await dryRun(somePlan(), rows, engine, "webgpu");
    expect(body.verdict).toBe("fail");
    expect(body.checks).toContainEqual(
      expect.objectContaining({ verdict: "fail", message: "there is no WebGPU adapter here" }),
    );
  });

  test("warns where the first loss is far from what guessing costs", async () => {
    const table = tableFromRows(
      "penguins",
      someRows(90).map((row, i) => ({ ...row, length: i * 1e3 })),
    );
    const plan = somePlan({
      features: [{ column: "length", kind: "number", scale: "none", missing: "mean" }],
    });
    const body = await dryRun(plan, table, engine, "wasm");
    expect(body.verdict).toBe("warn");
    expect(body.checks).toContainEqual(
      expect.objectContaining({ name: "first-loss", verdict: "warn" }),
    );
  });

  test("fails where the first loss is not finite", async () => {
    const table = tableFromRows(
      "penguins",
      someRows(90).map((row, i) => ({ ...row, length: i * 1e38 })),
    );
    const plan = somePlan({
      features: [{ column: "length", kind: "number", scale: "none", missing: "mean" }],
    });
    const body = await dryRun(plan, table, engine, "wasm");
    expect(body.verdict).toBe("fail");
    expect(body.checks).toContainEqual(
      expect.objectContaining({
        name: "first-batch",
        verdict: "fail",
        message: expect.stringMatching(/^the loss is (NaN|Infinity) at the first batch$/),
      }),
    );
  });

  test("says how the rows are parted, and by what time", async () => {
    const table = tableFromRows(
      "penguins",
      someRows(90).map((row, i) => ({ ...row, day: new Date(Date.UTC(2001, 4, 1 + i / 2)) })),
    );
    const split = { kind: "time", column: "day", gap: 86_400, from: "2001-06-01" } as const;
    const { checks } = await dryRun(somePlan({ split }), table, engine, "wasm");
    expect(checks).toContainEqual({
      name: "split",
      verdict: "pass",
      message:
        "60 training rows before 2001-06-01, 28 validation rows from then on, 2 in the gap of 1 day",
    });
  });

  test("passes a network of all layers, with embeddings, balanced classes and a baseline", async () => {
    const plan = somePlan({
      target: { column: "heavy", kind: "boolean" },
      loss: { type: "sigmoidCrossEntropy", classWeights: "balanced" },
      baseline: { column: "rate" },
      network: [
        { type: "embedding", columns: ["island"], units: 3, init: "uniform" },
        { type: "dense", units: 8, activation: "linear", bias: false, init: "glorotUniform" },
        { type: "batchNorm", momentum: 0.1, epsilon: 1e-5 },
        { type: "dense", units: 8, activation: "relu", bias: true, init: "heNormal" },
        { type: "layerNorm", epsilon: 1e-5 },
        { type: "dense", units: 1, activation: "linear", bias: true, init: "glorotUniform" },
      ],
    });
    const table = tableFromRows(
      "penguins",
      someRows(90).map((row, i) => ({ ...row, rate: (i % 10) / 10 })),
    );
    const body = await dryRun(plan, table, engine, "wasm");
    expect(body.checks.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(body.checks.find(({ name }) => name === "shapes")?.message).toBe(
      // 9 + 48 + 16 + 72 + 16 + 9
      "4 → 6 → 8 → 8 → 8 → 8 → 1, 170 parameters",
    );
  });

  test.each([
    ["weights of a hundred", [100, 100, 100]],
    ["weights of a hundredth", [0.01, 0.01, 0.01]],
    ["one heavy class", [1, 1, 500]],
    ["balanced classes", "balanced"],
  ] as const)("expects a first loss in proportion to what rows count: %s", async (_, weights) => {
    const loss = { type: "softmaxCrossEntropy", classWeights: weights } as const;
    const { checks } = await dryRun(somePlan({ loss }), rows, engine, "wasm");
    expect(checks.find(({ name }) => name === "first-loss")?.verdict).toBe("pass");
  });

  test("does not take a batch with a row of a rare class for a fault", async () => {
    // 3 of 90 rows are heavy, so that one in a batch of 4 weighs four times as much as a usual batch
    const table = tableFromRows(
      "penguins",
      someRows(90).map((row, i) => ({ ...row, heavy: i % 30 === 0 })),
    );
    for (let seed = 0; seed < 12; seed++) {
      const plan = somePlan({
        seed,
        batch: 4,
        target: { column: "heavy", kind: "boolean" },
        loss: { type: "sigmoidCrossEntropy", classWeights: "balanced" },
        network: [
          { type: "dense", units: 1, activation: "linear", bias: true, init: "glorotUniform" },
        ],
      });
      const { checks } = await dryRun(plan, table, engine, "wasm");
      expect(checks.find(({ name }) => name === "first-loss")?.verdict, `seed ${seed}`).toBe(
        "pass",
      );
    }
  });
});
