import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import {
  isFinal,
  type ArtifactEvent,
  runKey,
  type RunRequest,
  type RunState,
} from "../engines/run.ts";
import type { RunPrediction } from "../engines/prediction.ts";
import { recordFault, type FinishedRun } from "../engines/run-record.ts";
import type { RunOverride } from "../engines/run-override.ts";
import { digestPattern } from "../runtime/sha256.ts";
import type { Blobs } from "./blobs.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";
import { appendLines } from "./jsonl-file.ts";
import { withLock } from "./lock-file.ts";
import { RunDirectory, RunFileError, type RunEnd, type RunFile } from "./run-directory.ts";
import { RunRowsSource } from "./run-rows.ts";
import { sameRun } from "./same-run.ts";
import { isSystemError, ServerError } from "./server-error.ts";
import type { WorkspaceTables } from "./workspace-tables.ts";

/** A run as the store knows it now. */
export interface RunInfo extends RunFile {
  readonly state: RunState;
  readonly result?: RunEnd;
}

/** A run, and whether this call has made it. */
export interface Made {
  readonly run: RunInfo;
  readonly isNew: boolean;
}

/** How a run is made. */
export interface CreateOptions {
  /** whether a run that failed, was cancelled or is lost makes room for a new one */
  readonly again?: boolean;
  /** what a smaller run lets expect of it */
  readonly prediction?: RunPrediction;
  /** writes down a person's word for it; asked once everything else is right, before it is there */
  readonly overridden?: () => Promise<RunOverride>;
}

/** What the name of an artifact looks like: a file's name, and no path. */
export const artifactName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** The runs of a workspace, one directory each, under their keys. */
export class Runs {
  /** keys of runs that will not change again */
  private readonly finished = new Set<string>();
  /** keys of runs that cannot be read, and of which that was said */
  private readonly damaged = new Set<string>();
  private readonly rows: RunRowsSource;

  constructor(
    readonly folder: string,
    private readonly blobs: Blobs,
    tables: WorkspaceTables,
  ) {
    this.rows = new RunRowsSource(blobs, tables);
  }

  /** The directory of a key, whether or not it is there. */
  directory(key: string): RunDirectory {
    if (!digestPattern.test(key)) throw unknownRun(key);
    return new RunDirectory(join(this.folder, key));
  }

  /** A run, if there is one under this key. */
  async find(key: string): Promise<RunInfo | undefined> {
    const directory = this.directory(key);
    // made under another name and then renamed: where there is a directory there is all of it
    if (!(await isThere(directory.path))) return undefined;
    const run = await directory.readRun();
    const result = await directory.readEnd();
    if (result === undefined) return { ...run, state: await directory.state() };
    this.finished.add(key);
    return { ...run, state: result.state, result };
  }

  /** A run. @throws {ServerError} 404 `run` */
  async get(key: string): Promise<RunInfo> {
    const run = await this.find(key);
    if (run === undefined) throw unknownRun(key);
    return run;
  }

  /** The run under this key, if there is one. @throws {ServerError} 409 as {@link create} */
  async same(key: string, request: RunRequest): Promise<RunInfo | undefined> {
    const known = await this.find(key);
    return known && sameRun(known, request);
  }

  /** All runs, the oldest first. */
  async list(): Promise<RunInfo[]> {
    return await this.readable(await this.keys());
  }

  /** The runs that may still change, the oldest first. */
  async unfinished(): Promise<RunInfo[]> {
    const keys = (await this.keys()).filter((key) => !this.finished.has(key));
    return (await this.readable(keys)).filter((run) => !isFinal(run.state));
  }

  /** Those of some runs that can be read, the oldest first. One that is damaged hides no other. */
  async readable(keys: readonly string[]): Promise<RunInfo[]> {
    const runs = await Promise.all(
      keys.map((key) =>
        this.find(key).catch((error: unknown) => {
          if (!(error instanceof RunFileError)) throw error;
          if (!this.damaged.has(key)) console.error(`tierbook: ${error.message}`);
          this.damaged.add(key);
          return undefined;
        }),
      ),
    );
    return runs
      .filter((run) => run !== undefined)
      .sort((a, b) => (a.createdAt + a.key < b.createdAt + b.key ? -1 : 1));
  }

  /**
   * Makes a run for a request, ready to be executed, or gives the one that is there. Of several
   * callers at once exactly one makes it.
   *
   * @throws {ServerError} 409 `other-run` if the key is taken by another request, 400 `key` if it is
   *   not the request's, 422 if the rows are not here and cannot be made: `blob`, `lineage`, `sql`,
   *   `file`
   */
  async create(
    key: string,
    request: RunRequest,
    { again = false, prediction, overridden }: CreateOptions = {},
  ): Promise<Made> {
    const fill = async (directory: RunDirectory, { override }: RunFile): Promise<void> => {
      const log = await directory.openEvents();
      await log.append({
        type: "state",
        state: "accepted",
        ...(prediction === undefined ? {} : { prediction }),
        ...(override === undefined ? {} : { override }),
      });
      await this.rows.link(request.rows, directory);
      await log.append({ type: "state", state: "staging" });
      await log.append({ type: "state", state: "queued" }, true);
    };
    const make = (): Promise<Made> => this.make(key, request, "server", fill, overridden);
    if (again) return await this.inPlaceOfBad(key, make);
    return overridden === undefined ? await make() : await this.oneAtATime(key, make);
  }

  /**
   * Keeps a run that the page has trained. One that succeeded takes the place of one of the same key
   * that did not, which is moved aside.
   *
   * @throws {ServerError} as {@link create}, and 400 `record` if the record is not this run's
   */
  async record(key: string, request: RunRequest, record: FinishedRun): Promise<Made> {
    const fault = recordFault(key, record);
    if (fault !== undefined) throw new ServerError(400, "record", fault);
    const fill = async (directory: RunDirectory): Promise<void> => {
      await this.rows.link(request.rows, directory);
      await appendLines(
        directory.events,
        record.events.map((event) => JSON.stringify(event)),
        { sync: true },
      );
      for (const event of record.events)
        if (event.type === "artifact") await this.keepArtifact(directory, event);
      await directory.writeEnd(record.result);
    };
    return await this.inPlaceOfBad(key, () => this.make(key, request, "shell", fill));
  }

  /** What the page's run made came as a blob, or did not come. */
  private async keepArtifact(
    directory: RunDirectory,
    { name, digest }: ArtifactEvent,
  ): Promise<void> {
    if (artifactName.test(name) && (await this.blobs.has(digest)))
      await this.blobs.linkTo(digest, join(directory.artifacts, name));
  }

  private async make(
    key: string,
    request: RunRequest,
    executedBy: RunFile["executedBy"],
    fill: (directory: RunDirectory, run: RunFile) => Promise<void>,
    overridden?: CreateOptions["overridden"],
  ): Promise<Made> {
    const known = await this.same(key, request);
    if (known !== undefined) return { run: known, isNew: false };
    if (runKey(request) !== key)
      throw new ServerError(400, "key", `this request's key is ${runKey(request)}, not ${key}`);
    await this.rows.check(request);
    const override = await overridden?.();
    await mkdir(this.folder, { recursive: true });
    const draft = new RunDirectory(join(this.folder, `.${key}.${randomBytes(6).toString("hex")}`));
    try {
      for (const folder of ["data", "checkpoints", "artifacts"])
        await mkdir(join(draft.path, folder), { recursive: true });
      const run: RunFile = {
        kind: "tierbook.run",
        version: 1,
        key,
        createdAt: new Date().toISOString(),
        executedBy,
        request,
        ...(override !== undefined && { override }),
      };
      await writeDurably(join(draft.path, "run.json"), `${JSON.stringify(run)}\n`);
      await fill(draft, run);
      // onto a directory that is there a rename fails: so the first of several makes the run
      await rename(draft.path, this.directory(key).path);
      await syncFolder(this.folder);
      return { run: await this.get(key), isNew: true };
    } catch (error) {
      await rm(draft.path, { recursive: true, force: true });
      if (!isSystemError(error, "ENOTEMPTY", "EEXIST")) throw error;
      return { run: sameRun(await this.get(key), request), isNew: false };
    }
  }

  /** Alone: else the slower of two callers would move aside what the faster has made. */
  private async inPlaceOfBad(key: string, make: () => Promise<Made>): Promise<Made> {
    return await this.oneAtATime(key, async () => {
      await this.moveAsideUnlessGood(key);
      return await make();
    });
  }

  private async oneAtATime(key: string, make: () => Promise<Made>): Promise<Made> {
    await mkdir(this.folder, { recursive: true });
    return await withLock(join(this.folder, `.${key}.lock`), make);
  }

  private async moveAsideUnlessGood(key: string): Promise<void> {
    const run = await this.find(key);
    if (run === undefined || !isFinal(run.state) || run.state === "succeeded") return;
    const aside = join(this.folder, `.${key}.${run.state}-${randomBytes(4).toString("hex")}`);
    // its process may have written the result and not yet be gone
    await this.directory(key).whileClaimed(() => rename(this.directory(key).path, aside));
    this.finished.delete(key);
  }

  /** The keys of all runs. */
  async keys(): Promise<string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => digestPattern.test(name));
    } catch (error) {
      if (isSystemError(error, "ENOENT")) return [];
      throw error;
    }
  }
}

function unknownRun(key: string): ServerError {
  return new ServerError(404, "run", `there is no run ${key}`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return false;
    throw error;
  }
}
