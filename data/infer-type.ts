import type { SqlType } from "./sql-type.ts";
import { TableError } from "./table.ts";

/**
 * The DuckDB type that holds all of a column's JavaScript values.
 *
 * | values | type |
 * |---|---|
 * | numbers | BIGINT where all are safe integers, else DOUBLE |
 * | bigints, alone or with safe integers | BIGINT, or UBIGINT where one is past 2^63 |
 * | texts, booleans | VARCHAR, BOOLEAN |
 * | Dates | TIMESTAMP |
 * | bytes | BLOB |
 * | arrays, typed arrays | a list of what their items are |
 * | plain objects | a struct of all their members |
 * | nothing but null | VARCHAR |
 *
 * @throws {TableError} `mixed-types` or `unsupported-value`, with the first row that does not fit
 */
export function inferSqlType(table: string, column: string, values: readonly unknown[]): SqlType {
  let kind: Shape | undefined;
  for (let row = 0; row < values.length; row++) {
    const shape = shapeOf(values[row]);
    if (shape === undefined) continue;
    const merged = shape.kind === "unknown" ? undefined : kind ? merge(kind, shape) : shape;
    if (merged) {
      kind = merged;
      continue;
    }
    const at = `row ${row} of ${table}.${column}`;
    throw shape.kind === "unknown"
      ? new TableError(
          `${at} is ${shape.what}, which a table cannot hold; use numbers, texts, booleans, dates, arrays or plain objects`,
          "unsupported-value",
          column,
          row,
        )
      : new TableError(
          `${at} is ${describe(shape)} where earlier rows are ${describe(kind)}; make them one type`,
          "mixed-types",
          column,
          row,
        );
  }
  return typeOf(kind);
}

/** What values are, as far as is known; `range` is that of integers. */
type Shape =
  | { readonly kind: "integer"; readonly negative: boolean; readonly large: boolean }
  | { readonly kind: "number" | "string" | "boolean" | "date" | "bytes" }
  | { readonly kind: "list"; readonly of: Shape | undefined }
  | { readonly kind: "struct"; readonly members: ReadonlyMap<string, Shape | undefined> }
  | { readonly kind: "unknown"; readonly what: string };

function shapeOf(value: unknown): Shape | undefined {
  switch (typeof value) {
    case "undefined":
      return undefined;
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? { kind: "integer", negative: value < 0, large: false }
        : { kind: "number" };
    case "bigint":
      return value < -(2n ** 63n) || value >= 2n ** 64n
        ? { kind: "unknown", what: "an integer of more than 64 bits" }
        : { kind: "integer", negative: value < 0n, large: value >= 2n ** 63n };
    case "string":
      return { kind: "string" };
    case "boolean":
      return { kind: "boolean" };
    case "object":
      return value === null ? undefined : shapeOfObject(value);
    default:
      return { kind: "unknown", what: `a ${typeof value}` };
  }
}

function shapeOfObject(value: object): Shape {
  if (value instanceof Date) return { kind: "date" };
  if (value instanceof Uint8Array) return { kind: "bytes" };
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)))
    return shapeOfList(value as unknown as Iterable<unknown>);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return { kind: "unknown", what: `a ${value.constructor.name}` };
  const members = new Map<string, Shape | undefined>();
  for (const [name, member] of Object.entries(value)) {
    const shape = shapeOf(member);
    if (shape?.kind === "unknown") return shape;
    members.set(name, shape);
  }
  return members.size > 0
    ? { kind: "struct", members }
    : { kind: "unknown", what: "an empty object" };
}

function shapeOfList(items: Iterable<unknown>): Shape {
  let of: Shape | undefined;
  for (const item of items) {
    const shape = shapeOf(item);
    if (shape?.kind === "unknown") return shape;
    if (!shape) continue;
    const merged: Shape | undefined = of ? merge(of, shape) : shape;
    if (!merged) return { kind: "unknown", what: "an array of mixed types" };
    of = merged;
  }
  return { kind: "list", of };
}

function merge(a: Shape, b: Shape): Shape | undefined {
  if (a.kind === "integer" && b.kind === "integer") {
    const negative = a.negative || b.negative;
    const large = a.large || b.large;
    return negative && large ? undefined : { kind: "integer", negative, large };
  }
  if (isNumeric(a) && isNumeric(b))
    return largeInteger(a) || largeInteger(b) ? undefined : { kind: "number" };
  if (a.kind === "list" && b.kind === "list") {
    const of = a.of && b.of ? merge(a.of, b.of) : (a.of ?? b.of);
    return of || !(a.of && b.of) ? { kind: "list", of } : undefined;
  }
  if (a.kind === "struct" && b.kind === "struct") return mergeStructs(a.members, b.members);
  return a.kind === b.kind ? a : undefined;
}

function mergeStructs(
  a: ReadonlyMap<string, Shape | undefined>,
  b: ReadonlyMap<string, Shape | undefined>,
): Shape | undefined {
  const members = new Map(a);
  for (const [name, shape] of b) {
    const known = members.get(name);
    const merged = known && shape ? merge(known, shape) : (known ?? shape);
    if (known && shape && !merged) return undefined;
    members.set(name, merged);
  }
  return { kind: "struct", members };
}

function isNumeric({ kind }: Shape): boolean {
  return kind === "integer" || kind === "number";
}

function largeInteger(shape: Shape): boolean {
  return shape.kind === "integer" && shape.large;
}

function typeOf(shape: Shape | undefined): SqlType {
  switch (shape?.kind) {
    case "integer":
      return { kind: "scalar", name: shape.large ? "UBIGINT" : "BIGINT" };
    case "list":
      return { kind: "list", of: typeOf(shape.of) };
    case "struct":
      return {
        kind: "struct",
        fields: Array.from(shape.members, ([name, member]) => ({ name, type: typeOf(member) })),
      };
    case "number":
      return { kind: "scalar", name: "DOUBLE" };
    case "boolean":
      return { kind: "scalar", name: "BOOLEAN" };
    case "date":
      return { kind: "scalar", name: "TIMESTAMP" };
    case "bytes":
      return { kind: "scalar", name: "BLOB" };
    default:
      return { kind: "scalar", name: "VARCHAR" };
  }
}

function describe(shape: Shape | undefined): string {
  switch (shape?.kind) {
    case "integer":
      return shape.large
        ? "an integer past 2^63"
        : shape.negative
          ? "a negative integer"
          : "an integer";
    case "list":
      return `a list of ${shape.of?.kind ?? "nothing"}`;
    case "struct":
      return "an object with other members";
    default:
      return `a ${shape?.kind ?? "null"}`;
  }
}
