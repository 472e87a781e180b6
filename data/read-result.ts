import { columnOf, type StoredValues } from "./column.ts";
import type { Database } from "./database.ts";
import { readExpression } from "./read-expression.ts";
import { parseSqlType } from "./sql-type.ts";
import type { Column } from "./table.ts";

/** The columns of a table in the database. */
export async function readColumns(database: Database, target: string): Promise<Column[]> {
  const { values } = await database.read(
    `select column_name, column_type from (describe ${target})`,
    [{ type: "string" }, { type: "string" }],
  );
  const [names = [], types = []] = values;
  return Array.from(names, (column, i) => columnOf(String(column), String(types[i])));
}

/** How many rows a table or view in the database has. */
export async function countRows(
  database: Database,
  target: string,
  signal?: AbortSignal,
): Promise<number> {
  const { values } = await database.read(
    `select count(*)::DOUBLE from ${target}`,
    [{ type: "number" }],
    signal,
  );
  return Number(values[0]?.[0] ?? 0);
}

/** All rows of a table in the database, by column. */
export async function readRows(
  database: Database,
  target: string,
  columns: readonly Column[],
  signal?: AbortSignal,
): Promise<{ readonly numRows: number; readonly values: readonly StoredValues[] }> {
  const expressions = columns.map(({ name, sqlType }, i) => {
    return `${readExpression(name, parseSqlType(sqlType))} as c${i}`;
  });
  return await database.read(`select ${expressions.join(", ")} from ${target}`, columns, signal);
}
