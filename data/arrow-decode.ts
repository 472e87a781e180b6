import {
  tableFromIPC as arrowFromIPC,
  Type,
  TimeUnit,
  DateUnit,
  type Column as ArrowColumn,
} from "@uwdata/flechette";
import { infiniteDays, infiniteMicroseconds, sqlTypeKey } from "./arrow-encode.ts";
import {
  columnOf,
  infiniteTime,
  integersFromInt64,
  type StoredColumn,
  type StoredValues,
} from "./column.ts";
import { MemoryTable } from "./memory-table.ts";
import { parseSqlType, columnTypeOf, type SqlType } from "./sql-type.ts";
import type { Lineage } from "./lineage.ts";
import { TableError, type ColumnType, type Table } from "./table.ts";

/** Arrow data as flechette decodes it, with what is exact: bigints and Dates. */
export type ArrowData = ReturnType<typeof decodeArrow>;

/** Decodes an Arrow IPC stream or file, or a stream in pieces of whole messages. */
export function decodeArrow(bytes: Uint8Array | Uint8Array[]) {
  return arrowFromIPC(Array.isArray(bytes) ? bytes.map(aligned) : aligned(bytes), {
    useBigInt: true,
    useDate: true,
  });
}

/**
 * The table that Arrow IPC bytes hold, as {@link Table.toIPC} gives them or any other writer.
 *
 * @throws {TableError} `bad-arrow` for bytes that are no Arrow IPC
 */
export function tableFromIPC(
  bytes: Uint8Array,
  { name, lineage }: { readonly name: string; readonly lineage?: Lineage },
): Table {
  let data: ArrowData;
  try {
    data = decodeArrow(bytes);
  } catch (cause) {
    throw new TableError(
      `the bytes of ${name} are not an Arrow IPC stream`,
      "bad-arrow",
      undefined,
      undefined,
      { cause },
    );
  }
  if (data.numCols === 0)
    throw new TableError(`${name} has no columns; a table needs at least one`, "no-columns");
  const columns = data.schema.fields.map(({ name, metadata }, i): StoredColumn => {
    const arrow = data.getChildAt(i);
    const column = columnOf(name, declaredType(metadata?.get(sqlTypeKey), arrow.type));
    return { column, values: valuesFromArrow(arrow, column.type) };
  });
  return new MemoryTable(name, columns, data.numRows, lineage);
}

/**
 * The values of an Arrow column in the form that a table keeps. Times may also come as microseconds
 * in a column of doubles.
 */
export function valuesFromArrow(arrow: ArrowColumn<unknown>, type: ColumnType): StoredValues {
  if (arrow.type.typeId === Type.Float) return doubles(arrow);
  switch (type) {
    case "integer":
      return integers(arrow);
    case "date":
    case "timestamp":
      return times(arrow);
    case "number":
      return collect(arrow, (value) => (typeof value === "bigint" ? Number(value) : value));
    case "other":
      return collect(arrow, plainValue);
    default:
      return collect(arrow, (value) => (typeof value === "boolean" ? value : String(value)));
  }
}

/** Plain, frozen JavaScript: arrays, objects, safe integers as numbers, Dates, bytes. */
export function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return Object.freeze(Array.from(value as unknown as ArrayLike<unknown>, plainValue));
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainValue(member)])),
  );
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

function doubles(arrow: ArrowColumn<unknown>): StoredValues {
  if (arrow.nullCount > 0) return collect(arrow, (value) => value);
  const numbers = new Float64Array(arrow.length);
  let at = 0;
  for (const batch of arrow.data) {
    if (batch.values instanceof Float64Array || batch.values instanceof Float32Array)
      numbers.set(batch.values.subarray(0, batch.length), at);
    else for (let i = 0; i < batch.length; i++) numbers[at + i] = Number(batch.at(i));
    at += batch.length;
  }
  return numbers;
}

function integers(arrow: ArrowColumn<unknown>): StoredValues {
  const parts = arrow.data.map((batch) => {
    const { values, length } = batch;
    return values instanceof BigInt64Array || values instanceof BigUint64Array
      ? integersFromInt64(values.subarray(0, length), (i) => batch.at(i) !== null)
      : Array.from({ length }, (_, i) => batch.at(i));
  });
  return joined(parts, arrow.length);
}

function joined(parts: readonly StoredValues[], length: number): StoredValues {
  if (!parts.every((part) => part instanceof Float64Array)) {
    const values = parts.flatMap((part) => Array.from<unknown>(part));
    return values.every((value) => typeof value === "number") ? Float64Array.from(values) : values;
  }
  const numbers = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    numbers.set(part, at);
    at += part.length;
  }
  return numbers;
}

/** Microseconds, from whatever unit Arrow has. */
function times(arrow: ArrowColumn<unknown>): StoredValues {
  const { type } = arrow;
  const values: (number | null)[] = [];
  for (const batch of arrow.data) {
    const words: ArrayLike<unknown> = batch.values;
    for (let i = 0; i < batch.length; i++)
      values.push(batch.nullCount === 0 || batch.isValid(i) ? microseconds(words[i], type) : null);
  }
  return values.includes(null) ? values : Float64Array.from(values, Number);
}

function microseconds(word: unknown, type: ArrowColumn<unknown>["type"]): number {
  const isDay = type.typeId === Type.Date && type.unit === DateUnit.DAY;
  if (isDay) {
    const days = Number(word);
    return Math.abs(days) === infiniteDays ? Math.sign(days) * infiniteTime : days * 86_400_000_000;
  }
  const value = typeof word === "bigint" ? word : BigInt(Number(word));
  if (value === infiniteMicroseconds || value === -infiniteMicroseconds)
    return value > 0 ? infiniteTime : -infiniteTime;
  if (type.typeId !== Type.Timestamp || type.unit === TimeUnit.MILLISECOND)
    return Number(value) * 1000;
  if (type.unit === TimeUnit.SECOND) return Number(value) * 1_000_000;
  return type.unit === TimeUnit.MICROSECOND ? Number(value) : Math.floor(Number(value) / 1000);
}

/** Every value, missing ones as null. */
function collect(arrow: ArrowColumn<unknown>, convert: (value: unknown) => unknown): StoredValues {
  const values: unknown[] = [];
  let isNumeric = true;
  for (const batch of arrow.data)
    for (let i = 0; i < batch.length; i++) {
      const value = batch.at(i);
      const converted = value === null || value === undefined ? null : convert(value);
      isNumeric &&= typeof converted === "number";
      values.push(converted);
    }
  return isNumeric && values.length > 0 ? Float64Array.from(values as number[]) : values;
}

/** DuckDB's type from the metadata where it agrees with the data, else the nearest one. */
function declaredType(declared: string | undefined, arrow: ArrowColumn<unknown>["type"]): SqlType {
  const found = sqlTypeOf(arrow);
  if (declared === undefined) return found;
  try {
    const type = parseSqlType(declared);
    return columnTypeOf(type) === columnTypeOf(found) ? type : found;
  } catch {
    return found;
  }
}

function sqlTypeOf(type: ArrowColumn<unknown>["type"]): SqlType {
  const scalar = (name: string): SqlType => ({ kind: "scalar", name });
  switch (type.typeId) {
    case Type.Int:
      return scalar(
        `${type.signed ? "" : "U"}${{ 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[type.bitWidth]}`,
      );
    case Type.Float:
    case Type.Decimal:
      return scalar("DOUBLE");
    case Type.Bool:
      return scalar("BOOLEAN");
    case Type.Date:
      return scalar("DATE");
    case Type.Timestamp:
      return scalar("TIMESTAMP");
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
    case Type.FixedSizeBinary:
      return scalar("BLOB");
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList:
    case Type.ListView:
    case Type.LargeListView:
      return { kind: "list", of: sqlTypeOf(type.children[0].type) };
    case Type.Struct:
      return {
        kind: "struct",
        fields: type.children.map((child) => ({ name: child.name, type: sqlTypeOf(child.type) })),
      };
    case Type.Dictionary:
      return sqlTypeOf(type.dictionary);
    default:
      return scalar("VARCHAR");
  }
}
