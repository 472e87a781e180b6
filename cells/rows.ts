import { isReproducible, isTable, tableFromRows, type Table } from "../data/index.ts";
import type { LineageRows } from "../engines/run.ts";
import { digestKey } from "../runtime/digest.ts";
import type { Host, RowsMessage } from "./host.ts";
import { count } from "./number-format.ts";
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

/**
 * The rows of a development sample as they cross to a trainer.
 *
 * @throws {StageError} `argument` for a table whose rows stay in the database
 */
export function devRows(call: string, table: Table): RowsMessage {
  if (table.isLocal) return messageFrom(table);
  throw new StageError(
    `${call}: ${table.name} has ${count(table.numRows, "row")}, which stay in the database`,
    "argument",
    "Take a development sample first: view(sample(table, {…})), and give its value",
  );
}

/**
 * The rows of a full run: named by their lineage where they are in the database and the runner can
 * make them too, else sent. Only rows that JavaScript had a part in are fetched from the database.
 */
export async function fullRows(
  host: Host,
  table: Table,
  signal: AbortSignal,
): Promise<RowsMessage | LineageRows> {
  if (table.isLocal) return messageFrom(table);
  const { lineage, numRows } = table;
  if (lineage !== undefined && isReproducible(lineage))
    return { digest: table[digestKey], numRows, lineage };
  return messageFrom(
    await host.query("select * from t", {
      tables: { t: table },
      name: table.name,
      rowLimit: numRows,
      signal,
    }),
  );
}

function messageFrom(table: Table): RowsMessage {
  return { digest: table[digestKey], numRows: table.numRows, ipc: table.toIPC() };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    Symbol.iterator in value &&
    typeof value[Symbol.iterator] === "function"
  );
}
