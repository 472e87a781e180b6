import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  DuckDBDoubleVector,
  DuckDBInstance,
  type DuckDBConnection,
  type DuckDBDataChunk,
} from "@duckdb/node-api";
import { commonSettings } from "../data/database.ts";
import { columnOf, engineVersion, quoteText } from "../data/index.ts";
import type { Column } from "../data/table.ts";
import { databaseFile, databaseName, type LineageFile } from "./lineage-files.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { RowLimits } from "./row-limits.ts";

/** Where tables are made: an attached database of its own, which no name in a query reaches. */
export const rowSchema = "tierbook_rows.tierbook";

/**
 * A native DuckDB for the rows of one run. It runs on one thread, because sums of fractions change in
 * their last digits with more, and reaches nothing but the databases of the run's files, which it
 * only reads, one database of its own, and a folder for what does not fit into memory. After
 * {@link open} no statement can change any of that.
 */
export class RowDatabase {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /** @throws what DuckDB says if a database of the run's files cannot be opened */
  static async open(
    directory: RunDirectory,
    files: readonly LineageFile[],
    { memoryBytes, diskBytes }: RowLimits,
  ): Promise<RowDatabase> {
    const { database, spill } = directory.madeRows;
    await mkdir(dirname(database), { recursive: true });
    await mkdir(spill, { recursive: true });
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    const own = new RowDatabase(instance, connection);
    for (const setting of [...commonSettings, "global TimeZone = 'UTC'"])
      await connection.run(`set ${setting}`);
    for (const file of files) {
      const location = quoteText(join(directory.files, databaseFile(file)));
      await connection.run(`attach ${location} as ${databaseName(file)} (read_only)`);
    }
    await connection.run(`attach ${quoteText(database)} as tierbook_rows`);
    await connection.run(`create schema ${rowSchema}`);
    for (const setting of [
      `memory_limit = '${Math.round(memoryBytes)}B'`,
      `temp_directory = ${quoteText(spill)}`,
      `max_temp_directory_size = '${Math.round(diskBytes)}B'`,
      "enable_external_access = false",
      "lock_configuration = true",
    ])
      await connection.run(`set ${setting}`);
    const [[version] = []] = await own.rows("select version()");
    if (version !== engineVersion)
      throw new Error(`DuckDB is ${String(version)}, and must be ${engineVersion}`);
    return own;
  }

  /** Runs a statement for its effect. */
  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** How many statements DuckDB sees in a text. */
  async countStatements(sql: string): Promise<number> {
    return (await this.connection.extractStatements(sql)).count;
  }

  /** The rows of a small result, as JSON has them. */
  async rows(sql: string): Promise<unknown[][]> {
    return (await this.connection.runAndReadAll(sql)).getRowsJson();
  }

  /** The columns of a table. */
  async columns(table: string): Promise<Column[]> {
    const rows = await this.rows(`select column_name, column_type from (describe ${table})`);
    return rows.map(([name, type]) => columnOf(String(name), String(type)));
  }

  /** A result as it comes, some thousand rows at a time, in the order of its rows. */
  async *scan(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/**
 * The numbers of a column of type DOUBLE in which none is missing, without a copy where DuckDB's
 * client lets us; they are good until the next chunk.
 */
export function doublesOf(chunk: DuckDBDataChunk, column: number): Float64Array {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBDoubleVector))
    throw new Error(`column ${column} of this scan is ${vector.type.toString()}, not DOUBLE`);
  // reading value by value takes many times as long
  const items: unknown = Reflect.get(vector, "items");
  return items instanceof Float64Array ? items : Float64Array.from(vector.toArray(), Number);
}
