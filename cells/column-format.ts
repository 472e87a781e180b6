import type { Column } from "../data/table.ts";

/** How the values of one column are written. */
export interface ColumnFormat {
  readonly align: "left" | "right";
  /** the text of a value that is not missing */
  text(value: unknown): string;
  /** width that shows the column's sample, in characters */
  readonly width: number;
}

const maxDigits = 6;
const minWidth = 4;
const maxWidth = 40;

/**
 * Chooses how a column is written from some of its values: as many decimals as they need, the same
 * for all rows, so that the points line up. Integers are not grouped: a year is not `2,007`.
 */
export function columnFormat(column: Column, sample: readonly unknown[]): ColumnFormat {
  const text = writer(column, sample);
  const longest = sample.reduce<number>(
    (most, value) => Math.max(most, isMissing(value) ? minWidth : text(value).length),
    minWidth,
  );
  return {
    align: isNumeric(column) ? "right" : "left",
    text,
    width: Math.min(maxWidth, Math.max(longest, headerWidth(column))),
  };
}

/** Whether a cell of a table holds no value. */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function headerWidth(column: Column): number {
  return Math.max(column.name.length, Math.min(column.sqlType.length, 10)) + 1;
}

function isNumeric(column: Column): boolean {
  return column.type === "number" || column.type === "integer";
}

function writer(column: Column, sample: readonly unknown[]): (value: unknown) => string {
  if (column.type === "date") return (value) => dateText(value).slice(0, 10);
  if (column.type === "timestamp") return (value) => timestampText(dateText(value));
  if (column.type === "number") {
    const digits = sample.reduce<number>((most, value) => Math.max(most, decimals(value)), 0);
    return (value) => numberText(value, digits);
  }
  return plainText;
}

function numberText(value: unknown, digits: number): string {
  if (typeof value !== "number" || !Number.isFinite(value)) return plainText(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 10 ** -maxDigits)) return value.toExponential(3);
  return value.toFixed(digits);
}

/** How many decimals a number needs, at most six; very large and very small ones need none. */
function decimals(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return 0;
  const size = Math.abs(value);
  if (size === 0 || size >= 1e15 || size < 10 ** -maxDigits) return 0;
  for (let digits = 0; digits < maxDigits; ++digits)
    if (Number(value.toFixed(digits)) === value) return digits;
  return size >= 1000 ? 2 : size >= 1 ? 4 : maxDigits;
}

function dateText(value: unknown): string {
  return value instanceof Date && !Number.isNaN(value.getTime())
    ? value.toISOString()
    : plainText(value);
}

function timestampText(iso: string): string {
  const match = /^(.*\d)T(\d\d:\d\d:\d\d)(\.\d{3})?Z$/.exec(iso);
  return match === null
    ? iso
    : `${match[1]} ${match[2]}${match[3] === ".000" ? "" : (match[3] ?? "")}`;
}

function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) {
    if (value instanceof Date) return dateText(value);
    try {
      return JSON.stringify(value, (_, member: unknown) =>
        typeof member === "bigint" ? String(member) : member,
      );
    } catch {
      return Object.prototype.toString.call(value);
    }
  }
  return String(value);
}
