import type { Plan } from "../../../engines/plan.ts";
import { somePlan } from "../some-plan.ts";

const dense = { type: "dense", bias: true, init: "glorotUniform" } as const;

/** 2,100 units after 30: dX = dY Wᵀ has 16 × 30 outputs and an inner dimension of 2,100. */
export const widePlan: Plan = somePlan({
  network: [
    { ...dense, units: 30, activation: "tanh" },
    { ...dense, units: 2100, activation: "tanh" },
    { ...dense, units: 3, activation: "linear" },
  ],
  epochs: 2,
  batch: 16,
  optimizer: { type: "sgd", lr: 0.05, momentum: 0.9 },
});
