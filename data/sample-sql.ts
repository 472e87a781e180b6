import { quoteName } from "./sql-type.ts";
import type { Column } from "./table.ts";

/** What a development sample is taken of, and how. */
export interface SampleOptions {
  /** the name after FROM */
  readonly table: string;
  readonly columns: readonly Column[];
  /** the column whose classes must all be there; without it the sample is uniform */
  readonly label?: string;
  /** rows of each class that come first, where the class has as many */
  readonly perClass: number;
  /** rows in all; a table with no more comes whole */
  readonly limit: number;
  /** a whole number in [0, 2^32) */
  readonly seed: number;
  /** columns whose missing values, extremes and rare categories must be there; all by default */
  readonly edgeColumns?: readonly string[];
}

/**
 * The SQL of a development sample: deterministic in (rows in order, seed), the same rows in every
 * engine. Rows come in their original order.
 *
 * Rows are taken in this order until there are `limit`: each class's first row, second row, … up to
 * `perClass`; for each edge column a row without a value, the smallest and the largest (numbers and
 * times) or one row of each of the 12 rarest categories (texts and booleans); then rows at random.
 * "First" and "random" are by {@link mix32} of the row's number. Up to 2^32 rows.
 *
 * The last bit of `mix32` gives way to the row's number, which makes every key different.
 */
export function sampleSql(options: SampleOptions): string {
  const { table, columns, label, perClass, limit, seed } = options;
  checkWhole("perClass", perClass, 0, 2 ** 20);
  checkWhole("limit", limit, 1, 2 ** 32);
  checkWhole("seed", seed, 0, 2 ** 32 - 1);
  const edges = (options.edgeColumns ?? columns.map(({ name }) => name)).map((name) =>
    columnNamed(columns, name),
  );
  const row = quoteName(unusedName(columns));
  const key = quoteName(unusedName(columns, "key"));
  const picks = [
    ...(label === undefined || perClass === 0
      ? []
      : [classPicks(quoteName(columnNamed(columns, label).name), key, perClass)]),
    ...edges.flatMap((column) => edgePicks(column, row, key)),
    `select unnest(min(${key}, ${limit})) as pick, ${3 * tier} as rank from keyed`,
  ];
  return [
    `with numbered as (select *, row_number() over () - 1 as ${row} from ${quoteName(table)}),`,
    `keyed as (select *, (${mixExpression(row, seed)} >> 1) * 4294967296 + ${row} as ${key} from numbered),`,
    `picks as (${picks.join("\nunion all ")}),`,
    // a row that is picked twice counts by its better reason
    `chosen as (select pick & 4294967295 as pick from (select pick, min(rank) as rank from picks ` +
      `where pick is not null group by pick order by min(rank), pick limit ${limit}))`,
    `select ${columns.map(({ name }) => quoteName(name)).join(", ")} from numbered ` +
      `where ${row} in (select pick from chosen) order by ${row}`,
  ].join("\n");
}

/**
 * A hash of a row's number and a seed, in [0, 2^32): two rounds of multiply and xor-shift. The same
 * numbers come from the SQL of {@link mixExpression}.
 *
 * @param row a whole number, at least 0
 * @param seed a whole number in [0, 2^32)
 */
export function mix32(row: number, seed: number): number {
  let mixed = (row % 2 ** 32) + (Math.imul(seed, 2654435769) >>> 0);
  for (let round = 0; round < 2; round++) mixed = Math.imul(mixed ^ (mixed >>> 16), 73244475);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** {@link mix32} in SQL, of an expression that gives a BIGINT of at least 0. */
export function mixExpression(row: string, seed: number): string {
  const start = `((${row} + ${Math.imul(seed, 2654435769) >>> 0}) & 4294967295)`;
  const round = (value: string): string =>
    `((xor(${value}, ${value} >> 16) * 73244475) & 4294967295)`;
  const mixed = round(round(start));
  return `xor(${mixed}, ${mixed} >> 16)`;
}

/** Reasons are ranks in tiers: classes, edges, rare categories, chance. */
const tier = 2 ** 24;

function classPicks(label: string, key: string, perClass: number): string {
  const keys = `select min(${key}, ${perClass}) as keys from keyed where ${label} is not null group by ${label}`;
  return `select unnest(keys) as pick, generate_subscripts(keys, 1) as rank from (${keys})`;
}

function edgePicks({ name, type }: Column, row: string, key: string): string[] {
  const column = quoteName(name);
  const missing = `select min(${key}) as pick, ${tier} as rank from keyed where ${column} is null`;
  switch (type) {
    case "number":
    case "integer":
    case "date":
    case "timestamp":
      return [
        missing,
        extreme(`${column} asc, ${row}`, column, key),
        extreme(`${column} desc, ${row}`, column, key),
      ];
    case "string":
    case "boolean":
      return [
        missing,
        `select pick, ${2 * tier} + row_number() over (order by n, value) as rank from ` +
          `(select min(${key}) as pick, count(*) as n, ${column} as value from keyed ` +
          `where ${column} is not null group by ${column} order by n, value limit 12)`,
      ];
    case "other":
      return [missing];
  }
}

function extreme(order: string, column: string, key: string): string {
  return `select pick, ${tier} as rank from (select ${key} as pick from keyed where ${column} is not null order by ${order} limit 1)`;
}

function columnNamed(columns: readonly Column[], name: string): Column {
  const column = columns.find((candidate) => candidate.name === name);
  if (column) return column;
  throw new RangeError(
    `there is no column ${name}; there are ${columns.map((candidate) => candidate.name).join(", ")}`,
  );
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name} is ${value}; it must be a whole number from ${least} to ${most}`);
}

/** A name that no column has; names in SQL ignore case. */
function unusedName(columns: readonly Column[], stem = "row"): string {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = stem;
  while (names.has(name)) name += "_";
  return name;
}
