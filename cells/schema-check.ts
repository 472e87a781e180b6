import type { Table } from "../data/index.ts";
import { nearestName } from "../engines/nearest-name.ts";
import type { Check } from "../engines/receipt.ts";
import { count, formatNumber, formatShare } from "./number-format.ts";
import type { DeclaredColumn } from "./schema-declaration.ts";
import { fitsType, type ColumnFacts, type RowFault } from "./schema-query.ts";
import { maxVocabulary } from "./schema-words.ts";

/** The faults that the table's columns alone show: missing ones, and ones of another type. */
export function checkColumns(table: Table, declared: readonly DeclaredColumn[]): Check[] {
  const names = table.columns.map(({ name }) => name);
  return declared.flatMap((one): Check[] => {
    const column = table.columns.find(({ name }) => name === one.name);
    if (column === undefined) {
      const nearest = nearestName(one.name, names);
      return [
        fault(
          "columns",
          one.name,
          `there is no column \`${one.name}\``,
          nearest === undefined
            ? `The table has ${names.join(", ")}`
            : `Did you mean \`${nearest}\`?`,
        ),
      ];
    }
    return fitsType(one, column)
      ? []
      : [
          fault(
            "types",
            one.name,
            `it is declared ${one.type} and is ${column.sqlType}`,
            `Declare what it is, or cast it in SQL: \`${sqlCast(one)}\``,
          ),
        ];
  });
}

/** The faults of the values, each with how many rows and which. */
export function checkFacts(table: Table, facts: readonly ColumnFacts[]): Check[] {
  return facts.flatMap((column) => [
    ...column.faults.map((one) => rowFault(table, column, one)),
    ...checkWords(column),
  ]);
}

/** What is as it should be, one check a kind without faults. */
export function passes(checks: readonly Check[], facts: readonly ColumnFacts[]): Check[] {
  const categories = facts.filter(({ declared }) => declared.type === "category").length;
  const texts: Readonly<Record<string, string>> = {
    columns: `${count(facts.length, "column is", "columns are")} there`,
    types: "every column has its declared type",
    nulls: "no value is missing where none may be",
    ranges: "every value is in its range",
    ...(categories > 0 && {
      vocabularies: `${count(categories, "vocabulary holds", "vocabularies hold")} every word`,
    }),
  };
  return Object.entries(texts)
    .filter(([name]) => !checks.some((check) => check.name === name && check.verdict === "fail"))
    .map(([name, message]) => ({ name, verdict: "pass", message }));
}

function rowFault(table: Table, { declared, nulls }: ColumnFacts, found: RowFault): Check {
  const where = declared.name;
  const rows = `${count(found.count, "row")} (${rowList(found)})`;
  const leaveOut = "Mend the data, or leave these rows out in SQL";
  switch (found.kind) {
    case "nulls":
      return declared.maxNulls === 0
        ? fault(
            "nulls",
            where,
            `a value is missing in ${rows}`,
            "Allow it with `nulls: true`, or leave these rows out",
          )
        : fault(
            "nulls",
            where,
            `${formatShare(nulls / table.numRows)} of the values are missing, more than ${formatShare(declared.maxNulls)}: ${rows}`,
            "Raise `nulls`, or find out why they are missing",
          );
    case "not-finite":
      return fault("ranges", where, `the value is not finite in ${rows}`, leaveOut);
    case "not-whole":
      return fault(
        "types",
        where,
        `the value is not whole in ${rows}`,
        'Declare it "number", or round it in SQL',
      );
    case "below":
      return fault(
        "ranges",
        where,
        `the value is below ${bound(declared.min)} in ${rows}`,
        leaveOut,
      );
    case "above":
      return fault(
        "ranges",
        where,
        `the value is above ${bound(declared.max)} in ${rows}`,
        leaveOut,
      );
    case "vocabulary":
      return fault(
        "vocabularies",
        where,
        `the word is not in the vocabulary in ${rows}: ${(found.words ?? []).map((word) => `\`${word}\``).join(", ")}`,
        nearestWords(declared, found) ?? "Add the words to `values`, or leave these rows out",
      );
    case "unique":
      return fault("unique", where, `the value came before in ${rows}`, leaveOut);
  }
}

function checkWords({ declared, distinct = 0, words }: ColumnFacts): Check[] {
  if (declared.type !== "category") return [];
  if (distinct > maxVocabulary)
    return [
      fault(
        "vocabularies",
        declared.name,
        `it has ${count(distinct, "word")}, more than a category can have (${maxVocabulary.toLocaleString("en")})`,
        'Declare it "string", or make fewer groups in SQL',
      ),
    ];
  const absent = (declared.values ?? []).filter(
    (value) => words?.some(({ word }) => word === value) === false,
  );
  return absent.length === 0
    ? []
    : [
        {
          name: "vocabularies",
          verdict: "warn",
          where: declared.name,
          message: `no row has ${absent
            .slice(0, 5)
            .map((word) => `\`${word}\``)
            .join(", ")}${absent.length > 5 ? `, and ${absent.length - 5} more` : ""}`,
          hint: "Fine if such rows can come later; else take the words out",
        },
      ];
}

function nearestWords(declared: DeclaredColumn, found: RowFault): string | undefined {
  const [word] = found.words ?? [];
  const nearest = word === undefined ? undefined : nearestName(word, declared.values ?? []);
  return nearest === undefined ? undefined : `Did you mean \`${nearest}\`?`;
}

function rowList({ rows, count: n }: RowFault): string {
  return `${rows.length === 1 ? "row" : "rows"} ${rows.map((row) => row.toLocaleString("en")).join(", ")}${n > rows.length ? ", …" : ""}`;
}

function bound(value: number | string | undefined): string {
  return typeof value === "number" ? formatNumber(value) : (value ?? "");
}

function sqlCast({ name, type }: DeclaredColumn): string {
  const types: Readonly<Record<string, string>> = {
    number: "DOUBLE",
    integer: "BIGINT",
    boolean: "BOOLEAN",
    date: "DATE",
    timestamp: "TIMESTAMP",
  };
  return `${name}::${types[type] ?? "VARCHAR"}`;
}

function fault(name: string, where: string, message: string, hint: string): Check {
  return { name, verdict: "fail", where, message, hint };
}
