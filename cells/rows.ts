import { isTable, tableFromRows, type Table } from "../data/index.ts";
import { digestKey } from "../runtime/digest.ts";
import type { Host, RowsMessage } from "./host.ts";
import { describe } from "./options.ts";
import { StageError } from "./stage-error.ts";

/**
 * The table that a cell gave to a stage: a SQL cell's value, or rows that JavaScript made.
 *
 * @throws {StageError} `argument` for anything else
 */
export function readTable(call: string, value: unknown): Table {
  if (isTable(value)) return value;
  if (isIterable(value)) return tableFromRows("table", value);
  throw new StageError(
    `${call}: the table is ${describe(value)}`,
    "argument",
    "Give the value of a SQL cell, or an array of row objects",
  );
}

/** The rows of a table as they cross to a trainer; those still in the database are fetched. */
export async function rowsMessage(
  host: Host,
  table: Table,
  signal: AbortSignal,
): Promise<RowsMessage> {
  const local = table.isLocal
    ? table
    : await host.query("select * from t", {
        tables: { t: table },
        name: table.name,
        rowLimit: table.numRows,
        signal,
      });
  return { digest: local[digestKey], numRows: local.numRows, ipc: local.toIPC() };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    Symbol.iterator in value &&
    typeof value[Symbol.iterator] === "function"
  );
}
