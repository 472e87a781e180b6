import { isTable } from "./memory-table.ts";
import { quoteText } from "./sql-type.ts";

/** A value that SQL has no literal for; `what` says what it is. */
export class SqlLiteralError extends Error {
  readonly code = "not-a-literal";
  constructor(
    readonly what: string,
    hint: string,
  ) {
    super(`${what} cannot stand in SQL; ${hint}`);
    this.name = "SqlLiteralError";
  }
}

/**
 * A JavaScript value as a typed SQL literal, whatever text it holds. In DuckDB it means:
 *
 * | value | literal |
 * |---|---|
 * | string | VARCHAR |
 * | safe integer, other number | BIGINT, DOUBLE (with NaN, infinities and minus zero) |
 * | bigint | BIGINT, or HUGEINT past it |
 * | boolean, null | BOOLEAN, NULL |
 * | Date | TIMESTAMP in UTC |
 * | array, typed array of numbers | list |
 * | Uint8Array | BLOB |
 *
 * @throws {SqlLiteralError} for everything else
 */
export function sqlLiteral(value: unknown): string {
  switch (typeof value) {
    case "string":
      return stringLiteral(value);
    case "number":
      return numberLiteral(value);
    case "bigint":
      return bigintLiteral(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "NULL" : objectLiteral(value);
    case "undefined":
      throw new SqlLiteralError("undefined", "give a value, or null for a missing one");
    default:
      throw new SqlLiteralError(
        `a ${typeof value}`,
        "give a string, number, boolean, date, array or null",
      );
  }
}

/** DuckDB reads SQL up to the first NUL, so one in a text is put together by the engine. */
function stringLiteral(text: string): string {
  if (!text.includes("\0")) return quoteText(text);
  return `(${text.split("\0").map(quoteText).join(" || chr(0) || ")})`;
}

function numberLiteral(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return `(${value}::BIGINT)`;
  if (Number.isNaN(value)) return "('nan'::DOUBLE)";
  if (!Number.isFinite(value)) return value > 0 ? "('inf'::DOUBLE)" : "('-inf'::DOUBLE)";
  // as text, so that the shortest form is read back to the same bits
  return `('${Object.is(value, -0) ? "-0" : value}'::DOUBLE)`;
}

function bigintLiteral(value: bigint): string {
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return `('${value}'::BIGINT)`;
  if (value > -(2n ** 127n) && value < 2n ** 127n) return `('${value}'::HUGEINT)`;
  throw new SqlLiteralError("an integer of more than 128 bits", "give it as a string");
}

function objectLiteral(value: object): string {
  if (value instanceof Date) return dateLiteral(value);
  if (value instanceof Uint8Array) return blobLiteral(value);
  if (Array.isArray(value)) return `[${value.map(sqlLiteral).join(", ")}]`;
  if (isNumberArray(value)) return `[${Array.from(value, sqlLiteral).join(", ")}]`;
  if (isTable(value))
    throw new SqlLiteralError("a table", "name it after FROM instead of putting it in ${…}");
  throw new SqlLiteralError(
    `a ${value.constructor?.name ?? "plain object"}`,
    "put its members in one by one",
  );
}

function dateLiteral(value: Date): string {
  const time = Number(value);
  if (Number.isNaN(time)) throw new SqlLiteralError("an invalid date", "give a date that exists");
  const year = value.getUTCFullYear();
  return year >= 1 && year <= 9999
    ? `(TIMESTAMP '${value.toISOString().slice(0, -1).replace("T", " ")}')`
    : `make_timestamp(${BigInt(time) * 1000n}::BIGINT)`;
}

function blobLiteral(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
  return `('${text.join("")}'::BLOB)`;
}

function isNumberArray(value: object): value is object & ArrayLike<number | bigint> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
