import type { Plan } from "../../engines/plan.ts";

/** A small plan that passes every check, with some of its fields replaced. */
export function somePlan(fields: Partial<Plan> = {}): Plan {
  return {
    kind: "tierbook.plan",
    version: 1,
    features: [
      { column: "length", kind: "number", scale: "standard", missing: "mean" },
      { column: "depth", kind: "number", scale: "standard", missing: "refuse" },
      { column: "island", kind: "category", vocabulary: ["Biscoe", "Dream"] },
      { column: "adult", kind: "boolean", missing: "false" },
    ],
    target: { column: "species", kind: "category", vocabulary: ["Adelie", "Chinstrap", "Gentoo"] },
    split: { kind: "stratified", validation: 0.25 },
    network: [
      { type: "dense", units: 8, activation: "relu", bias: true, init: "heNormal" },
      { type: "dropout", rate: 0.1 },
      { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" },
    ],
    loss: { type: "softmaxCrossEntropy" },
    optimizer: { type: "adam", lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    schedule: { type: "constant" },
    seed: 17,
    epochs: 3,
    batch: 16,
    ...fields,
  };
}
