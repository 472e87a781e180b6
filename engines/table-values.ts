import type { Table } from "../data/table.ts";
import { targetClasses } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";

/** A number from a table's value; NaN where there is none. */
export function numberFromValue(value: unknown): number {
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : NaN;
}

/** A category's word from a table's value, or undefined for a missing one. */
export function wordFromValue(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : undefined;
}

/** Milliseconds since 1970 UTC from a date or timestamp of a table; NaN where there is none. */
export function timeFromValue(value: unknown): number {
  return value instanceof Date ? value.getTime() : NaN;
}

/** The target of each row: the class's index, or the number; NaN where there is none. */
export function targetNumbers(plan: Pick<Plan, "target">, rows: Table): Float64Array {
  const values = rows.column(plan.target.column);
  const classes = targetClasses(plan.target);
  if (classes === undefined) return Float64Array.from(values, numberFromValue);
  return Float64Array.from(values, wordIndex(classes, NaN));
}

/** What gives the index of a value's word; `otherwise` for a missing or unknown one. */
export function wordIndex(words: readonly string[], otherwise: number): (value: unknown) => number {
  const index = new Map(words.map((word, i) => [word, i]));
  return (value) => {
    const word = wordFromValue(value);
    return (word === undefined ? undefined : index.get(word)) ?? otherwise;
  };
}
