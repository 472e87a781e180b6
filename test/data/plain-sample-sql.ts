import { mixExpression, type SampleOptions } from "../../data/sample-sql.ts";
import { quoteName } from "../../data/sql-type.ts";
import type { Column } from "../../data/table.ts";

/**
 * A development sample as its definition reads: a query for each reason, and sorts. It says what
 * `sampleSql` must give, and is no way to read a large table.
 */
export function plainSampleSql(options: SampleOptions): string {
  const { table, columns, label, perClass, limit, seed } = options;
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
  throw new RangeError(`there is no column ${name}`);
}

/** A name that no column has; names in SQL ignore case. */
function unusedName(columns: readonly Column[], stem = "row"): string {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = stem;
  while (names.has(name)) name += "_";
  return name;
}
