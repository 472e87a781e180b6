import { tableFromIPC } from "./arrow-decode.ts";
import type { Database } from "./database.ts";
import { MemoryTable } from "./memory-table.ts";
import { QueryError } from "./query-client.ts";
import { countRows } from "./read-result.ts";
import { quoteName } from "./sql-type.ts";
import { stagedColumn } from "./staged-column.ts";
import type { Table } from "./table.ts";

/**
 * Puts the rows of a table into the database, as a table of the same columns.
 *
 * @param target schema and name of the new table
 * @param stage a name in schema `main` that is free, for what stands there meanwhile
 * @throws {QueryError} where not all rows arrive
 */
export async function insertTable(
  database: Database,
  table: Table,
  target: string,
  stage: string,
): Promise<void> {
  const memory =
    table instanceof MemoryTable ? table : tableFromIPC(table.toIPC(), { name: table.name });
  const stored = memory instanceof MemoryTable ? memory.stored : [];
  const staged = stored.map(stagedColumn);
  const isEmpty = table.numRows === 0;
  const expressions = staged.map((column, i) => {
    const name = quoteName(stored[i]?.column.name ?? "");
    return `${column.expression(isEmpty ? "x" : `c${i}`)} as ${name}`;
  });
  const source = isEmpty ? "(select null as x) limit 0" : `main.${quoteName(stage)}`;
  try {
    if (!isEmpty) await database.stage(stage, staged, table.numRows);
    await database.run(`create table ${target} as select ${expressions.join(", ")} from ${source}`);
    const arrived = await countRows(database, target);
    if (arrived !== table.numRows)
      throw new QueryError(
        `${table.name} has ${table.numRows} rows and ${arrived} of them arrived in DuckDB`,
        "other",
      );
  } finally {
    if (!isEmpty)
      await database.run(`drop table if exists main.${quoteName(stage)}`).catch(() => undefined);
  }
}
