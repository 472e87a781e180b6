import { jsonDigest } from "../runtime/sha256.ts";
import { parsePlan, PlanError } from "./plan-check.ts";
import { scaleFields, type Plan } from "./plan.ts";

/** The digest that names a plan. */
export function planDigest(plan: Plan): string {
  return jsonDigest(plan);
}

/** The digest of a plan less its scale fields: what all tiers of one ladder share. */
export function recipeDigest(plan: Plan): string {
  return jsonDigest(
    Object.fromEntries(Object.entries(plan).filter(([field]) => !isScaleField(field))),
  );
}

/**
 * A plan with other scale fields. `undefined` leaves a field as it is.
 *
 * @throws {PlanError} if another field is named, or a value is out of its range
 */
export function scalePlan(plan: Plan, overrides: Readonly<Record<string, unknown>>): Plan {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const refused = given.filter(([field]) => !isScaleField(field));
  if (refused.length > 0)
    throw new PlanError(
      refused.map(([field]) => ({
        name: "scale",
        verdict: "fail",
        where: field,
        message: `\`${field}\` may not differ between tiers`,
        hint: `only ${scaleFields.map((name) => `\`${name}\``).join(" and ")} may; change the plan itself and climb again`,
      })),
    );
  return parsePlan({ ...plan, ...Object.fromEntries(given) });
}

function isScaleField(field: string): boolean {
  return scaleFields.some((name) => name === field);
}
