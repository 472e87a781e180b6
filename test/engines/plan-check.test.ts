import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPlan, parsePlan, PlanError } from "../../engines/plan-check.ts";
import type { Layer } from "../../engines/plan.ts";
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

describe("parsePlan", () => {
  test("throws all faults in one error", () => {
    const wrong = (): unknown => parsePlan({ ...somePlan(), seed: "x", batch: 0 });
    expect(wrong).toThrow(PlanError);
    expect(wrong).toThrow(/^seed: it is "x" \(and 1 more\)$/);
  });
});
