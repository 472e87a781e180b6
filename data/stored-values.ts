import { plainValue } from "./arrow-decode.ts";
import type { StoredValues } from "./column.ts";
import { parseSqlType, type SqlType } from "./sql-type.ts";
import { TableError, type Column, type ColumnType } from "./table.ts";

/**
 * JavaScript's values of one column in the form that a table keeps them.
 *
 * @throws {TableError} `mixed-types` with the first row whose value is not of the column's type
 */
export function storedValues(
  table: string,
  column: Column,
  values: ArrayLike<unknown>,
): StoredValues {
  if (values instanceof Float64Array && column.type === "number") return values.slice();
  const type = parseSqlType(column.sqlType);
  const stored: unknown[] = [];
  let isNumeric = column.type !== "boolean" && column.type !== "string" && column.type !== "other";
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? null;
    const own = value === null ? null : storedValue(value, column.type, type);
    if (own === undefined)
      throw new TableError(
        `row ${row} of ${table}.${column.name} is ${shown(value)}, which is not of type ${column.sqlType}`,
        "mixed-types",
        column.name,
        row,
      );
    isNumeric &&= typeof own === "number";
    stored.push(own);
  }
  return isNumeric ? Float64Array.from(stored, Number) : stored;
}

/** The stored form of a value that is there, or undefined where it is of another type. */
function storedValue(value: unknown, type: ColumnType, parsed: SqlType): unknown {
  switch (type) {
    case "number":
      return typeof value === "number"
        ? value
        : typeof value === "bigint"
          ? Number(value)
          : undefined;
    case "integer":
      if (typeof value === "bigint")
        return Number.isSafeInteger(Number(value)) ? Number(value) : value;
      return Number.isSafeInteger(value) ? Number(value) + 0 : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "date":
    case "timestamp":
      return microsecondsOf(value);
    case "other":
      return conform(plainValue(value), parsed);
  }
}

function microsecondsOf(value: unknown): number | undefined {
  if (value instanceof Date || typeof value === "number") {
    const time = Number(value);
    return Number.isNaN(time) ? undefined : Math.round(time * 1000);
  }
  return undefined;
}

/** Nested values as the type says: absent members and items are null, members in its order. */
function conform(value: unknown, type: SqlType): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind === "list" && Array.isArray(value))
    return Object.freeze(value.map((item) => conform(item, type.of)));
  if (type.kind === "struct" && isRecord(value))
    return Object.freeze(
      Object.fromEntries(type.fields.map(({ name, type }) => [name, conform(value[name], type)])),
    );
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Date) return Number.isNaN(Number(value)) ? "an invalid date" : "a date";
  return typeof value === "object" ? "an object" : String(value);
}
