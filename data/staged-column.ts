import { hexFromBytes } from "../runtime/hex.ts";
import type { StoredColumn } from "./column.ts";
import { parseSqlType, printSqlType, quoteName, type SqlType } from "./sql-type.ts";

/**
 * A column on its way into the database, in one of three types that both DuckDBs take alike; the
 * SQL that gives the real type from it runs inside the engine.
 */
export interface StagedColumn {
  readonly type: "DOUBLE" | "VARCHAR" | "BOOLEAN";
  readonly values: ArrayLike<unknown>;
  /** SQL over the staged column `name` */
  expression(name: string): string;
}

/**
 * How a stored column is staged. The value that comes back out of the database is the same: a
 * DECIMAL past what a double holds, and what has no text that reads back, stay DOUBLE and VARCHAR.
 */
export function stagedColumn({ column, values }: StoredColumn): StagedColumn {
  const type = parseSqlType(column.sqlType);
  switch (column.type) {
    case "boolean":
      return { type: "BOOLEAN", values, expression: quoteName };
    case "string":
      return { type: "VARCHAR", values, expression: cast(textType(type)) };
    case "number":
      return { type: "DOUBLE", values, expression: cast(numberType(type)) };
    case "integer":
      return isDouble(values)
        ? { type: "DOUBLE", values, expression: cast(type) }
        : { type: "VARCHAR", values: texts(values, String), expression: cast(type) };
    case "date":
      return { type: "DOUBLE", values, expression: (name) => timeExpression(name, "DATE") };
    case "timestamp":
      return { type: "DOUBLE", values, expression: (name) => timeExpression(name, zoneless(type)) };
    case "other":
      return type.kind === "scalar"
        ? {
            type: "VARCHAR",
            values: texts(values, hexText),
            expression: (name) => `unhex(${quoteName(name)})`,
          }
        : { type: "VARCHAR", values: texts(values, nestedText), expression: cast(mapless(type)) };
  }
}

function cast(type: SqlType): (name: string) => string {
  return (name) => `${quoteName(name)}::${printSqlType(type)}`;
}

/** Numbers or missing: what DOUBLE carries without loss. */
function isDouble(values: ArrayLike<unknown>): boolean {
  return (
    values instanceof Float64Array ||
    Array.from(values).every((value) => value === null || typeof value === "number")
  );
}

function texts(values: ArrayLike<unknown>, textOf: (value: unknown) => string): unknown[] {
  return Array.from(values, (value) => (value === null ? null : textOf(value)));
}

function textType(type: SqlType): SqlType {
  const readsBack =
    type.kind === "enum" ||
    (type.kind === "scalar" &&
      ["UUID", "TIME", "TIME WITH TIME ZONE", "INTERVAL", "BIT"].includes(type.name));
  return readsBack ? type : { kind: "scalar", name: "VARCHAR" };
}

function numberType(type: SqlType): SqlType {
  const isExact = type.kind === "decimal" ? type.width <= 15 : true;
  return isExact ? type : { kind: "scalar", name: "DOUBLE" };
}

/** Casting a zoned timestamp needs an extension that the page has not. */
function zoneless(type: SqlType): string {
  const name = printSqlType(type);
  return name === "TIMESTAMP WITH TIME ZONE" ? "TIMESTAMP" : name;
}

function timeExpression(column: string, type: string): string {
  const name = quoteName(column);
  return (
    `case when ${name} >= ${2 ** 63}::DOUBLE then 'infinity'::${type} ` +
    `when ${name} <= ${-(2 ** 63)}::DOUBLE then '-infinity'::${type} ` +
    `else make_timestamp(${name}::BIGINT)::${type} end`
  );
}

/** Maps are held as lists of their entries, wherever they stand; arrays as lists. */
function mapless(type: SqlType): SqlType {
  switch (type.kind) {
    case "list":
      return { kind: "list", of: mapless(type.of) };
    case "struct":
      return {
        kind: "struct",
        fields: type.fields.map(({ name, type }) => ({ name, type: mapless(type) })),
      };
    case "map":
      return {
        kind: "list",
        of: {
          kind: "struct",
          fields: [
            { name: "key", type: mapless(type.key) },
            { name: "value", type: mapless(type.value) },
          ],
        },
      };
    case "decimal":
      return numberType(type);
    default:
      return type.kind === "scalar" && type.name === "TIMESTAMP WITH TIME ZONE"
        ? { kind: "scalar", name: "TIMESTAMP" }
        : type.kind === "union"
          ? { kind: "scalar", name: "VARCHAR" }
          : type;
  }
}

function hexText(value: unknown): string {
  return value instanceof Uint8Array ? hexFromBytes(value) : "";
}

/** DuckDB's own text of a list or a struct, which a cast reads. */
function nestedText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (value instanceof Date)
    return quoted(
      Number.isNaN(Number(value))
        ? "infinity"
        : value.toISOString().replace("T", " ").replace("Z", ""),
    );
  if (value instanceof Uint8Array)
    return quoted(Array.from(value, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""));
  if (Array.isArray(value)) return `[${value.map(nestedText).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([name, member]) => `${quoted(name)}: ${nestedText(member)}`)
      .join(", ")}}`;
  return typeof value === "string" ? quoted(value) : String(value);
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
