import { ServerError } from "./server-error.ts";
import type { RunUpdate, SubmitRequest, TrainRequest } from "../cells/host.ts";
import type { ShellApi } from "../cells/shell-api.ts";
import { parsePlan } from "../engines/plan-check.ts";
import { planDigest, recipeDigest } from "../engines/plan-digest.ts";
import { isFoundByWorkbook, type ReceiptSubject } from "../engines/receipt.ts";
import { isFinal, runKey, type RunEvent, type RunRequest, type Tier } from "../engines/run.ts";
import { detachable } from "./detachable.ts";
import { Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
import { dryRunInProcess, type DryRunProcessOptions } from "./dry-run-process.ts";
import { Ladder } from "./ladder.ts";
import { checkLineage } from "./lineage-check.ts";
import { LocalExecutor, type LocalExecutorOptions } from "./local-executor.ts";
import { mediaTypeOf } from "./media-type.ts";
import type { Made } from "./runs.ts";
import { predictedFor } from "./small-run-speed.ts";
import { submitFullRun } from "./submit-full-run.ts";
import type { Workspace } from "./workspace.ts";

/** For which workbook a shell stands in, and how it starts processes. */
export interface WorkspaceShellOptions {
  /** the workbook's path in the workspace */
  readonly workbook: string;
  readonly executor?: LocalExecutorOptions;
  readonly dispatcher?: DispatcherOptions;
  readonly dryRun?: DryRunProcessOptions;
  /** the person's reason to start full runs that wait for receipts when all else is at rest */
  readonly override?: string;
  /** whether every cell runs, also where its result is known */
  readonly fresh?: boolean;
}

/** The shell's interface, without a page. */
export interface WorkspaceShell extends ShellApi {
  /**
   * Hears that nothing of the workbook runs any more. What full runs lack now they will not get from
   * it, so those that wait start by the person's reason, if there is one.
   */
  rest(): void;
  /** Lets go of the workspace. Runs go on. */
  close(): Promise<void>;
}

/**
 * What the shell is to a frame, for a workbook that runs without a page: small and full runs are
 * processes of our own, for which the server vouches, and nobody needs to click, since starting the
 * workbook was the asking. The full tier has the same ladder as over HTTP.
 *
 * Files are real paths. A run that another process of this workspace has is shared with it.
 */
export function workspaceShell(
  workspace: Workspace,
  options: WorkspaceShellOptions,
): WorkspaceShell {
  const executor = new LocalExecutor(options.executor);
  const dispatcher = new Dispatcher(workspace, executor, options.dispatcher);
  const ladder = new Ladder(workspace, (plan, blob) =>
    dryRunInProcess({ plan, rows: workspace.blobs.path(blob), device: "wasm" }, options.dryRun),
  );
  return new Shell(workspace, options, dispatcher, ladder);
}

class Shell implements WorkspaceShell {
  private started: Promise<void> | undefined;
  /** runs that this process has asked for; what failed before is tried once more, not for ever */
  private readonly asked = new Set<string>();
  /** ends the waiting of each full run that waits for its ladder */
  private readonly waiting = new Set<AbortController>();

  constructor(
    private readonly workspace: Workspace,
    private readonly options: WorkspaceShellOptions,
    private readonly dispatcher: Dispatcher,
    private readonly ladder: Ladder,
  ) {}

  receipt: ShellApi["receipt"] = async (body) => await this.workspace.receipts.add(body, "frame");

  recallReceipt: ShellApi["recallReceipt"] = async (id) => {
    const receipt = await this.workspace.receipts.get(id);
    if (receipt !== undefined && !isFoundByWorkbook(receipt.stage))
      throw new ServerError(
        403,
        "refused",
        `a receipt of the stage ${receipt.stage} is not recalled`,
      );
    return receipt !== undefined;
  };

  dryRun: ShellApi["dryRun"] = async ({ plan, rows, device }) => {
    const blob = await this.workspace.blobs.put(rows.ipc);
    const body = await dryRunInProcess(
      { plan, rows: this.workspace.blobs.path(blob), device },
      this.options.dryRun,
    );
    const subject = { ...planSubject(plan), ...body.subject, blob };
    return await this.workspace.receipts.add({ ...body, subject }, "server");
  };

  train = (request: TrainRequest): AsyncIterable<RunUpdate> =>
    detachable((signal) => this.trainUntil(request, signal));

  submit = (request: SubmitRequest): AsyncIterable<RunUpdate> =>
    detachable((signal) => this.submitUntil(request, signal));

  cancel: ShellApi["cancel"] = async (key) => {
    if ((await this.workspace.runs.find(key)) !== undefined) await this.dispatcher.cancel(key);
  };

  /** There is nobody to ask: what may run runs. */
  ask: ShellApi["ask"] = async () => undefined;

  table: ShellApi["table"] = async (path) => await this.workspace.tables.table(path);

  file: ShellApi["file"] = async (path) => ({
    url: await this.workspace.files.locate(path),
    digest: await this.workspace.files.digest(path),
    mediaType: mediaTypeOf(path),
  });

  /** Nothing is edited without a page. */
  draft: ShellApi["draft"] = async () => undefined;

  save: ShellApi["save"] = async () => {
    throw new ServerError(403, "read-only", "a workbook that runs without a page is not changed");
  };

  running: ShellApi["running"] = async () => undefined;

  results: ShellApi["results"] = async () => {
    const { fresh = false, workbook } = this.options;
    return fresh ? { keys: [], small: [] } : await this.workspace.results.index(workbook);
  };

  result: ShellApi["result"] = async (key) =>
    (await this.workspace.results.get(this.options.workbook, key)) ?? null;

  keepResult: ShellApi["keepResult"] = async (key, bytes) =>
    await this.workspace.results.put(this.options.workbook, key, bytes);

  forgetResult: ShellApi["forgetResult"] = async (key) =>
    await this.workspace.results.delete(this.options.workbook, key);

  forgetResults: ShellApi["forgetResults"] = async () =>
    await this.workspace.results.clear(this.options.workbook);

  fileDigest: ShellApi["fileDigest"] = async (path) => {
    try {
      return await this.workspace.files.digest(path);
    } catch (error) {
      if (error instanceof ServerError && error.code === "file") return null;
      throw error;
    }
  };

  rest(): void {
    if (this.options.override !== undefined) for (const waiting of this.waiting) waiting.abort();
  }

  async close(): Promise<void> {
    await this.started;
    await this.dispatcher.stop();
  }

  private async *trainUntil(request: TrainRequest, signal: AbortSignal): AsyncGenerator<RunUpdate> {
    const run = await this.requestOf("small", request);
    yield* this.runUntil(runKey(run), run, signal);
  }

  private async *submitUntil(
    request: SubmitRequest,
    signal: AbortSignal,
  ): AsyncGenerator<RunUpdate> {
    const run = await this.requestOf("full", request);
    const key = runKey(run);
    if (await this.isToBeStarted(key)) {
      for await (const reasons of this.waitForLadder(run, signal)) {
        const prediction = await predictedFor(this.workspace, run);
        const waiting = { type: "waiting", key, reasons, canStart: false } as const;
        yield prediction === undefined ? waiting : { ...waiting, prediction };
      }
    }
    if (signal.aborted) return;
    yield* this.runUntil(key, run, signal);
  }

  /** What is lacking, again whenever that changes; ends when nothing is, or a person does without. */
  private async *waitForLadder(
    run: RunRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly string[]> {
    const waiting = new AbortController();
    this.waiting.add(waiting);
    try {
      let told = "";
      const ends = AbortSignal.any([signal, waiting.signal]);
      for await (const _ of this.workspace.ledger.heads(ends)) {
        const lacking = (await this.ladder.lacking(run)).map(({ message }) => message);
        if (lacking.length === 0) return;
        if (told !== lacking.join("\n")) yield lacking;
        told = lacking.join("\n");
      }
    } finally {
      this.waiting.delete(waiting);
    }
  }

  private async start(key: string, run: RunRequest): Promise<Made> {
    const { workspace, dispatcher, ladder } = this;
    const again = await this.isToBeStarted(key);
    this.asked.add(key);
    if (run.tier !== "full") return await dispatcher.submit(key, run, { again });
    const { override: reason } = this.options;
    return await submitFullRun({ workspace, dispatcher, ladder }, key, run, {
      again,
      ...(reason !== undefined && { override: { reason, by: "command line" } }),
    });
  }

  private async *runUntil(
    key: string,
    run: RunRequest,
    signal: AbortSignal,
  ): AsyncGenerator<RunUpdate> {
    this.started ??= this.dispatcher.start();
    await this.started;
    const { isNew } = await this.start(key, run);
    yield { type: "attached", key, known: !isNew };
    let last: RunEvent | undefined;
    let hasReceipt = false;
    for await (const item of this.workspace.runs.directory(key).follow(0, signal)) {
      if ("event" in item) {
        last = item.event;
        hasReceipt ||= last.type === "receipt";
        yield { type: "event", event: last };
        continue;
      }
      // the receipt is in the ledger before anybody hears of the end
      await this.dispatcher.look();
      const receipt = hasReceipt ? undefined : await this.workspace.receipts.ofRun(key);
      if (receipt !== undefined)
        yield {
          type: "event",
          event: { seq: (last?.seq ?? 0) + 1, at: receipt.at, type: "receipt", receipt },
        };
      yield { type: "result", result: item.result };
    }
  }

  /** Whether there is no such run yet, or one that ended badly before this process asked for it. */
  private async isToBeStarted(key: string): Promise<boolean> {
    const known = await this.workspace.runs.find(key);
    if (known === undefined) return true;
    return isFinal(known.state) && known.state !== "succeeded" && !this.asked.has(key);
  }

  /**
   * @throws {PlanError} with every fault of the plan
   * @throws {ServerError} 422 for rows that cannot be made here
   */
  private async requestOf(
    tier: Tier,
    { plan, rows, engine, device }: SubmitRequest,
  ): Promise<RunRequest> {
    return {
      tier,
      plan: parsePlan(plan),
      rows: await this.keepRows(rows),
      engine,
      device,
      workbook: this.options.workbook,
    };
  }

  /**
   * Keeps rows that are sent. Of rows that are to be made it is known at once whether they can be, so
   * that nobody climbs the ladder for nothing.
   */
  private async keepRows(rows: SubmitRequest["rows"]): Promise<RunRequest["rows"]> {
    if ("lineage" in rows) {
      checkLineage(rows);
      return rows;
    }
    const { digest, numRows, ipc } = rows;
    return { digest, numRows, blob: await this.workspace.blobs.put(ipc) };
  }
}

/** What a receipt can say of a plan that may be none. */
function planSubject(plan: TrainRequest["plan"]): Pick<ReceiptSubject, "plan" | "recipe"> {
  try {
    return { plan: planDigest(plan), recipe: recipeDigest(plan) };
  } catch {
    return {};
  }
}
