import type { RunRequest, RunState } from "../engines/run.ts";
import { busyStatus, type Executor, type Exit } from "./executor.ts";
import { Mutex } from "./mutex.ts";
import { recordEnd, recordSubmission } from "./run-entries.ts";
import { recordOverride, type OverrideWord } from "./overrides.ts";
import type { Made, RunInfo } from "./runs.ts";
import type { Reason } from "./server-error.ts";
import { predictedFor } from "./small-run-speed.ts";
import type { Workspace } from "./workspace.ts";

/** How many runs at once, and how often the store is looked through. */
export interface DispatcherOptions {
  /** full runs at once; further ones wait in the order of their submission */
  readonly fullRuns?: number;
  /** milliseconds between two looks at the store */
  readonly interval?: number;
}

/** How a run is submitted. */
export interface SubmitOptions {
  /** whether to run anew what has failed, was cancelled or is lost */
  readonly again?: boolean;
  /** a person's word against what the ladder lacks; for a run that is made, not for one that is there */
  readonly override?: OverrideWord & { readonly lacking: readonly Reason[] };
}

/**
 * Sees to it that every run of a workspace comes to its end: starts those that wait, notices those
 * whose process is gone, and writes into the ledger what each came to.
 *
 * The store itself is the queue, so it does not matter which process submitted a run, and a server
 * that starts finds everything as the last one left it. Two dispatchers on one workspace may start
 * the same run; the run's own claim lets only one of the two processes work on it.
 */
export class Dispatcher {
  private readonly fullRuns: number;
  private readonly interval: number;
  private readonly mutex = new Mutex();
  private readonly cancelling = new Map<string, Promise<void>>();
  private readonly recorded = new Set<string>();
  /** runs of which this dispatcher has started a process, and would hear its end */
  private readonly started = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly executor: Executor,
    { fullRuns = 1, interval = 1_000 }: DispatcherOptions = {},
  ) {
    this.fullRuns = fullRuns;
    this.interval = interval;
    executor.onExit(() => this.lookSoon());
  }

  /** Brings the store in order once, then keeps it so until {@link stop}. */
  async start(): Promise<void> {
    await this.look();
    this.timer ??= setInterval(() => this.lookSoon(), this.interval);
  }

  /** Looks no more. Runs go on. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.mutex.run(async () => undefined);
  }

  /** Goes once through all runs that are not over, and does for each what is due. */
  look(): Promise<void> {
    return this.mutex.run(async () => {
      const unfinished = await this.workspace.runs.unfinished();
      let full = 0;
      const waiting: RunInfo[] = [];
      for (const run of unfinished) {
        const next = await this.attend(run);
        if (next === "alive" && run.request.tier === "full") full++;
        if (next === "waiting") waiting.push(run);
      }
      for (const run of waiting) {
        if (run.request.tier === "full" && ++full > this.fullRuns) continue;
        await this.startRun(run);
      }
      await this.recordEnds();
    });
  }

  /**
   * Makes a run for a request, or gives the one that is there, and starts it when its turn comes. It
   * does not ask the ladder: full runs come through `submitFullRun`.
   *
   * @throws {ServerError} as {@link Runs.create}
   */
  async submit(
    key: string,
    request: RunRequest,
    { again = false, override }: SubmitOptions = {},
  ): Promise<Made> {
    const { ledger, runs } = this.workspace;
    const prediction =
      request.tier === "full" ? await predictedFor(this.workspace, request) : undefined;
    const submitted = await runs.create(key, request, {
      again,
      ...(prediction !== undefined && { prediction }),
      ...(override !== undefined && {
        overridden: () => recordOverride(ledger, { key, request }, override, override.lacking),
      }),
    });
    if (submitted.isNew) {
      this.recorded.delete(key);
      await recordSubmission(this.workspace, submitted.run);
      this.lookSoon();
    }
    return submitted;
  }

  /** Cancels a run; one that is over stays as it is. Resolves when nothing of it is left. */
  async cancel(key: string): Promise<void> {
    const run = await this.workspace.runs.get(key);
    if (run.result !== undefined) return;
    await this.workspace.runs.directory(key).markCancelled();
    await this.stopMarked(key);
    await this.look();
  }

  private lookSoon(): void {
    this.look().catch((error: unknown) => {
      console.error("tierbook: the runs could not be looked through:", error);
    });
  }

  /** What is due for one run, and whether it waits to be started. */
  private async attend(run: RunInfo): Promise<"alive" | "waiting" | "over"> {
    const directory = this.workspace.runs.directory(run.key);
    const marked = await directory.isMarkedCancelled();
    if (await this.executor.isAlive(directory.path)) {
      if (marked) this.stopSoon(run.key);
      return "alive";
    }
    // read again: it may have come to its end since it was listed
    const state = await directory.state();
    const exit = this.started.has(nameOf(run)) ? this.executor.exitOf(directory.path) : undefined;
    if (marked) return await this.end(run, { state: "cancelled", reason: "cancelled" });
    const wait = isWaiting(state) && !hasFailedToStart(state, exit);
    return wait ? "waiting" : await this.end(run, await this.endOf(run, exit));
  }

  private async startRun(run: RunInfo): Promise<void> {
    const directory = this.workspace.runs.directory(run.key);
    if (run.state === "preempted" || run.state === "accepted") await this.queueAgain(run);
    try {
      this.started.add(nameOf(run));
      await this.executor.start(directory.path);
    } catch (error) {
      const reason = `its process could not be started: ${error instanceof Error ? error.message : String(error)}`;
      await this.end(run, { state: "failed", reason });
    }
  }

  private async queueAgain(run: RunInfo): Promise<void> {
    const directory = this.workspace.runs.directory(run.key);
    const release = await directory.claim();
    if (release === undefined) return;
    try {
      const log = await directory.openEvents();
      await log.append({ type: "state", state: "queued" }, true);
    } finally {
      await release();
    }
  }

  /** Goes on with a cancellation that another process has begun and not brought to its end. */
  private stopSoon(key: string): void {
    if (this.cancelling.has(key)) return;
    this.stopMarked(key).then(
      () => this.lookSoon(),
      (error: unknown) => console.error(`tierbook: run ${key} could not be stopped:`, error),
    );
  }

  private async stopMarked(key: string): Promise<void> {
    const stopping =
      this.cancelling.get(key) ??
      this.executor
        .cancel(this.workspace.runs.directory(key).path)
        .finally(() => this.cancelling.delete(key));
    this.cancelling.set(key, stopping);
    await stopping;
  }

  private async endOf(
    run: RunInfo,
    exit: Exit | undefined,
  ): Promise<{ readonly state: "failed" | "lost"; readonly reason: string }> {
    const words = await this.workspace.runs.directory(run.key).lastWords();
    const said = words === "" ? "" : `; it last said: ${words}`;
    if (exit !== undefined && "status" in exit)
      return { state: "failed", reason: `its process ended with status ${exit.status}${said}` };
    if (exit !== undefined)
      return { state: "lost", reason: `its process was ended by ${exit.signal}${said}` };
    return { state: "lost", reason: `its process is gone without a result${said}` };
  }

  /** Ends a run that has no process. If one has come up meanwhile, it is left to that. */
  private async end(
    run: RunInfo,
    { state, reason }: { state: "failed" | "lost" | "cancelled"; reason: string },
  ): Promise<"alive" | "over"> {
    const directory = this.workspace.runs.directory(run.key);
    const release = await directory.claim();
    if (release === undefined) return "alive";
    try {
      if ((await directory.readEnd()) !== undefined) return "over";
      const log = await directory.openEvents();
      await log.append({ type: "state", state, reason }, true);
      await directory.discardMadeRows();
      const nothing = { steps: 0, seconds: 0, metrics: {}, environment: {} };
      await directory.writeEnd(
        state === "lost"
          ? { key: run.key, state, reason }
          : { key: run.key, state, reason, ...nothing },
      );
    } finally {
      await release();
    }
    return "over";
  }

  /** Writes into the ledger the end of each run that was executed here, once. */
  private async recordEnds(): Promise<void> {
    const { runs } = this.workspace;
    const open = (await runs.keys()).filter((key) => !this.recorded.has(key));
    for (const run of await runs.readable(open)) {
      if (run.result === undefined) continue;
      await recordEnd(this.workspace, run, run.result);
      this.recorded.add(run.key);
    }
  }
}

/** A run that is done again has the key of the one before, and is another. */
function nameOf({ key, createdAt }: RunInfo): string {
  return `${key} ${createdAt}`;
}

function isWaiting(state: RunState): boolean {
  return ["accepted", "staging", "queued", "preempted"].includes(state);
}

/** Our own process has ended without a word in the events: starting it again would do no better. */
function hasFailedToStart(state: RunState, exit: Exit | undefined): boolean {
  if (exit === undefined || state === "preempted") return false;
  return !("status" in exit && exit.status === busyStatus);
}
