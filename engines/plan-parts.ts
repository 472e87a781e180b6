import type { Baseline, Feature, Layer, Loss, Split, Target } from "./plan.ts";

/** The parts of a plan that are well-formed by themselves; undefined stands for one that is not. */
export interface PlanParts {
  readonly features?: readonly (Feature | undefined)[];
  readonly target?: Target;
  readonly split?: Split;
  readonly network?: readonly (Layer | undefined)[];
  readonly loss?: Loss;
  readonly baseline?: Baseline;
  readonly batch?: number;
}
