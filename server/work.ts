import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { tableFromIPC } from "../data/index.ts";
import type { Table } from "../data/table.ts";
import type { Checkpoint, Engine, TrainOutcome } from "../engines/engine.ts";
import { runReceiptBody } from "../engines/run-receipt.ts";
import { planDigest } from "../engines/plan-digest.ts";
import { isFinal, type LineageRows, type RunEventBody, type RunResult } from "../engines/run.ts";
import type { TrainingData } from "../engines/training-data.ts";
import { digestKey } from "../runtime/digest.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoints.ts";
import { writeDurably } from "./durable-file.ts";
import { busyStatus, preemptedStatus } from "./executor.ts";
import { materializeInProcess } from "./materialize-process.ts";
import { readMadeRows, type MadeRows } from "./made-rows.ts";
import { RowStore } from "./row-store.ts";
import { RowsError } from "./rows-error.ts";
import { RunDirectory, type EventLog, type RunFile } from "./run-directory.ts";
import { digestOfBytes } from "./workspace-files.ts";

/** What the work on a run needs from outside. */
export interface WorkOptions {
  /** gives the engine that the run names */
  readonly engine: (name: Engine["name"]) => Promise<Engine>;
  /** aborts when the process is asked to stop: the step is finished and a checkpoint written */
  readonly signal: AbortSignal;
  /** seconds between checkpoints; default 30 */
  readonly checkpointSeconds?: number;
  /** starts the process that makes rows: the program and its first arguments */
  readonly command?: readonly string[];
}

/** Rows or a request that are not what `run.json` says. */
class WrongInputError extends Error {
  readonly code = "wrong-input";
}

/**
 * Executes the run in a directory: `tierbook work DIR`. It reads `run.json` and `data/` and nothing
 * else, and writes `events.jsonl`, `checkpoints/`, `artifacts/` and, last and at once, `result.json`.
 * Rows that are named by lineage are made first, in a process of their own.
 *
 * @returns the status to exit with: 0 once there is a result, 143 when it was asked to stop and can
 *   go on, 75 when another process works on the run
 */
export async function work(path: string, options: WorkOptions): Promise<number> {
  const directory = new RunDirectory(path);
  const run = await directory.readRun();
  const release = await directory.claim();
  if (release === undefined) return busyStatus;
  try {
    if ((await directory.readEnd()) !== undefined) return 0;
    const log = await directory.openEvents();
    return await workOn(directory, run, log, options);
  } finally {
    await release();
  }
}

async function workOn(
  directory: RunDirectory,
  run: RunFile,
  log: EventLog,
  options: WorkOptions,
): Promise<number> {
  let made: MadeRows | undefined;
  try {
    if (await directory.isMarkedCancelled()) return await end(directory, run, log, cancelled(run));
    const { rows } = run.request;
    if ("lineage" in rows) {
      made = await makeRows(directory, rows, run, log, options);
      if (made === undefined) return await stopped(directory, run, log);
    }
    const outcome = await trainOn(directory, run, log, options, made);
    if (outcome.checkpoint !== undefined) await keep(directory, log, outcome.checkpoint);
    if (outcome.state === "cancelled" && !(await directory.isMarkedCancelled())) {
      const reason = `asked to stop after step ${outcome.steps}; goes on from there`;
      await log.append({ type: "state", state: "preempted", reason }, true);
      return preemptedStatus;
    }
    if (outcome.weights !== undefined) await keepWeights(directory, log, outcome.weights);
    return await end(directory, run, log, { ...resultFrom(run, outcome), ...found(made) });
  } catch (error) {
    if (!(error instanceof RowsError)) console.error(error);
    return await end(directory, run, log, { ...failed(run, error), ...found(made) });
  }
}

/** The rows of a lineage, made now unless they are there; undefined when it was asked to stop. */
async function makeRows(
  directory: RunDirectory,
  rows: LineageRows,
  { request }: RunFile,
  log: EventLog,
  { signal, command }: WorkOptions,
): Promise<MadeRows | undefined> {
  let made = await readMadeRows(directory);
  if (made?.lineage !== rows.digest || made.plan !== planDigest(request.plan)) {
    const count = rows.lineage.statements.length;
    const text = `making the rows from ${count} ${count === 1 ? "statement" : "statements"}`;
    await log.append({ type: "log", level: "info", text });
    made = await materializeInProcess(directory, rows.lineage, {
      signal,
      ...(command === undefined ? {} : { command }),
    });
    if (made === undefined) return undefined;
  }
  await report(directory, rows, made, log);
  return made;
}

/** Says once what the rows turned out to be. */
async function report(
  directory: RunDirectory,
  rows: LineageRows,
  { digest, numRows, seconds, memoryBytes }: MadeRows,
  log: EventLog,
): Promise<void> {
  const { events } = await directory.readEvents();
  if (events.some((event) => event.type === "data" && event.digest === digest)) return;
  const took = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  await log.append({ type: "data", digest, numRows, seconds: took, memoryBytes });
  if (numRows === rows.numRows) return;
  const text = `the rows are ${numRows.toLocaleString("en")}; whoever asked for the run had counted ${rows.numRows.toLocaleString("en")}`;
  await log.append({ type: "log", level: "warn", text });
}

/** Asked to stop while the rows were being made. */
async function stopped(directory: RunDirectory, run: RunFile, log: EventLog): Promise<number> {
  if (await directory.isMarkedCancelled()) return await end(directory, run, log, cancelled(run));
  const reason = "asked to stop while its rows were being made; they are made anew";
  await log.append({ type: "state", state: "preempted", reason }, true);
  return preemptedStatus;
}

async function trainOn(
  directory: RunDirectory,
  run: RunFile,
  log: EventLog,
  options: WorkOptions,
  made: MadeRows | undefined,
): Promise<TrainOutcome> {
  if (made === undefined)
    return await train(directory, run, log, options, await readRows(directory, run));
  const store = await RowStore.open(made, directory.madeRows);
  try {
    return await train(directory, run, log, options, store);
  } finally {
    await store.close();
  }
}

async function train(
  directory: RunDirectory,
  run: RunFile,
  log: EventLog,
  { engine, signal, checkpointSeconds = 30 }: WorkOptions,
  rows: Table | TrainingData,
): Promise<TrainOutcome> {
  const { plan, tier, device } = run.request;
  const resume = await readCheckpoint(directory.checkpoints);
  const training = (await engine(run.request.engine)).train(plan, rows, {
    tier,
    device,
    signal,
    ...(resume === undefined ? {} : { resume: resume.bytes }),
    checkpointSeconds,
    onCheckpoint: async (checkpoint) => await keep(directory, log, checkpoint),
  });
  for (;;) {
    const next = await training.next();
    if (next.done === true) return next.value;
    if (isOurs(next.value)) continue;
    await log.append(next.value);
  }
}

/** Ends and checkpoints are events once they are on the disk, which the engine cannot know. */
function isOurs(event: RunEventBody): boolean {
  return (
    event.type === "checkpoint" ||
    event.type === "artifact" ||
    (event.type === "state" && isFinal(event.state))
  );
}

async function readRows(directory: RunDirectory, { request }: RunFile): Promise<Table> {
  const bytes = new Uint8Array(await readFile(directory.rows));
  const blob = digestOfBytes(bytes);
  if (!("blob" in request.rows) || blob !== request.rows.blob)
    throw new WrongInputError(`data/rows.arrow is the blob ${blob}, not the one of run.json`);
  const table = tableFromIPC(bytes, { name: "rows" });
  if (table[digestKey] !== request.rows.digest || table.numRows !== request.rows.numRows)
    throw new WrongInputError(
      `the rows are the table ${table[digestKey]} of ${table.numRows} rows, not ${request.rows.digest} of ${request.rows.numRows}`,
    );
  return table;
}

async function keep(directory: RunDirectory, log: EventLog, checkpoint: Checkpoint): Promise<void> {
  const file = await writeCheckpoint(directory.checkpoints, checkpoint);
  await log.append({ type: "checkpoint", step: checkpoint.step, file }, true);
}

async function keepWeights(
  directory: RunDirectory,
  log: EventLog,
  weights: Uint8Array,
): Promise<void> {
  await mkdir(directory.artifacts, { recursive: true });
  const name = "weights.safetensors";
  await writeDurably(join(directory.artifacts, name), weights);
  await log.append({
    type: "artifact",
    name,
    digest: digestOfBytes(weights),
    bytes: weights.length,
    mediaType: "application/octet-stream",
  });
}

async function end(
  directory: RunDirectory,
  run: RunFile,
  log: EventLog,
  result: RunResult,
): Promise<number> {
  const { state, reason } = result;
  await log.append({ type: "receipt", receipt: runReceiptBody(run.request, result, run.override) });
  await log.append({ type: "state", state, ...(reason === undefined ? {} : { reason }) }, true);
  await directory.writeEnd(result);
  await directory.discardMadeRows();
  return 0;
}

function resultFrom({ key }: RunFile, outcome: TrainOutcome): RunResult {
  const { weights: _weights, checkpoint: _checkpoint, ...rest } = outcome;
  return { key, ...rest };
}

/** What a result tells of its rows, and of the memory that training took. */
function found(made: MadeRows | undefined): Pick<RunResult, "data" | "memoryBytes"> {
  return {
    ...(made && { data: { digest: made.digest, numRows: made.numRows } }),
    memoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

function cancelled({ key }: RunFile): RunResult {
  const nothing = { steps: 0, seconds: 0, metrics: {}, environment: {} };
  return { key, state: "cancelled", reason: "cancelled before it began", ...nothing };
}

function failed({ key }: RunFile, error: unknown): RunResult {
  const reason = error instanceof Error ? error.message : String(error);
  const environment = { node: process.version };
  return { key, state: "failed", reason, steps: 0, seconds: 0, metrics: {}, environment };
}
