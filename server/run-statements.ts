import { missingTableError, queryErrorFrom } from "../data/duckdb-error.ts";
import { QueryError, quoteName } from "../data/index.ts";
import type { Lineage } from "../data/lineage.ts";
import { prepareSql, type CheckedSql, type PreparedSql } from "../data/prepare-sql.ts";
import { checkStatements, placeIn } from "./lineage-check.ts";
import { databaseName } from "./lineage-files.ts";
import { rowSchema, type RowDatabase } from "./row-database.ts";
import { reasonFromQuery, RowsError } from "./rows-error.ts";

/** The table that the last statement of a lineage makes. */
export const dataTable = `${rowSchema}.data`;

/**
 * Runs the statements of a lineage in order, each by the same preparation as in the page, so that its
 * names mean the results of earlier ones and its files the attached databases. Results that nobody
 * reads any more are dropped.
 *
 * @param onStatement hears of each one, from 0, before it runs
 * @throws {RowsError}
 */
export async function runStatements(
  database: RowDatabase,
  lineage: Lineage,
  onStatement: (index: number) => void = () => undefined,
): Promise<void> {
  const last = lineage.statements.length - 1;
  const lastReaders = lastReadersOf(lineage);
  for (const [index, statement] of checkStatements(lineage).entries()) {
    if (index < last && !lastReaders.has(index)) continue;
    onStatement(index);
    await runStatement(database, lineage, index, statement);
    for (const [read, reader] of lastReaders)
      if (reader === index) await database.run(`drop table ${nameOf(read, last)}`);
  }
}

async function runStatement(
  database: RowDatabase,
  lineage: Lineage,
  index: number,
  checked: CheckedSql,
): Promise<void> {
  const statement = lineage.statements[index];
  if (statement === undefined) return;
  const last = lineage.statements.length - 1;
  const prepared = prepareSql(checked, nameOf(index, last), {
    tables: new Map(
      Object.entries(statement.tables).map(([name, read]) => [name, nameOf(read, last)]),
    ),
    files: new Map(
      Object.entries(statement.files).map(([path, digest]) => [
        path,
        `${databaseName({ path, digest })}.${quoteName("data")}`,
      ]),
    ),
  });
  try {
    // a PIVOT alone is made of several
    if ((await database.countStatements(prepared.text)) > 1 && !/\b(?:un)?pivot/i.test(checked.sql))
      throw new QueryError("there is more than one statement", "refused");
    await database.run(prepared.text);
  } catch (error) {
    throw statementError(error, prepared, lineage, index);
  }
}

function statementError(
  error: unknown,
  prepared: PreparedSql,
  { statements }: Lineage,
  index: number,
): RowsError {
  const { sql = "", tables = {} } = statements[index] ?? {};
  const said = queryErrorFrom(error, (byte) => prepared.offsetOf(byte));
  const told = missingTableError(said, sql, Object.keys(tables)) ?? said;
  const place = placeIn(index, statements.length, sql, told.offset);
  return new RowsError(`${place}: ${reasonFromQuery(told)}`, { cause: error });
}

/** By each statement on which the last one's rows depend, the last statement that reads it. */
function lastReadersOf({ statements }: Lineage): ReadonlyMap<number, number> {
  const readers = new Map<number, number>();
  for (let reader = statements.length - 1; reader >= 0; reader--) {
    if (reader < statements.length - 1 && !readers.has(reader)) continue;
    for (const read of Object.values(statements[reader]?.tables ?? {}))
      if (!readers.has(read)) readers.set(read, reader);
  }
  return readers;
}

function nameOf(index: number, last: number): string {
  return index === last ? dataTable : `${rowSchema}.t${index}`;
}
