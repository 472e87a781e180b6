import type { Optimizer } from "../../../engines/plan.ts";

/** One of each kind of update that keeps slots. */
export const layeredOptimizers: readonly [Optimizer, Optimizer] = [
  { type: "sgd", lr: 0.05, momentum: 0.9 },
  { type: "adam", lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
];
