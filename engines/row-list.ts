import { numberFromValue } from "./table-values.ts";

/** Numbers, from 1, of the rows whose value passes a test. */
export function rowsWhere(values: readonly unknown[], test: (value: unknown) => boolean): number[] {
  return values.flatMap((value, i) => (test(value) ? [i + 1] : []));
}

/** Rows by their numbers, the first five of them: `rows 1, 5, 9, 13, 17 and 3 more`. */
export function listRows(rows: readonly number[]): string {
  const shown = rows.slice(0, 5).join(", ");
  return rows.length > 5
    ? `rows ${shown} and ${rows.length - 5} more`
    : `${rows.length === 1 ? "row" : "rows"} ${shown}`;
}

/** How many rows there are of a kind: `1 row has`, `8 rows have`. */
export function countOf(rows: readonly number[], one: string, many: string): string {
  return `${rows.length} ${rows.length === 1 ? one : many}`;
}

/** Whether a table holds nothing there. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined;
}

/** Numbers of the rows whose value is there and is no finite number. */
export function rowsNotFinite(values: readonly unknown[]): number[] {
  return rowsWhere(values, (value) => value != null && !Number.isFinite(numberFromValue(value)));
}
