import { columnTypeOf, printSqlType, quoteName, type SqlType } from "./sql-type.ts";

/**
 * SQL that gives a column in one of the few types that both DuckDBs hand over alike: DOUBLE, BIGINT,
 * UBIGINT, VARCHAR, BOOLEAN, BLOB, and lists and structs of these with TIMESTAMP and DATE. The cast
 * runs inside the engine, so the page and the server see the same values.
 *
 * Dates and timestamps come as microseconds in a DOUBLE, infinities as ±2^63.
 */
export function readExpression(column: string, type: SqlType): string {
  const name = quoteName(column);
  switch (columnTypeOf(type)) {
    case "number":
      return `${name}::DOUBLE`;
    case "integer":
      return isWide(type) ? name : `${name}::DOUBLE`;
    case "boolean":
      return name;
    case "string":
      return `${name}::VARCHAR`;
    case "date":
    case "timestamp":
      return (
        `case when ${name} is null then null when isfinite(${name}) then epoch_us(${name})::DOUBLE ` +
        `when ${name} > '1970-01-01' then ${2 ** 63}::DOUBLE else ${-(2 ** 63)}::DOUBLE end`
      );
    case "other":
      return nested(name, type);
  }
}

/** Whether integers of the type can be past what a double holds. */
function isWide(type: SqlType): boolean {
  return type.kind === "scalar" && (type.name === "BIGINT" || type.name === "UBIGINT");
}

/** A cast where there is one; maps have none, so they are taken apart wherever they stand. */
function nested(expression: string, type: SqlType, depth = 0): string {
  if (!hasMap(type)) return `${expression}::${printSqlType(plainType(type))}`;
  const item = `x${depth}`;
  if (type.kind === "map") {
    const fields = [
      { name: "key", type: type.key },
      { name: "value", type: type.value },
    ];
    return nested(`map_entries(${expression})`, {
      kind: "list",
      of: { kind: "struct", fields },
    });
  }
  if (type.kind === "list")
    return `list_transform(${expression}::${printSqlType(type.of)}[], lambda ${item}: ${nested(item, type.of, depth + 1)})`;
  if (type.kind !== "struct") return expression;
  const members = type.fields.map(
    (field) =>
      `${quoteName(field.name)} := ${nested(`${expression}.${quoteName(field.name)}`, field.type, depth)}`,
  );
  return `case when ${expression} is null then null else struct_pack(${members.join(", ")}) end`;
}

function hasMap(type: SqlType): boolean {
  switch (type.kind) {
    case "map":
      return true;
    case "list":
      return hasMap(type.of);
    case "struct":
      return type.fields.some((field) => hasMap(field.type));
    default:
      return false;
  }
}

/** The type that a nested value's parts are read as. */
function plainType(type: SqlType): SqlType {
  if (type.kind === "list") return { kind: "list", of: plainType(type.of) };
  if (type.kind === "struct")
    return {
      kind: "struct",
      fields: type.fields.map(({ name, type }) => ({ name, type: plainType(type) })),
    };
  if (type.kind === "scalar" && (type.name === "BLOB" || type.name === "UBIGINT")) return type;
  return { kind: "scalar", name: plainNames[columnTypeOf(type)] };
}

const plainNames = {
  number: "DOUBLE",
  integer: "BIGINT",
  boolean: "BOOLEAN",
  string: "VARCHAR",
  date: "DATE",
  timestamp: "TIMESTAMP",
  other: "VARCHAR",
} as const;
