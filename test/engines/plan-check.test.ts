import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPlan, parsePlan, PlanError } from "../../engines/plan-check.ts";
import type { Layer } from "../../engines/plan.ts";
import { loud } from "./loud-checks.ts";
import { somePlan } from "./some-plan.ts";

/** Faults as `where: message`, hints left out. */
function faults(plan: unknown): string[] {
  return checkPlan(plan)
    .filter(({ verdict }) => verdict === "fail")
    .map(({ where, message }) => `${where ?? ""}: ${message}`);
}

const dense = { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" };

describe("checkPlan", () => {
  test("passes a sound plan, with what it looked at", () => {
    const checks = checkPlan(somePlan());
    expect(checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      "config pass",
      "features pass",
      "network pass",
      "target pass",
      "learning pass",
    ]);
    expect(parsePlan(somePlan())).toEqual(somePlan());
  });

  test("names every fault at once, each with where and how to mend it", () => {
    const checks = checkPlan({
      ...somePlan(),
      features: [
        { column: "length", kind: "number", scale: "standard", missing: "mean" },
        { column: "length", kind: "number", scale: "standard", missing: "mean" },
        { column: "species", kind: "category", vocabulary: ["a"] },
        { column: "island", kind: "category", vocabulary: ["Biscoe", "Biscoe"] },
        { column: "depth", kind: "number", scale: "log", missing: "mean" },
      ],
      split: { kind: "random", validation: 1 },
      network: [
        { ...dense, units: -4 },
        { type: "dropout", rate: 1 },
        { ...dense, units: 4 },
      ],
      optimizer: { type: "adam", lr: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      seed: -1,
      epochs: 1.5,
      batch: 0,
      colour: "red",
    });
    const failed = checks.filter(({ verdict }) => verdict === "fail");
    expect(failed.map(({ where }) => where).sort()).toEqual([
      "batch",
      "colour",
      "epochs",
      "features[1].column",
      "features[2].column",
      "features[3].vocabulary",
      "features[4].scale",
      "network[0].units",
      "network[1].rate",
      "network[2].units",
      "optimizer.lr",
      "seed",
      "split.validation",
    ]);
    expect(failed.filter(({ hint }) => hint === undefined).map(({ where }) => where)).toEqual([
      "colour",
      "features[3].vocabulary",
    ]);
    expect(checks.some(({ name, verdict }) => name === "config" && verdict === "pass")).toBe(false);
  });

  test("says which width the output needs", () => {
    const network = [{ ...dense, units: 4 }] as Layer[];
    expect(checkPlan(somePlan({ network }))).toContainEqual({
      name: "target",
      verdict: "fail",
      where: "network[0].units",
      message: "the last layer has 4 units, but the target `species` of 3 classes needs 3",
      hint: "use `dense(3)`",
    });
  });

  test("refuses by name a layer type that exists elsewhere but not here", () => {
    expect(faults({ ...somePlan(), network: [{ type: "lstm", units: 8 }, dense] })).toEqual([
      "network[0].type: the layer type `lstm` is not supported by this engine yet",
    ]);
  });

  test("tells a misspelt layer type and a misspelt field what was meant", () => {
    const checks = checkPlan({
      ...somePlan(),
      network: [
        { type: "dens", units: 3 },
        { ...dense, activaton: "relu" },
      ],
    });
    expect(checks).toContainEqual({
      name: "network",
      verdict: "fail",
      where: "network[0].type",
      message: "there is no layer type `dens`",
      hint: "did you mean `dense`?",
    });
    expect(checks).toContainEqual({
      name: "network",
      verdict: "fail",
      where: "network[1].activaton",
      message: "there is no field `activaton` here",
      hint: "did you mean `activation`?",
    });
  });

  test("refuses an empty network, no features, and a network that ends in dropout", () => {
    expect(faults({ ...somePlan(), network: [] })).toEqual(["network: the network has no layers"]);
    expect(faults({ ...somePlan(), features: [] })).toEqual(["features: there are no features"]);
    expect(faults({ ...somePlan(), network: [dense, { type: "dropout", rate: 0.5 }] })).toEqual([
      "network[1].type: the last layer is `dropout`",
    ]);
  });

  test.each([
    [{ loss: { type: "meanSquaredError" } }, "loss.type"],
    [{ loss: { type: "sigmoidCrossEntropy" } }, "loss.type"],
    [{ target: { column: "m", kind: "number", scale: "none" } }, "loss.type"],
    [
      {
        target: { column: "m", kind: "number", scale: "none" },
        loss: { type: "meanSquaredError" },
        network: [{ ...dense, units: 1 }],
      },
      "split.kind",
    ],
    [{ network: [{ ...dense, activation: "relu" }] }, "network[0].activation"],
  ])("refuses a target, loss, split and output that do not go together: %j", (fields, where) => {
    const failed = checkPlan({ ...somePlan(), ...fields }).filter(
      ({ verdict }) => verdict === "fail",
    );
    expect(failed.map((check) => check.where)).toContain(where);
    for (const { hint } of failed) expect(hint).toBeDefined();
  });

  test.each([
    [{ target: { column: "b", kind: "boolean" }, loss: { type: "sigmoidCrossEntropy" } }, 1],
    [{ target: { column: "b", kind: "boolean" } }, 2],
    [
      {
        target: { column: "s", kind: "category", vocabulary: ["f", "m"] },
        loss: { type: "sigmoidCrossEntropy" },
      },
      1,
    ],
  ])("takes the pairs of target and loss that go together: %j", (fields, units) => {
    expect(faults({ ...somePlan(), ...fields, network: [{ ...dense, units }] })).toEqual([]);
  });

  test("says what is missing", () => {
    const { seed: _seed, loss: _loss, ...plan } = somePlan();
    expect(faults(plan)).toEqual(["loss: it is missing", "seed: it is missing"]);
  });

  test("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.keys(somePlan())), (value, field) => {
        expect(Array.isArray(checkPlan(value))).toBe(true);
        expect(Array.isArray(checkPlan({ ...somePlan(), [field]: value }))).toBe(true);
      }),
    );
  });

  test("bounds what it says about a plan that is wrong in very many places", () => {
    const checks = checkPlan({ ...somePlan(), features: Array.from({ length: 5000 }, () => ({})) });
    expect(checks.length).toBeLessThan(210);
    expect(checks.some(({ message }) => message === "there are 4800 more faults")).toBe(true);
  });
});

describe("checkPlan of splits", () => {
  const time = { kind: "time", column: "day", gap: 0 };

  test("takes a split by time from a moment on, or of the latest share", () => {
    for (const part of [
      { from: "2001-06-01" },
      { from: "2001-06-01T12:00:00Z" },
      { validation: 0.2 },
    ]) {
      const split = { ...time, ...part };
      expect(loud({ ...somePlan(), split })).toEqual({});
      expect(parsePlan({ ...somePlan(), split }).split).toEqual(split);
    }
  });

  test.each([
    [{ kind: "tim", validation: 0.2 }, "split.kind", /^it is "tim" \/ expected "random" or /],
    [{ validation: 0.2 }, "split.kind", /^it is missing/],
    [{ ...time, gap: 0 }, "split.validation", /^it is missing/],
    [{ kind: "time", gap: 0, validation: 0.2 }, "split.column", /^it is missing/],
    [{ ...time, validation: 0.2, gap: -1 }, "split.gap", /^it is -1 \/ expected >=0/],
    [{ ...time, from: "1 June" }, "split.from", /^it is "1 June" \/ expected a day or a moment/],
    [{ ...time, from: 2001 }, "split.from", /^it is 2001 \/ expected string/],
    [{ ...time, from: "2001-02-30" }, "split.from", /"2001-06-01T12:00:00Z"$/],
    [
      { ...time, from: "2001-06-01", validation: 0.2 },
      "split.validation",
      /^`from` says already which rows are for validation \/ leave one of them out$/,
    ],
    [{ ...time, validation: 0.2, gapp: 3 }, "split.gapp", /did you mean `gap`\?$/],
    [{ kind: "random", validation: 0.2, gap: 3 }, "split.gap", /^there is no field `gap` here/],
    ["time", "split", /^it is "time" \/ expected Object/],
  ])("names the field of %j that is wrong", (split, where, text) => {
    const found = loud({ ...somePlan(), split });
    expect(Object.keys(found)).toEqual([where]);
    expect(found[where]).toMatch(text);
  });
});

describe("checkPlan of class weights", () => {
  const classify = (classWeights: unknown): unknown => ({
    ...somePlan(),
    loss: { type: "softmaxCrossEntropy", classWeights },
  });
  const number = {
    target: { column: "mass", kind: "number", scale: "standard" },
    loss: { type: "meanSquaredError", classWeights: "balanced" },
    split: { kind: "random", validation: 0.2 },
    network: [{ ...dense, units: 1 }],
  };

  test("takes balanced ones, and one a class", () => {
    expect(loud(classify("balanced"))).toEqual({});
    expect(loud(classify([1, 2, 0.5]))).toEqual({});
  });

  test.each([
    [
      [1, 2],
      "loss.classWeights",
      /^there are 2 weights for 3 classes .* Adelie, Chinstrap, Gentoo/,
    ],
    [[1, -2, 1], "loss.classWeights[1]", /^it is -2 \/ expected >0/],
    [[1, "2", 1], "loss.classWeights[1]", /^it is "2" \/ expected number/],
    ["balance", "loss.classWeights", /^it is "balance" \/ expected "balanced"/],
  ])("refuses %j, and says where", (weights, where, text) => {
    const found = loud(classify(weights));
    expect(Object.keys(found)).toEqual([where]);
    expect(found[where]).toMatch(text);
  });

  test("refuses them for a number, which has no classes", () => {
    expect(loud({ ...somePlan(), ...number })).toEqual({
      "loss.classWeights": "a number has no classes to weigh / leave the weights out",
    });
  });

  test("tells a misspelt one what was meant", () => {
    const loss = { type: "softmaxCrossEntropy", classWeight: "balanced" };
    expect(loud({ ...somePlan(), loss })).toEqual({
      "loss.classWeight": "there is no field `classWeight` here / did you mean `classWeights`?",
    });
  });
});

describe("checkPlan of a baseline", () => {
  const late = {
    target: { column: "late", kind: "boolean" },
    loss: { type: "sigmoidCrossEntropy" },
    network: [{ ...dense, units: 1 }],
  };

  test("takes a column, feature or not, for two classes or a number", () => {
    for (const column of ["length", "rate"])
      expect(loud({ ...somePlan(), ...late, baseline: { column } })).toEqual({});
  });

  test("refuses one for more classes than a column can tell", () => {
    expect(loud({ ...somePlan(), baseline: { column: "rate" } })).toEqual({
      baseline:
        "one column cannot hold the probabilities of 3 classes / leave the baseline out: the commonest class stands in for it",
    });
  });

  test("refuses the target itself, and what is no column", () => {
    expect(loud({ ...somePlan(), ...late, baseline: { column: "late" } })).toHaveProperty([
      "baseline.column",
    ]);
    expect(loud({ ...somePlan(), ...late, baseline: "rate" })).toEqual({
      baseline: 'it is "rate" / expected Object',
    });
  });
});

describe("parsePlan", () => {
  test("throws all faults in one error", () => {
    const wrong = (): unknown => parsePlan({ ...somePlan(), seed: "x", batch: 0 });
    expect(wrong).toThrow(PlanError);
    expect(wrong).toThrow(/^seed: it is "x" \(and 1 more\)$/);
  });
});
