import { nearestName } from "../engines/nearest-name.ts";
import { describe, isRecord, list, readOptions } from "./options.ts";
import { StageError } from "./stage-error.ts";
import { schemaTypes, type SchemaType } from "./table-schema.ts";

/** What a cell declares of a column. */
export interface ColumnDeclaration {
  readonly type: SchemaType;
  /** the smallest value allowed: a number, or a Date or ISO text for dates and timestamps */
  readonly min?: number | string | Date;
  /** the largest value allowed */
  readonly max?: number | string | Date;
  /** whether values may be missing, or the largest share of rows in [0, 1] where they may */
  readonly nulls?: boolean | number;
  /** a category's words; read from the data, and sorted, where it is left out */
  readonly values?: readonly (string | number | boolean)[];
  /** whether no value may come twice */
  readonly unique?: boolean;
  readonly description?: string;
}

/** A declaration with its defaults, as the checks use it. */
export interface DeclaredColumn {
  readonly name: string;
  readonly type: SchemaType;
  readonly min?: number | string;
  readonly max?: number | string;
  /** the largest share of missing values */
  readonly maxNulls: number;
  readonly values?: readonly string[];
  readonly unique: boolean;
  readonly description?: string;
}

const options = ["type", "min", "max", "nulls", "values", "unique", "description"];

/**
 * Reads the second argument of `schema`.
 *
 * @throws {StageError} `argument`, with the column and the option that cannot be meant
 */
export function readDeclarations(columns: unknown): DeclaredColumn[] {
  if (!isRecord(columns) || Object.keys(columns).length === 0)
    throw new StageError(
      `schema(table, columns): the columns are ${describe(columns)}`,
      "argument",
      'Declare at least one: {mass: {type: "number"}}',
    );
  return Object.entries(columns).map(([name, declaration]) => readDeclaration(name, declaration));
}

function readDeclaration(name: string, given: unknown): DeclaredColumn {
  const call = `schema, column \`${name}\``;
  const declared = readOptions(call, typeof given === "string" ? { type: given } : given, options);
  const type = readType(call, declared["type"]);
  const { nulls = false, values, unique = false, description } = declared;
  const maxNulls = nulls === true ? 1 : nulls === false ? 0 : nulls;
  if (typeof maxNulls !== "number" || !(maxNulls >= 0 && maxNulls <= 1))
    throw wrong(call, "nulls", nulls, "Give true, false, or the largest share in [0, 1]");
  if (typeof unique !== "boolean") throw wrong(call, "unique", unique, "Give true or false");
  if (description !== undefined && typeof description !== "string")
    throw wrong(call, "description", description, "Give a text");
  const min = readBound(call, type, "min", declared["min"]);
  const max = readBound(call, type, "max", declared["max"]);
  return {
    name,
    type,
    maxNulls,
    unique,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(values !== undefined && { values: readValues(call, type, values) }),
    ...(description !== undefined && { description }),
  };
}

function readType(call: string, type: unknown): SchemaType {
  const known = schemaTypes.find((name) => name === type);
  if (known !== undefined) return known;
  const nearest = typeof type === "string" ? nearestName(type, schemaTypes) : undefined;
  throw wrong(
    call,
    "type",
    type,
    nearest === undefined ? `The types are ${list(schemaTypes)}` : `Did you mean \`${nearest}\`?`,
  );
}

function readBound(
  call: string,
  type: SchemaType,
  option: "min" | "max",
  value: unknown,
): number | string | undefined {
  if (value === undefined) return undefined;
  if (type === "number" || type === "integer") {
    if (typeof value === "number" && !Number.isNaN(value)) return value;
    throw wrong(call, option, value, "Give a number");
  }
  if (type === "date" || type === "timestamp") {
    const date = value instanceof Date ? value : new Date(typeof value === "string" ? value : NaN);
    if (!Number.isNaN(date.getTime()))
      return type === "date" ? date.toISOString().slice(0, 10) : date.toISOString().slice(0, -1);
    throw wrong(call, option, value, 'Give a Date or an ISO text such as "2024-01-31"');
  }
  throw wrong(call, option, value, `A ${type} has no range; leave it out`);
}

function readValues(call: string, type: SchemaType, values: unknown): readonly string[] {
  if (type !== "category")
    throw wrong(call, "values", values, 'Only a column of type "category" has a vocabulary');
  if (
    !Array.isArray(values) ||
    values.length === 0 ||
    !values.every((value) => ["string", "number", "boolean"].includes(typeof value))
  )
    throw wrong(call, "values", values, 'Give a list of words: ["a", "b"]');
  const words = values.map(String);
  const twice = words.find((word, i) => words.indexOf(word) < i);
  if (twice !== undefined) throw wrong(call, "values", twice, "Each word stands there once");
  return words;
}

function wrong(call: string, option: string, value: unknown, hint: string): StageError {
  return new StageError(`${call}: \`${option}\` is ${describe(value)}`, "argument", hint);
}
