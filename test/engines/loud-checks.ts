import { checkPlan } from "../../engines/plan-check.ts";

/** All that is not in order, by where. */
export function loud(plan: unknown): Record<string, string> {
  return Object.fromEntries(
    checkPlan(plan)
      .filter(({ verdict }) => verdict !== "pass")
      .map(({ where = "", message, hint = "" }) => [where, `${message} / ${hint}`]),
  );
}
