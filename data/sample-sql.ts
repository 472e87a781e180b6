import { quoteName } from "./sql-type.ts";
import type { Column } from "./table.ts";

/** What a development sample is taken of, and how. */
export interface SampleOptions {
  /** the name after FROM */
  readonly table: string;
  readonly columns: readonly Column[];
  readonly numRows: number;
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
  /** the name after FROM of what {@link classSql} gave for the same options, not to ask it again */
  readonly classes?: string;
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
 *
 * The table is read from its first row to its last up to four times, and nothing of it is kept but
 * classes, categories and picks: once for the classes, once for gaps, extremes and chance, once for
 * the rare categories (32 columns at a time), and once to take the rows by their numbers.
 */
export function sampleSql(options: SampleOptions): string {
  const { table, columns, label, perClass, limit } = options;
  checkOptions(options);
  const edges = (options.edgeColumns ?? columns.map(({ name }) => name)).map((name) =>
    columnNamed(columns, name),
  );
  const parts = [
    ...(label === undefined || perClass === 0 ? [] : [classPicks({ ...options, label })]),
    edgePicks(options, edges),
    ...rarePicks(options, edges.filter(isCategorical)),
  ];
  const picks = quoteName(`${table} picks`);
  const row = quoteName(unusedName(columns));
  return [
    `with ${[
      ...parts.flatMap(({ scan }) => scan ?? []),
      `${picks} as (${parts.flatMap((part) => part.picks).join("\nunion all ")})`,
    ].join(",\n")}`,
    `select ${columns.map(({ name }) => quoteName(name)).join(", ")} from ${numberedRows(options)} ` +
      // a row that is picked twice counts by its better reason
      `where ${row} in (select pick & 4294967295 from (select pick, min(rank) as rank from ${picks} ` +
      `where pick is not null group by pick order by min(rank), pick limit ${limit})) ` +
      // asking for another number makes DuckDB read the parts of a UNION in their order here too
      `order by ${row}, row_number() over ()`,
  ].join("\n");
}

/**
 * The SQL of a label's classes, one row each: `class`, the number `n` of its rows, and in `keys` those
 * that a sample takes first. The classes come in no order.
 */
export function classSql(options: SampleOptions & { readonly label: string }): string {
  checkOptions(options);
  const { columns, perClass } = options;
  const label = quoteName(columnNamed(columns, options.label).name);
  const { key, source } = keyedRows(options);
  return (
    `select ${label} as class, count(*) as n, min(${key}, ${Math.max(1, perClass)}) as keys ` +
    `from ${source} where ${label} is not null group by ${label}`
  );
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

/** Categories of so many columns are counted in one scan; GROUPING takes no more than 64. */
const columnsAtOnce = 32;

/** Some of the reasons to take rows, and what must be read for them. */
interface Picks {
  /** a common table expression that reads the table once */
  readonly scan?: string;
  /** queries that give `pick`, the key of a row or null, and `rank` */
  readonly picks: readonly string[];
}

function classPicks(options: SampleOptions & { readonly label: string }): Picks {
  const own = quoteName(`${options.table} classes`);
  const from = options.classes === undefined ? own : quoteName(options.classes);
  return {
    ...(options.classes === undefined && { scan: `${own} as (${classSql(options)})` }),
    picks: [`select unnest(keys) as pick, generate_subscripts(keys, 1) as rank from ${from}`],
  };
}

/** Gaps and extremes of all columns, and rows at random. */
function edgePicks(options: SampleOptions, edges: readonly Column[]): Picks {
  const { key, source } = keyedRows(options);
  const keys = edges.flatMap(({ name, type }) => {
    const column = quoteName(name);
    const missing = `min(${key}) filter (where ${column} is null)`;
    return isCategorical({ type }) || type === "other"
      ? [missing]
      : // rows come in their order, and the first of equals stays
        [missing, `arg_min(${key}, ${column})`, `arg_max(${key}, ${column})`];
  });
  const scan = quoteName(`${options.table} edges`);
  return {
    scan:
      `${scan} as materialized (select [${keys.join(", ")}]::BIGINT[] as edges, ` +
      `min(${key}, ${options.limit}) as chance from ${source})`,
    picks: [
      `select unnest(edges) as pick, ${tier} as rank from ${scan}`,
      `select unnest(chance) as pick, ${3 * tier} as rank from ${scan}`,
    ],
  };
}

/** One row of each of the 12 rarest categories of each column. */
function rarePicks(options: SampleOptions, columns: readonly Column[]): Picks[] {
  const { key, source } = keyedRows(options);
  const blocks = Array.from({ length: Math.ceil(columns.length / columnsAtOnce) }, (_, i) =>
    columns.slice(i * columnsAtOnce, (i + 1) * columnsAtOnce),
  );
  return blocks.map((block, number) => {
    const scan = quoteName(`${options.table} categories ${number}`);
    const names = block.map((_, i) => `c${i}`);
    const values = block.map(({ name }, i) => `${quoteName(name)} as c${i}`);
    return {
      scan:
        `${scan} as materialized (select grouping(${names.join(", ")}) as others, ${names.join(", ")}, ` +
        `min(pick) as pick, count(*) as n from (select ${values.join(", ")}, ${key} as pick from ${source}) ` +
        `group by grouping sets (${names.map((name) => `(${name})`).join(", ")}))`,
      picks: names.map((name, i) => {
        // a bit for each column, the first one highest, set where rows are not grouped by it
        const others = 2 ** names.length - 1 - 2 ** (names.length - 1 - i);
        return (
          `select pick, ${2 * tier} + row_number() over (order by n, ${name}) as rank from ` +
          `(select pick, n, ${name} from ${scan} where others = ${others} and ${name} is not null ` +
          `order by n, ${name} limit 12)`
        );
      }),
    };
  });
}

function isCategorical({ type }: Pick<Column, "type">): boolean {
  return type === "string" || type === "boolean";
}

/**
 * The table with each row's number, from 0, as SQL that can stand after FROM. Over a join DuckDB
 * collects all that is read to answer `row_number() over ()`; a positional join collects the numbers
 * alone, which are 4 bytes a row, and rows stream past them.
 */
function numberedRows({ table, columns, numRows }: SampleOptions): string {
  const row = quoteName(unusedName(columns));
  const numbers = `(select range::UINTEGER as ${row} from range(${numRows}))`;
  // the limit takes nothing away; it makes DuckDB read the parts of a UNION in their order
  const rows = `(from ${quoteName(table)} limit ${numRows})`;
  return `(select * replace (${row}::BIGINT as ${row}) from ${rows} positional join ${numbers})`;
}

/** The table with each row's key: a hash of its number, and in the lower 32 bits the number itself. */
function keyedRows(options: SampleOptions): { readonly key: string; readonly source: string } {
  const row = quoteName(unusedName(options.columns));
  const key = quoteName(unusedName(options.columns, "key"));
  const hash = mixExpression(row, options.seed);
  return {
    key,
    source: `(select *, (${hash} >> 1) * 4294967296 + ${row} as ${key} from ${numberedRows(options)})`,
  };
}

function checkOptions({ numRows, perClass, limit, seed }: SampleOptions): void {
  checkWhole("numRows", numRows, 0, 2 ** 32);
  checkWhole("perClass", perClass, 0, 2 ** 20);
  checkWhole("limit", limit, 1, 2 ** 32);
  checkWhole("seed", seed, 0, 2 ** 32 - 1);
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
