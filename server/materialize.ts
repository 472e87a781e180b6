import { writeSync } from "node:fs";
import { planDigest } from "../engines/plan-digest.ts";
import type { RunRequest } from "../engines/run.ts";
import { queryErrorFrom } from "../data/duckdb-error.ts";
import { writeDurably } from "./durable-file.ts";
import { encodeTable, type ScannedTable } from "./encode-table.ts";
import { lineageFiles } from "./lineage-files.ts";
import type { MadeRows } from "./made-rows.ts";
import { RowDatabase } from "./row-database.ts";
import { rowLimits } from "./row-limits.ts";
import { faultText, reasonFromQuery, RowsError } from "./rows-error.ts";
import { RunDirectory } from "./run-directory.ts";
import { dataTable, runStatements } from "./run-statements.ts";
import { checkScannedRows } from "./scanned-row-check.ts";
import { scannedDigest } from "./table-scan-digest.ts";

/** What the process that makes rows says of itself, a line of JSON each. */
export type RowsProgress =
  /** the statement that it begins with, from 0 */
  | { readonly doing: "statement"; readonly index: number }
  | { readonly doing: "digest" | "check" | "encode" }
  /** why the rows cannot be made; the last line */
  | { readonly failed: string };

/**
 * Makes the rows of a run from their lineage: `tierbook materialize DIR`. It reads `run.json` and
 * `data/files/`, and writes the encoded rows and, last and at once, `data/rows.json`.
 *
 * @param say hears what is being done, and why it failed
 * @returns the status to exit with: 0 once the rows are there, 1 if they cannot be made
 */
export async function materialize(
  path: string,
  say: (progress: RowsProgress) => void = sayOnOutput,
): Promise<number> {
  const directory = new RunDirectory(path);
  const { request } = await directory.readRun();
  await directory.discardMadeRows();
  try {
    const made = await makeRows(directory, request, say);
    await writeDurably(directory.madeRows.manifest, `${JSON.stringify(made)}\n`);
    return 0;
  } catch (error) {
    say({ failed: reasonFrom(error) });
    return 1;
  }
}

async function makeRows(
  directory: RunDirectory,
  { plan, rows }: RunRequest,
  say: (progress: RowsProgress) => void,
): Promise<MadeRows> {
  if (!("lineage" in rows)) throw new RowsError("the run's rows were sent, and need no making");
  const { lineage, digest: lineageDigest } = rows;
  const { madeRows } = directory;
  const limits = await rowLimits(directory.path);
  const database = await RowDatabase.open(directory, lineageFiles(lineage), limits);
  const clock = stopwatch();
  await runStatements(database, lineage, (index) => say({ doing: "statement", index }));
  const table = await scannedTable(database);
  const statements = clock();
  say({ doing: "check" });
  const faults = await checkScannedRows(database, table.name, table.columns, plan);
  if (faults.length > 0) throw new RowsError(faultText(faults));
  const checking = clock();
  say({ doing: "digest" });
  const digest = await scannedDigest(database, table.name, table.columns, table.numRows);
  const digesting = clock();
  say({ doing: "encode" });
  const encoded = await encodeTable(plan, table, madeRows);
  database.close();
  await directory.discardRowDatabase();
  return {
    kind: "tierbook.rows",
    version: 1,
    lineage: lineageDigest,
    digest,
    numRows: table.numRows,
    columns: table.columns.map(({ name, sqlType }) => ({ name, sqlType })),
    plan: planDigest(plan),
    ...encoded,
    seconds: { statements, checks: checking, digest: digesting, encoding: clock() },
    memoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

async function scannedTable(database: RowDatabase): Promise<ScannedTable> {
  const [[numRows] = []] = await database.rows(`select count(*)::DOUBLE from ${dataTable}`);
  return {
    database,
    name: dataTable,
    columns: await database.columns(dataTable),
    numRows: Number(numRows),
  };
}

/** Seconds since it was last asked. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return (last - before) / 1000;
  };
}

function reasonFrom(error: unknown): string {
  return error instanceof RowsError ? error.message : reasonFromQuery(queryErrorFrom(error));
}

/** At once: whoever listens must have it before the process ends. */
function sayOnOutput(progress: RowsProgress): void {
  writeSync(1, `${JSON.stringify(progress)}\n`);
}
