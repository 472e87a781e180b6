import { columnOf, type StoredColumn } from "./column.ts";
import { MemoryTable } from "./memory-table.ts";
import { inferSqlType } from "./infer-type.ts";
import { storedValues } from "./stored-values.ts";
import type { Lineage } from "./lineage.ts";
import { TableError, type Column, type Table } from "./table.ts";

/**
 * A table of row objects, as a JavaScript cell makes them. Columns are the members of all rows in
 * the order in which they first appear; a row without one has null there, as has `undefined`.
 * Types are inferred: see {@link inferSqlType}.
 *
 * @throws {TableError} `not-rows` for what is no object, `no-columns` without rows or members,
 *   `mixed-types`, `unsupported-value`; with the column and the row
 */
export function tableFromRows(name: string, rows: Iterable<unknown>, lineage?: Lineage): Table {
  const columns = new Map<string, unknown[]>();
  let numRows = 0;
  for (const row of rows) {
    if (!isRow(row)) throw notRow(name, row, numRows);
    for (const [member, value] of Object.entries(row)) {
      let values = columns.get(member);
      if (!values) columns.set(member, (values = Array<unknown>(numRows).fill(null)));
      while (values.length < numRows) values.push(null);
      values.push(value ?? null);
    }
    numRows++;
  }
  if (columns.size === 0)
    throw new TableError(
      numRows === 0
        ? `${name} has no rows, so its columns are unknown; SQL needs at least one row`
        : `the rows of ${name} have no members; a table needs at least one column`,
      "no-columns",
    );
  const stored = Array.from(columns, ([member, values]): StoredColumn => {
    while (values.length < numRows) values.push(null);
    const column = columnOf(member, inferSqlType(name, member, values));
    return { column, values: storedValues(name, column, values) };
  });
  return new MemoryTable(name, stored, numRows, lineage);
}

/**
 * A table of columns with known types.
 *
 * @param values by column name, all of one length: numbers, bigints, texts, booleans, Dates (or
 *   milliseconds) for dates and timestamps, null or undefined where a value is missing
 * @throws {TableError} `mixed-types` with column and row where a value is not of its column's type
 */
export function tableFromColumns(
  name: string,
  columns: readonly Pick<Column, "name" | "sqlType">[],
  values: Readonly<Record<string, ArrayLike<unknown>>>,
  lineage?: Lineage,
): Table {
  const numRows = columns[0] ? (values[columns[0].name]?.length ?? 0) : 0;
  const stored = columns.map(({ name: member, sqlType }): StoredColumn => {
    const column = columnOf(member, sqlType);
    const own = values[member];
    if (own?.length !== numRows)
      throw new TableError(
        own
          ? `${name}.${member} has ${own.length} values where the first column has ${numRows}`
          : `${name}.${member} has no values`,
        "mixed-types",
        member,
      );
    return { column, values: storedValues(name, column, own) };
  });
  if (stored.length === 0)
    throw new TableError(`${name} has no columns; a table needs at least one`, "no-columns");
  return new MemoryTable(name, stored, numRows, lineage);
}

function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}

function notRow(name: string, value: unknown, row: number): TableError {
  const what =
    value === null
      ? "null"
      : Array.isArray(value)
        ? "an array"
        : value instanceof Date
          ? "a date"
          : `a ${typeof value}`;
  return new TableError(
    `row ${row} of ${name} is ${what}; a table is made of objects such as {x: 1, y: "a"}`,
    "not-rows",
    undefined,
    row,
  );
}
