import type { Column, Table } from "../data/index.ts";
import type { Host } from "./host.ts";
import type { DeclaredColumn } from "./schema-declaration.ts";
import { quoteName, quoteText } from "../data/sql-type.ts";
import { maxVocabulary, wordsOf } from "./schema-words.ts";

/** A declared column that the table has, with what the database says of it. */
export interface ColumnFacts {
  readonly declared: DeclaredColumn;
  readonly column: Column;
  readonly nulls: number;
  /** numbers, and ISO texts for dates and timestamps; of the finite values only */
  readonly min?: number | string;
  readonly max?: number | string;
  readonly mean?: number;
  /** a category's words and how many rows have each, most frequent first; absent past the limit */
  readonly words?: readonly { readonly word: string; readonly count: number }[];
  /** distinct values of a category or string */
  readonly distinct?: number;
  readonly faults: readonly RowFault[];
}

/** Rows of a column that break its declaration. */
export interface RowFault {
  readonly kind: "nulls" | "not-finite" | "not-whole" | "below" | "above" | "vocabulary" | "unique";
  readonly count: number;
  /** the first few rows, from 1 */
  readonly rows: readonly number[];
  /** the first few words that are not in the vocabulary */
  readonly words?: readonly string[];
}

/** Columns asked about in one scan; a wide table takes several. GROUPING takes no more than 64. */
const columnsAtOnce = 60;

/** Whether a column of this kind can hold what is declared. */
export function fitsType(declared: DeclaredColumn, column: Column): boolean {
  const { type } = column;
  switch (declared.type) {
    case "number":
    case "integer":
      return type === "number" || type === "integer";
    case "category":
      return type === "string" || type === "integer" || type === "boolean";
    case "timestamp":
      return type === "timestamp" || type === "date";
    default:
      return type === declared.type;
  }
}

/**
 * Asks the database about columns: everything is counted there, and only the numbers come here. The
 * table is read once for all numbers, once more for the words of the categories, and once more for
 * the rows with faults where there are any.
 *
 * @param pairs columns of which {@link fitsType} holds
 */
export async function columnFacts(
  host: Host,
  table: Table,
  pairs: readonly { readonly declared: DeclaredColumn; readonly column: Column }[],
  signal: AbortSignal,
): Promise<ColumnFacts[]> {
  const facts: ColumnFacts[] = [];
  for (let start = 0; start < pairs.length; start += columnsAtOnce)
    facts.push(
      ...(await factsOfSome(host, table, pairs.slice(start, start + columnsAtOnce), signal)),
    );
  return facts;
}

interface Probe {
  readonly declared: DeclaredColumn;
  readonly column: Column;
  readonly alias: string;
  /** what each kind of fault is, as a SQL predicate over the column */
  readonly predicates: readonly { readonly kind: RowFault["kind"]; readonly sql: string }[];
}

async function factsOfSome(
  host: Host,
  table: Table,
  pairs: readonly { readonly declared: DeclaredColumn; readonly column: Column }[],
  signal: AbortSignal,
): Promise<ColumnFacts[]> {
  const probes = pairs.map(({ declared, column }, i): Probe => ({
    declared,
    column,
    alias: `c${i}`,
    predicates: predicatesOf(declared, column),
  }));
  const ask = async (sql: string): Promise<Table> =>
    host.query(sql, {
      tables: { t: table },
      name: "schema",
      signal,
      rowLimit: columnsAtOnce * (maxVocabulary + 1),
    });
  const totals = (await ask(totalsSql(probes))).at(0) ?? {};
  const words = await wordsOf(
    ask,
    probes.filter(({ declared }) => declared.type === "category"),
  );
  const failing = probes.filter((probe) => faultsIn(probe, totals).length > 0);
  const examples = failing.length === 0 ? {} : ((await ask(examplesSql(failing))).at(0) ?? {});
  return probes.map((probe) => {
    const { declared, column, alias } = probe;
    const read = (name: string): unknown => totals[`${alias}_${name}`] ?? undefined;
    const min = boundFrom(read("min"));
    const max = boundFrom(read("max"));
    const mean = read("mean");
    const own = words.get(alias)?.words;
    const distinct = words.get(alias)?.distinct ?? read("distinct");
    return {
      declared,
      column,
      nulls: Number(read("nulls") ?? 0),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(typeof mean === "number" && { mean }),
      ...(distinct !== undefined && { distinct: Number(distinct) }),
      ...(own !== undefined && { words: own }),
      faults: faultsIn(probe, totals).map((fault) => ({
        ...fault,
        rows: numbersIn(examples[`${alias}_${sqlName(fault.kind)}`]),
        ...(fault.kind === "vocabulary" &&
          own !== undefined && {
            words: own
              .map(({ word }) => word)
              .filter((word) => declared.values?.includes(word) === false)
              .slice(0, 5),
          }),
      })),
    };
  });
}

function totalsSql(probes: readonly Probe[]): string {
  const items = probes.flatMap(({ declared, column, alias, predicates }) => {
    const name = quoteName(column.name);
    return [
      `count(*) filter (where ${name} is null) as ${alias}_nulls`,
      ...statisticsOf(declared, name).map(([what, sql]) => `${sql} as ${alias}_${what}`),
      ...predicates
        .filter(({ kind }) => kind !== "nulls")
        .map(({ kind, sql }) =>
          kind === "unique"
            ? `count(${name}) - count(distinct ${name}) as ${alias}_unique`
            : `count(*) filter (where ${sql}) as ${alias}_${sqlName(kind)}`,
        ),
    ];
  });
  return `select count(*) as n,\n  ${items.join(",\n  ")}\nfrom t`;
}

function statisticsOf(
  declared: DeclaredColumn,
  name: string,
): readonly (readonly [string, string])[] {
  switch (declared.type) {
    case "number":
    case "integer": {
      const finite = `filter (where isfinite(cast(${name} as double)))`;
      return ["min", "max", "avg"].map((aggregate) => [
        aggregate === "avg" ? "mean" : aggregate,
        `${aggregate}(cast(${name} as double)) ${finite}`,
      ]);
    }
    case "date":
    case "timestamp":
      return ["min", "max"].map((aggregate) => [
        aggregate,
        `cast(${aggregate}(${name}) as varchar)`,
      ]);
    case "category":
      return [];
    case "string":
      return [["distinct", `count(distinct ${name})`]];
    case "boolean":
      return [["mean", `avg(cast(${name} as integer))`]];
  }
}

function predicatesOf(declared: DeclaredColumn, column: Column): Probe["predicates"] {
  const name = quoteName(column.name);
  const isNumber = declared.type === "number" || declared.type === "integer";
  const bound = (value: number | string): string =>
    typeof value === "number"
      ? Number.isFinite(value)
        ? String(value)
        : `cast(${quoteText(String(value))} as double)`
      : `cast(${quoteText(value)} as timestamp)`;
  const predicates: { kind: RowFault["kind"]; sql: string }[] = [
    { kind: "nulls", sql: `${name} is null` },
  ];
  if (isNumber && column.type === "number") {
    predicates.push({ kind: "not-finite", sql: `not isfinite(cast(${name} as double))` });
    if (declared.type === "integer")
      predicates.push({
        kind: "not-whole",
        sql: `isfinite(cast(${name} as double)) and ${name} <> floor(${name})`,
      });
  }
  if (declared.min !== undefined)
    predicates.push({ kind: "below", sql: `${name} < ${bound(declared.min)}` });
  if (declared.max !== undefined)
    predicates.push({ kind: "above", sql: `${name} > ${bound(declared.max)}` });
  if (declared.values !== undefined)
    predicates.push({
      kind: "vocabulary",
      sql: `cast(${name} as varchar) not in (${declared.values.map(quoteText).join(", ")})`,
    });
  if (declared.unique) predicates.push({ kind: "unique", sql: "" });
  return predicates;
}

/** The first rows of each fault; a row's number is its place in the table, from 1. */
function examplesSql(probes: readonly Probe[]): string {
  const columns = new Set(probes.map(({ column }) => quoteName(column.name)));
  const seconds = probes
    .filter(({ declared }) => declared.unique)
    .map(({ column, alias }) => {
      const name = quoteName(column.name);
      return `${name} is not null and row_number() over (partition by ${name} order by tierbook_row) > 1 as ${alias}_again`;
    });
  const items = probes.flatMap(({ alias, predicates }) =>
    predicates.map(
      ({ kind, sql }) =>
        `cast(min(tierbook_row, 5) filter (where ${kind === "unique" ? `${alias}_again` : sql}) as varchar) as ${alias}_${sqlName(kind)}`,
    ),
  );
  return `select ${items.join(",\n  ")}
from (
  select ${["*", ...seconds].join(", ")}
  from (select row_number() over () as tierbook_row, ${[...columns].join(", ")} from t)
)`;
}

function faultsIn(
  { declared, alias, predicates }: Probe,
  totals: Readonly<Record<string, unknown>>,
): Omit<RowFault, "rows" | "words">[] {
  return predicates
    .map(({ kind }) => ({ kind, count: Number(totals[`${alias}_${sqlName(kind)}`] ?? 0) }))
    .filter(({ kind, count }) => count > 0 && !(kind === "nulls" && declared.maxNulls > 0))
    .concat(tooManyNulls(declared, alias, totals));
}

function tooManyNulls(
  { maxNulls }: DeclaredColumn,
  alias: string,
  totals: Readonly<Record<string, unknown>>,
): { kind: "nulls"; count: number }[] {
  const nulls = Number(totals[`${alias}_nulls`] ?? 0);
  const rows = Number(totals["n"] ?? 0);
  return maxNulls > 0 && nulls > maxNulls * rows ? [{ kind: "nulls", count: nulls }] : [];
}

function sqlName(kind: RowFault["kind"]): string {
  return kind.replace("-", "_");
}

function boundFrom(value: unknown): number | string | undefined {
  return typeof value === "number" || typeof value === "string" ? value : undefined;
}

function numbersIn(text: unknown): number[] {
  return typeof text === "string" ? (text.match(/\d+/g) ?? []).map(Number) : [];
}
