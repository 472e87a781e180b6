import type { Plan } from "../engines/plan.ts";
import { isRecord } from "./options.ts";

/** One field in which two plans differ. */
export interface PlanDifference {
  /** `network[0].units` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The fields in which two plans differ, in the order of the plan. */
export function planDifferences(before: Plan, after: Plan): PlanDifference[] {
  return differences(before, after, "");
}

/** A difference as a person reads it: `network[0].units: 16 → 20`. */
export function differenceText({ path, before, after }: PlanDifference): string {
  return `${path}: ${valueText(before)} → ${valueText(after)}`;
}

function differences(before: unknown, after: unknown, path: string): PlanDifference[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, i) => differences(item, after[i], `${path}[${i}]`));
  const was = before ?? {};
  const is = after ?? {};
  if (isRecord(was) && isRecord(is)) {
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return names.flatMap((name) =>
      differences(was[name], is[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return isSame(before, after) ? [] : [{ path, before, after }];
}

function isSame(before: unknown, after: unknown): boolean {
  return (
    typeof before === "object" &&
    typeof after === "object" &&
    JSON.stringify(before) === JSON.stringify(after)
  );
}

function valueText(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "1 entry" : `${value.length} entries`;
  return typeof value === "object" && value !== null ? "another" : String(value);
}
