import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import type { LostResult } from "../cells/host.ts";
import { digestSchema } from "../engines/receipt-schema.ts";
import type { RunOverride } from "../engines/run-override.ts";
import {
  runEventSchema,
  runOverrideSchema,
  runRequestSchema,
  runResultSchema,
} from "../engines/run-schema.ts";
import type { RunEvent, RunEventBody, RunRequest, RunResult, RunState } from "../engines/run.ts";
import { createDurably, readIfThere } from "./durable-file.ts";
import { folderChanges } from "./file-changes.ts";
import { appendLines, mendTail, readLines } from "./jsonl-file.ts";
import { isAlive } from "./process-identity.ts";
import { lockHolder, tryLock, withLock } from "./lock-file.ts";

/** `run.json`: what a run is, written before anything else and never changed. */
export interface RunFile {
  readonly kind: "tierbook.run";
  readonly version: 1;
  readonly key: string;
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** who trained it: the page's worker, or a process of ours */
  readonly executedBy: "shell" | "server";
  readonly request: RunRequest;
  /** that a person had it started without the receipts it needs */
  readonly override?: RunOverride;
}

/** How a run ended: its own word, or ours where its process is gone. */
export type RunEnd = RunResult | LostResult;

/** Where rows that are made for a run lie. */
export interface MadeRowPaths {
  /** says what the rows are; written last */
  readonly manifest: string;
  readonly training: string;
  readonly validation: string;
  /** the table itself, until it is encoded */
  readonly database: string;
  /** what does not fit into memory meanwhile */
  readonly spill: string;
}

const runFileSchema: v.GenericSchema<unknown, RunFile> = v.strictObject({
  kind: v.literal("tierbook.run"),
  version: v.literal(1),
  key: digestSchema,
  createdAt: v.string(),
  executedBy: v.picklist(["shell", "server"]),
  request: runRequestSchema,
  override: v.exactOptional(runOverrideSchema),
});

const runEndSchema: v.GenericSchema<unknown, RunEnd> = v.union([
  runResultSchema,
  v.strictObject({ key: digestSchema, state: v.literal("lost"), reason: v.string() }),
]);

/** A file of a run that is not what it must be. */
export class RunFileError extends Error {
  readonly code = "run-file";
  constructor(path: string, why: string) {
    super(`${path} is damaged: ${why}`);
    this.name = "RunFileError";
  }
}

/** A run's directory: all that is known about it, and the only thing that its process is given. */
export class RunDirectory {
  constructor(readonly path: string) {}

  /** the rows, as an Arrow IPC stream */
  get rows(): string {
    return join(this.path, "data/rows.arrow");
  }
  /** databases of the files that the rows are made from */
  get files(): string {
    return join(this.path, "data/files");
  }
  /** what making the rows comes to: `rows.json`, and the encoded rows of both parts */
  get madeRows(): MadeRowPaths {
    const at = (name: string): string => join(this.path, "data", name);
    return {
      manifest: at("rows.json"),
      training: at("training.rows"),
      validation: at("validation.rows"),
      database: at("rows.duckdb"),
      spill: at("spill"),
    };
  }
  get events(): string {
    return join(this.path, "events.jsonl");
  }
  get checkpoints(): string {
    return join(this.path, "checkpoints");
  }
  get artifacts(): string {
    return join(this.path, "artifacts");
  }
  /** what the process writes to its standard error output */
  get log(): string {
    return join(this.path, "worker.log");
  }

  /** Removes the rows that were made for the run. They can be made again. */
  async discardMadeRows(): Promise<void> {
    const { manifest, training, validation } = this.madeRows;
    for (const path of [manifest, training, validation]) await rm(path, { force: true });
    await this.discardRowDatabase();
  }

  /** Removes what is not needed any more once the rows are encoded. */
  async discardRowDatabase(): Promise<void> {
    const { database, spill } = this.madeRows;
    for (const path of [database, `${database}.wal`, spill])
      await rm(path, { recursive: true, force: true });
  }

  /** `run.json`. @throws {RunFileError} */
  async readRun(): Promise<RunFile> {
    const path = join(this.path, "run.json");
    const text = await readIfThere(path);
    if (text === undefined) throw new RunFileError(path, "it is not there");
    return parse(path, runFileSchema, text);
  }

  /** `result.json`, the truth about a run's end; undefined while there is none. */
  async readEnd(): Promise<RunEnd | undefined> {
    const path = join(this.path, "result.json");
    const text = await readIfThere(path);
    return text === undefined ? undefined : parse(path, runEndSchema, text);
  }

  /**
   * Writes `result.json`; a result that is there already stays.
   *
   * @returns whether this call wrote it
   */
  async writeEnd(end: RunEnd): Promise<boolean> {
    return await createDurably(join(this.path, "result.json"), `${JSON.stringify(end)}\n`);
  }

  /** The events from a byte offset on, and the offset to go on from. @throws {RunFileError} */
  async readEvents(
    offset = 0,
  ): Promise<{ readonly events: readonly RunEvent[]; readonly offset: number }> {
    const read = await readLines(this.events, offset);
    return {
      events: read.lines.map((line) => parse(this.events, runEventSchema, line)),
      offset: read.offset,
    };
  }

  /**
   * Numbers an event and appends it. Only whoever works on the run may: its process, or, with
   * {@link claim}, we while it has none.
   */
  async openEvents(): Promise<EventLog> {
    await mendTail(this.events, (line) => v.safeParse(eventLineSchema, line).success);
    const { events } = await this.readEvents();
    return new EventLog(this.events, events.at(-1)?.seq ?? 0);
  }

  /** Where the run stands, by its result or else its last event. */
  async state(): Promise<RunState> {
    const end = await this.readEnd();
    if (end !== undefined) return end.state;
    const { events } = await this.readEvents();
    return events.findLast((event) => event.type === "state")?.state ?? "accepted";
  }

  /**
   * Its events after a sequence number as they come, and its end. Ends with the end, or when the
   * signal aborts.
   */
  async *follow(
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly event: RunEvent } | { readonly result: RunEnd }> {
    let offset = 0;
    for await (const _ of folderChanges(this.path, signal)) {
      // before the events: once there is a result no event comes after it
      const result = await this.readEnd();
      const read = await this.readEvents(offset);
      offset = read.offset;
      for (const event of read.events) if (event.seq > after) yield { event };
      if (result !== undefined) return yield { result };
    }
  }

  /** Makes this process the one that works on the run, unless a living one does already. */
  async claim(): Promise<(() => Promise<void>) | undefined> {
    return await tryLock(this.workerLock);
  }

  /** Does something while no process works on the run, once the one that does has ended. */
  async whileClaimed<Result>(body: () => Promise<Result>): Promise<Result> {
    return await withLock(this.workerLock, body);
  }

  /** The living process that works on the run. */
  async worker(): Promise<{ readonly pid: number } | undefined> {
    const holder = await lockHolder(this.workerLock);
    return holder !== undefined && isAlive(holder) ? holder : undefined;
  }

  /** Asks for the run to be cancelled; it stays asked, whatever happens to the processes. */
  async markCancelled(): Promise<void> {
    await createDurably(join(this.path, "cancel"), "");
  }

  /** Whether somebody wants the run cancelled. */
  async isMarkedCancelled(): Promise<boolean> {
    return (await readIfThere(join(this.path, "cancel"))) !== undefined;
  }

  /** The last lines that the process wrote to its standard error output. */
  async lastWords(lines = 12): Promise<string> {
    const text = (await readIfThere(this.log)) ?? "";
    return text.trimEnd().split("\n").slice(-lines).join("\n").slice(-4_000);
  }

  /** The workspace's state folder, where the run lies in one. */
  get stateFolder(): string {
    return dirname(dirname(this.path));
  }

  private get workerLock(): string {
    return join(this.path, "worker.lock");
  }
}

/** Numbers the events of a run and writes them down. */
export class EventLog {
  constructor(
    private readonly path: string,
    private seq: number,
  ) {}

  /** @param sync whether to wait until the event, and all before it, are on the disk */
  async append(body: RunEventBody, sync = false): Promise<RunEvent> {
    const event: RunEvent = { seq: ++this.seq, at: new Date().toISOString(), ...body };
    await appendLines(this.path, [JSON.stringify(event)], { sync });
    return event;
  }
}

const eventLineSchema = v.pipe(v.string(), v.parseJson(), runEventSchema);

function parse<Output>(
  path: string,
  schema: v.GenericSchema<unknown, Output>,
  text: string,
): Output {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new RunFileError(path, `${v.getDotPath(issue) ?? "its text"}: ${issue.message}`);
}
