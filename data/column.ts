import { columnTypeOf, parseSqlType, printSqlType, type SqlType } from "./sql-type.ts";
import type { Column } from "./table.ts";

/**
 * A column of a DuckDB type. It reads as its name where a text is wanted, as in `row[column]`, so
 * that libraries which take column names (`Inputs.table`) take a table's columns too.
 *
 * @throws {SqlTypeError} for text that is no type
 */
export function columnOf(name: string, sqlType: string | SqlType): Column {
  const type = typeof sqlType === "string" ? parseSqlType(sqlType) : sqlType;
  const column = { name, type: columnTypeOf(type), sqlType: printSqlType(type) };
  Object.defineProperty(column, "toString", { value: () => name, enumerable: false });
  return Object.freeze(column);
}

/**
 * A column's values as a table keeps them, one a row. Digests and Arrow are made from these, so
 * nothing is lost that JavaScript's own values cannot hold.
 *
 * | type | values |
 * |---|---|
 * | number | doubles |
 * | integer | numbers, and bigints where they are not safe integers |
 * | date, timestamp | microseconds since 1970 UTC as a double, exact from 1684 to 2255, to the millisecond until the year 100,000; ±{@link infiniteTime} for infinities |
 * | boolean, string | themselves |
 * | other | frozen arrays, plain objects, and bytes |
 *
 * A missing value is null. A Float64Array has none missing.
 */
export type StoredValues = Float64Array | readonly unknown[];

/** A column with its values. */
export interface StoredColumn {
  readonly column: Column;
  readonly values: StoredValues;
}

/** The stored form of DuckDB's infinite dates and timestamps. */
export const infiniteTime = 2 ** 63;

/** The values that JavaScript code sees: Dates where a date or a timestamp is stored. */
export function publicValues({ column, values }: StoredColumn): readonly unknown[] {
  if (column.type !== "date" && column.type !== "timestamp")
    return values instanceof Float64Array ? Array.from(values) : values;
  return Array.from<unknown, Date | null>(values, (value) =>
    typeof value === "number" ? dateFromMicroseconds(value) : null,
  );
}

/** A Date in UTC; parts of a millisecond are cut off. Infinities become invalid Dates. */
export function dateFromMicroseconds(microseconds: number): Date {
  // past 2^53 the double is a few microseconds off, so cutting would lose a millisecond
  const isExact = Number.isSafeInteger(microseconds);
  return new Date((isExact ? Math.floor : Math.round)(microseconds / 1000));
}

/** Numbers where all are safe integers, else numbers and bigints, from 64-bit words. */
export function integersFromInt64(
  values: BigInt64Array | BigUint64Array,
  isValid: (index: number) => boolean,
): StoredValues {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const numbers = new Float64Array(values.length);
  let mixed: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const high = words[2 * i + 1] ?? 0;
    const number = high * 2 ** 32 + ((words[2 * i] ?? 0) >>> 0);
    const valid = isValid(i);
    const safe = Number.isSafeInteger(number) && (high >= 0 || values instanceof BigInt64Array);
    if (valid && safe) numbers[i] = number;
    else mixed ??= Array.from(numbers.subarray(0, i));
    if (mixed) mixed.push(!valid ? null : safe ? number : values[i]);
  }
  return mixed ?? numbers;
}
