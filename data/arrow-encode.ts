import {
  batchType,
  binary,
  bool,
  Column as ArrowColumn,
  columnFromArray,
  dateDay,
  field,
  float64,
  int64,
  list,
  struct,
  Table as ArrowTable,
  tableToIPC,
  timestamp,
  TimeUnit,
  uint64,
  utf8,
} from "@uwdata/flechette";
import { infiniteTime, type StoredColumn, type StoredValues } from "./column.ts";
import { columnTypeOf, parseSqlType, type SqlType } from "./sql-type.ts";

type ArrowType = Parameters<typeof batchType>[0];

/** The field metadata that carries DuckDB's type across a border. */
export const sqlTypeKey = "tierbook.sqlType";

/** Infinite dates and timestamps in Arrow, as DuckDB writes them. */
export const infiniteDays = 2 ** 31 - 1;
export const infiniteMicroseconds = 2n ** 63n - 1n;

/**
 * Columns as an Arrow IPC stream of at most one record batch. Equal columns give equal bytes.
 *
 * Numbers are Float64, integers Int64 (UInt64 where one needs it), dates Date32, timestamps in
 * microseconds without a zone, texts Utf8; lists and structs are themselves. DuckDB's type stands in
 * each field's metadata under {@link sqlTypeKey}.
 */
export function ipcFromColumns(columns: readonly StoredColumn[], numRows: number): Uint8Array {
  const children = columns.map((stored) =>
    numRows === 0 ? new ArrowColumn([], arrowType(stored)) : arrowColumn(stored, numRows),
  );
  const fields = columns.map(({ column }, i) => ({
    ...field(column.name, children[i]?.type ?? utf8()),
    metadata: new Map([[sqlTypeKey, column.sqlType]]),
  }));
  const bytes = tableToIPC(new ArrowTable({ fields }, children), { format: "stream" });
  if (!bytes) throw new Error("Arrow gave no bytes");
  return bytes;
}

function arrowColumn({ column, values }: StoredColumn, numRows: number): ArrowColumn<unknown> {
  switch (column.type) {
    case "number":
      return fixed(float64(), values, fill(new Float64Array(numRows), values, Number));
    case "integer":
      return integers(values, numRows);
    case "boolean":
      return fixed(
        bool(),
        values,
        bitmap(values, (value) => value === true),
      );
    case "string":
      return texts(values);
    case "date":
      return fixed(dateDay(), values, fill(new Int32Array(numRows), values, daysOf));
    case "timestamp":
      return fixed(
        timestamp(TimeUnit.MICROSECOND, null),
        values,
        fill(new BigInt64Array(numRows), values, microsecondsOf),
      );
    case "other":
      return columnFromArray(Array.from(values), nestedType(parseSqlType(column.sqlType)));
  }
}

function arrowType({ column }: StoredColumn): ArrowType {
  return nestedType(parseSqlType(column.sqlType));
}

/** One batch of values that all have the same width. */
function fixed(
  type: ArrowType,
  values: StoredValues,
  words: Float64Array | Int32Array | BigInt64Array | BigUint64Array | Uint8Array,
  offsets?: Int32Array,
): ArrowColumn<unknown> {
  let nullCount = 0;
  if (!(values instanceof Float64Array))
    for (const value of values) if (value === null) nullCount++;
  const Batch: new (parts: object) => ArrowColumn<unknown>["data"][number] = batchType(type);
  const batch = new Batch({
    length: values.length,
    nullCount,
    type,
    validity: nullCount > 0 ? bitmap(values, (value) => value !== null) : new Uint8Array(0),
    values: words,
    offsets,
  });
  return new ArrowColumn([batch], type);
}

function integers(values: StoredValues, numRows: number): ArrowColumn<unknown> {
  const isUnsigned = values.some(
    (value) => typeof value === "bigint" && value > infiniteMicroseconds,
  );
  return isUnsigned
    ? fixed(uint64(), values, fill(new BigUint64Array(numRows), values, bigintOf))
    : fixed(int64(), values, fill(new BigInt64Array(numRows), values, bigintOf));
}

function texts(values: StoredValues): ArrowColumn<unknown> {
  const encoder = new TextEncoder();
  const offsets = new Int32Array(values.length + 1);
  let bytes = new Uint8Array(Math.max(64, values.length * 8));
  let length = 0;
  for (let i = 0; i < values.length; i++) {
    const text = values[i];
    if (typeof text === "string") {
      if (length + text.length * 3 > bytes.length) {
        const larger = new Uint8Array(2 * (length + text.length * 3));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      length += encoder.encodeInto(text, bytes.subarray(length)).written;
    }
    offsets[i + 1] = length;
  }
  return fixed(utf8(), values, bytes.subarray(0, length), offsets);
}

function bitmap(values: StoredValues, isSet: (value: unknown) => boolean): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++)
    if (isSet(values[i])) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}

/** Writes what is not missing; what is missing stays zero. */
function fill<Word, Words extends { [index: number]: Word }>(
  words: Words & Record<number, Word>,
  values: StoredValues,
  wordOf: (value: unknown) => Word,
): Words {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== null) words[i] = wordOf(value);
  }
  return words;
}

function daysOf(microseconds: unknown): number {
  const time = Number(microseconds);
  return Math.abs(time) === infiniteTime ? Math.sign(time) * infiniteDays : time / 86_400_000_000;
}

function microsecondsOf(microseconds: unknown): bigint {
  const time = Number(microseconds);
  if (Math.abs(time) !== infiniteTime) return BigInt(time);
  return time > 0 ? infiniteMicroseconds : -infiniteMicroseconds;
}

function bigintOf(value: unknown): bigint {
  return typeof value === "bigint" ? value : BigInt(Number(value));
}

/** The Arrow type of a nested value's parts; what has no own Arrow type here is text. */
function nestedType(type: SqlType): ArrowType {
  switch (type.kind) {
    case "list":
      return list(nestedType(type.of));
    case "struct":
      return struct(type.fields.map(({ name, type }) => field(name, nestedType(type))));
    case "map":
      return list(
        struct([field("key", nestedType(type.key)), field("value", nestedType(type.value))]),
      );
    default:
      return leafType(type);
  }
}

function leafType(type: SqlType): ArrowType {
  if (type.kind === "scalar" && type.name === "BLOB") return binary();
  switch (columnTypeOf(type)) {
    case "number":
      return float64();
    case "integer":
      return type.kind === "scalar" && type.name === "UBIGINT" ? uint64() : int64();
    case "boolean":
      return bool();
    case "date":
      return dateDay();
    case "timestamp":
      return timestamp(TimeUnit.MICROSECOND, null);
    default:
      return utf8();
  }
}
