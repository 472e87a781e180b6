import type { Plan } from "../engines/plan.ts";
import { describe } from "./options.ts";
import { StageError } from "./stage-error.ts";

/**
 * The plan that a cell gave to a stage. Only its kind is looked at; its faults are the checks'.
 *
 * @throws {StageError} `argument` for what is no plan
 */
export function readPlan(call: string, value: unknown): Plan {
  if (isPlan(value)) return value;
  throw new StageError(
    `${call}: the plan is ${describe(value)}`,
    "argument",
    "Give the value of a cell with view(plan({...}))",
  );
}

function isPlan(value: unknown): value is Plan {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "tierbook.plan"
  );
}
