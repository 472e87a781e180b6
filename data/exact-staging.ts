import type { StoredColumn, StoredValues } from "./column.ts";
import { infiniteTime } from "./column.ts";
import { parseSqlType, type SqlType } from "./sql-type.ts";

/**
 * Whether a column that a query made is the same once its values are put into a database again: of
 * the same type, and the same to every SQL. JavaScript's values hold less than some of DuckDB's
 * types do, such as decimals of many digits, maps, and times with a zone: see {@link stagedColumn}.
 */
export function isExactlyStaged({ column, values }: StoredColumn): boolean {
  const type = parseSqlType(column.sqlType);
  if (type.kind !== "scalar") return isExactPart(type) && isEvery(values, hasText);
  if (wideIntegers.has(type.name)) return isEvery(values, Number.isSafeInteger);
  if (times.has(type.name))
    return isEvery(values, (time) => Number.isSafeInteger(time) || isInfinite(time));
  return wholes.has(type.name) || parts.has(type.name);
}

/** Read as doubles, so exact only where these are. */
const wideIntegers: ReadonlySet<string> = new Set(["HUGEINT", "UHUGEINT"]);

/** Read as microseconds in a double. */
const times: ReadonlySet<string> = new Set(["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS"]);

/** Types that are exact in a column of their own. */
const wholes: ReadonlySet<string> = new Set([
  "BLOB",
  "DATE",
  "UUID",
  "BIT",
  "TIME",
  "TIME WITH TIME ZONE",
  "INTERVAL",
]);

/** Types that are exact within lists and structs too, which go into the database as text. */
const parts: ReadonlySet<string> = new Set([
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
  "BOOLEAN",
  "VARCHAR",
  "FLOAT",
  "DOUBLE",
]);

function isExactPart(type: SqlType): boolean {
  switch (type.kind) {
    case "scalar":
      return parts.has(type.name);
    case "decimal":
      return type.width <= 15;
    case "enum":
      return true;
    case "list":
      return type.length === undefined && isExactPart(type.of);
    case "struct":
      return type.fields.every(({ type: of }) => isExactPart(of));
    default:
      return false;
  }
}

/** Whether the text of a value says it all: that of minus zero does not. */
function hasText(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !Object.is(value, -0);
  return Object.values(value).every(hasText);
}

function isInfinite(time: unknown): boolean {
  return Math.abs(Number(time)) === infiniteTime;
}

function isEvery(values: StoredValues, test: (value: unknown) => boolean): boolean {
  for (const value of values) if (value !== null && !test(value)) return false;
  return true;
}
