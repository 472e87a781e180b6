import { spawn, type ChildProcess } from "node:child_process";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { tierbookCommand } from "./local-executor.ts";
import { readMadeRows, type MadeRows } from "./made-rows.ts";
import type { RowsProgress } from "./materialize.ts";
import { rowLimits, type RowLimits } from "./row-limits.ts";
import { RowsError } from "./rows-error.ts";
import type { RunDirectory } from "./run-directory.ts";
import { placeIn } from "./lineage-check.ts";
import type { Lineage } from "../data/lineage.ts";

/** How the process that makes rows is started and stopped. */
export interface MaterializeOptions {
  /** ends it at once */
  readonly signal: AbortSignal;
  /** the program and its first arguments, to which `materialize DIR` is added */
  readonly command?: readonly string[];
}

/**
 * Makes the rows of a run in a process of its own, since statements from a stranger may make a
 * database crash, hang, or take all memory and disk. It has none of our environment, and is ended when
 * it takes too much of anything, when the signal aborts, and when this process is gone.
 *
 * @returns the rows; undefined if the signal aborted
 * @throws {RowsError} which statement, where, and what is wrong
 */
export async function materializeInProcess(
  directory: RunDirectory,
  lineage: Lineage,
  { signal, command = tierbookCommand() }: MaterializeOptions,
): Promise<MadeRows | undefined> {
  if (signal.aborted) return undefined;
  const limits = await rowLimits(directory.path);
  const ended = await watch(directory, command, limits, signal);
  if (signal.aborted) return undefined;
  const made = ended.status === 0 ? await readMadeRows(directory) : undefined;
  if (made !== undefined) return made;
  await directory.discardMadeRows();
  throw new RowsError(ended.failed ?? reasonFor(ended, lineage));
}

/** How the process ended, and the last that it said. */
interface Ended {
  /** the exit status, or the signal that ended it */
  readonly status: number | string;
  readonly doing?: RowsProgress;
  readonly failed?: string;
  /** the limit past which it was ended */
  readonly limit?: string;
  /** the end of what it wrote to its standard error output */
  readonly words: string;
}

async function watch(
  directory: RunDirectory,
  [program = process.execPath, ...args]: readonly string[],
  limits: RowLimits,
  signal: AbortSignal,
): Promise<Ended> {
  const child = spawn(program, [...args, "materialize", directory.path], {
    // its input is closed when we are gone, however that came
    stdio: ["pipe", "pipe", "pipe"],
    env: ownVariables(),
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, name) => resolve(name ?? status ?? 1));
  });
  let doing: RowsProgress | undefined;
  let failed: string | undefined;
  let words = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = readProgress(line);
    if (said !== undefined && "failed" in said) failed = said.failed;
    else doing = said ?? doing;
  });
  child.stderr.on("data", (chunk: Buffer) => (words = (words + String(chunk)).slice(-2_000)));
  child.stdin.on("error", () => undefined);
  const kill = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  let limit: string | undefined;
  const deadline = performance.now() + limits.seconds * 1000;
  const timer = setInterval(() => {
    void overstepped(directory, child, limits, deadline).then((found) => {
      if (found === undefined || limit !== undefined) return;
      limit = found;
      kill();
    });
  }, 100);
  try {
    const status = await ended;
    return {
      status,
      words,
      ...(doing && { doing }),
      ...(failed !== undefined && { failed }),
      ...(limit !== undefined && { limit }),
    };
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", kill);
  }
}

/** Only what the process needs: what a stranger's SQL might find there is not worth having. */
function ownVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(?:PATH|TZ|LANG|TIERBOOK_ROWS_.*)$/.test(name),
    ),
  );
}

/** Which limit the process is past, in words. */
async function overstepped(
  directory: RunDirectory,
  { pid }: ChildProcess,
  { memoryBytes, diskBytes, seconds }: RowLimits,
  deadline: number,
): Promise<string | undefined> {
  if (performance.now() > deadline)
    return `it took longer than ${seconds} s; make it smaller, or give the rows more with TIERBOOK_ROWS_SECONDS`;
  // the database keeps to its limit; what it does not count, and we ourselves, get some more
  const most = memoryBytes * 1.25 + 768e6;
  if (pid !== undefined && (await residentBytes(pid)) > most)
    return `it took more than ${megabytes(most)} of memory; make it smaller, or give the rows more with TIERBOOK_ROWS_MEMORY`;
  if ((await bytesUnder(directory)) > diskBytes)
    return `it took more than ${megabytes(diskBytes)} of disk; make it smaller, or give the rows more with TIERBOOK_ROWS_DISK`;
  return undefined;
}

/** Where the system does not say, the database's own limit has to do. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

async function bytesUnder({ madeRows }: RunDirectory): Promise<number> {
  const spilled = await readdir(madeRows.spill).catch(() => []);
  const paths = [
    ...Object.values(madeRows).filter((path) => path !== madeRows.spill),
    `${madeRows.database}.wal`,
    ...spilled.map((name) => join(madeRows.spill, name)),
  ];
  const sizes = await Promise.all(
    paths.map(async (path) => (await stat(path).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function reasonFor({ status, doing, limit, words }: Ended, { statements }: Lineage): string {
  const index = doing !== undefined && "index" in doing ? doing.index : undefined;
  const place =
    index === undefined
      ? "the rows cannot be made"
      : placeIn(index, statements.length, statements[index]?.sql ?? "");
  if (limit !== undefined) return `${place}: ${limit}`;
  const why =
    typeof status === "string"
      ? `the process that ran it was ended by ${status}, as happens when a statement is too much for the database; make it smaller`
      : `the process that ran it ended with status ${status}`;
  const said = words
    .trim()
    .split("\n")
    .find((line) => /error|what\(\)/i.test(line));
  return `${place}: ${why}${said === undefined ? "" : `; it said: ${said.trim().slice(0, 300)}`}`;
}

const progressSchema: v.GenericSchema<unknown, RowsProgress> = v.union([
  v.strictObject({ doing: v.literal("statement"), index: v.number() }),
  v.strictObject({ doing: v.picklist(["digest", "check", "encode"]) }),
  v.strictObject({ failed: v.string() }),
]);

function readProgress(line: string): RowsProgress | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), progressSchema), line);
  return parsed.success ? parsed.output : undefined;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString("en")} MB`;
}
