import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { commonSettings } from "../data/database.ts";
import { quoteName, quoteText } from "../data/index.ts";

/** How many rows of a table are searched. */
export const mostRowsSearched = 200_000;

/** Types whose values cannot be names, addresses or keys. */
const plainTypes =
  /^(?:BOOLEAN|TINYINT|UTINYINT|SMALLINT|USMALLINT|FLOAT|DOUBLE|DATE|TIME\b.*|TIMESTAMP.*|INTERVAL)$/;

/**
 * The texts in a table of a database file, for a search: column by column, a line for each value,
 * beside the column's name, which may say what it is. Whole numbers count: a card has one.
 *
 * @param location the database's real path
 */
export async function* rowText(location: string, table: string): AsyncGenerator<string> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    for (const setting of commonSettings) await connection.run(`set ${setting}`);
    await connection.run(`attach ${quoteText(location)} as file (read_only)`);
    for (const setting of ["enable_external_access = false", "lock_configuration = true"])
      await connection.run(`set ${setting}`);
    const source = `file.${quoteName(table)}`;
    for (const column of await searchedColumns(connection, source))
      yield* columnText(connection, source, column);
  } finally {
    instance.closeSync();
  }
}

async function searchedColumns(connection: DuckDBConnection, source: string): Promise<string[]> {
  const described = await connection.runAndReadAll(
    `select column_name, column_type from (describe ${source})`,
  );
  return described
    .getRows()
    .filter(([, type]) => !plainTypes.test(String(type)))
    .map(([name]) => String(name));
}

async function* columnText(
  connection: DuckDBConnection,
  source: string,
  column: string,
): AsyncGenerator<string> {
  const name = quoteName(column);
  const sql = `select ${name}::VARCHAR from (select ${name} from ${source} limit ${mostRowsSearched}) where ${name} is not null`;
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk
      .getColumnValues(0)
      .map((value) => `${column}="${String(value)}"\n`)
      .join("");
  }
}
