import type { StoredValues } from "./column.ts";
import type { GivenFileTable } from "./query-client.ts";
import type { StagedColumn } from "./staged-column.ts";
import type { Column } from "./table.ts";

/**
 * The little that a DuckDB does for a {@link DuckClient}: one implementation speaks to DuckDB-WASM's
 * worker, one to native DuckDB. Errors are DuckDB's own, with `errors_as_json` on.
 */
export interface Database {
  /** Runs one statement for its effect. An aborted signal stops it at the source. */
  run(sql: string, signal?: AbortSignal): Promise<void>;

  /**
   * Runs a query whose columns come in the types of `readExpression`.
   *
   * @param columns what the query's columns are to a table, in order
   */
  read(
    sql: string,
    columns: readonly Pick<Column, "type">[],
    signal?: AbortSignal,
  ): Promise<ReadRows>;

  /**
   * Makes a table of staged columns named `c0`, `c1`, … and puts their rows in, of which there is at
   * least one.
   */
  stage(table: string, columns: readonly StagedColumn[], numRows: number): Promise<void>;

  /**
   * Attaches a file as a database, read only.
   *
   * @param name as SQL writes it
   */
  attach(file: GivenFileTable, name: string): Promise<void>;

  close(): Promise<void>;
}

/**
 * Settings that both engines have before the first query. Two optimizers are off:
 *
 * - `build_side_probe_side`. The rows of a join come in the order of the side that is probed. By
 *   itself DuckDB probes the larger one, by an estimate that changes with the columns that are read;
 *   the same view would give its rows in one order here and in another there, and a row's number
 *   would mean nothing. With this off, the table that SQL names first is probed.
 * - `common_subplan`. It keeps the rows of parts that are alike in memory, all three million of them,
 *   where reading them twice takes no memory and little more time.
 */
export const commonSettings: readonly string[] = [
  "global errors_as_json = true",
  "global disabled_optimizers = 'build_side_probe_side,common_subplan'",
  "autoload_known_extensions = false",
  "autoinstall_known_extensions = false",
];

/** What a query gave: values by column, in row order. */
export interface ReadRows {
  readonly numRows: number;
  readonly values: readonly StoredValues[];
}
