import type { Ladder } from "../../app/shell/api-schema.ts";
import { ApiError } from "../../app/shell/api.ts";
import type { DispatchServices } from "../../app/shell/dispatch-services.ts";
import { inspectRows } from "../../app/shell/rows-inspection.ts";
import type { RunListener } from "../../app/shell/run-feed.ts";
import type { RowsMessage } from "../../cells/host.ts";
import type { TrainOutcome } from "../../engines/engine.ts";
import type { TrainingSpeed } from "../../engines/prediction.ts";
import {
  planDigest,
  recipeDigest,
  type Plan,
  type Receipt,
  type ReceiptBody,
  type RunEvent,
  type RunEventBody,
  type RunOverride,
  type RunRequest,
  type RunResult,
} from "../../engines/index.ts";
import { digestKey } from "../../runtime/digest.ts";
import { jsonDigest } from "../../runtime/sha256.ts";
import { someTable } from "../engines/some-rows.ts";

/** Rows as a frame sends them. */
export function rowsMessage(): RowsMessage {
  const table = someTable(60);
  return { digest: table[digestKey], numRows: table.numRows, ipc: table.toIPC() };
}

/** A server and a worker in memory, as far as dispatch sees them. */
export class FakeServices implements DispatchServices {
  readonly receipts: { body: ReceiptBody; vouchedBy: string }[] = [];
  readonly runs = new Map<
    string,
    { request: RunRequest; events: RunEvent[]; result?: RunResult; override?: RunOverride }
  >();
  readonly blobs = new Set<string>();
  /** what happened, in order */
  readonly log: string[] = [];
  readonly following = new Map<string, RunListener>();
  /** how often the training worker was started for a dry run */
  dryRuns = 0;
  verdict: "pass" | "fail" = "pass";
  refusal: ApiError | undefined;
  /** how long the ledger takes to find a receipt */
  isReceiptFound: Promise<void> = Promise.resolve();
  /** what the training worker says; the outcome comes when this ends */
  training: (signal: AbortSignal) => AsyncGenerator<RunEventBody, TrainOutcome> = trainedAtOnce;
  private hearLedger: ((head: number) => void)[] = [];
  private readonly lines: { key?: string; subject?: { recipe?: string } }[] = [];

  readonly feed: DispatchServices["feed"] = {
    follow: (key, _after, listener) => {
      this.following.set(key, listener);
      return () => this.following.delete(key);
    },
    onLedger: (listener) => {
      this.hearLedger.push(listener);
      listener(this.lines.length);
      return () => (this.hearLedger = this.hearLedger.filter((each) => each !== listener));
    },
  };

  readonly api: DispatchServices["api"] = {
    run: async (key) => {
      this.log.push("run?");
      const run = this.runs.get(key);
      if (run === undefined) return undefined;
      const { request, result, override } = run;
      return { key, request, state: result?.state ?? "running", result, override };
    },
    runRecord: async (key) => {
      const run = this.runs.get(key);
      return { events: run?.events ?? [], result: run?.result ?? null };
    },
    ladder: async (recipe) => this.ladder(recipe),
    ledger: async (after) =>
      this.lines.slice(after).map((body, i) => ({ seq: after + i + 1, body })),
    putBlob: async (digest) => {
      this.blobs.add(digest);
      this.log.push("blob");
    },
    putRun: async (key, request, { record, override } = {}) => {
      if (this.refusal !== undefined) throw this.refusal;
      this.log.push(`run ${request.tier}`);
      if (override !== undefined) this.log.push(`override: ${override.reason}`);
      this.runs.set(key, {
        request,
        events: [...(record?.events ?? [])],
        ...(record && { result: record.result }),
      });
      this.grow({ key });
    },
    postReceipt: async (body, vouchedBy) => {
      this.log.push(`receipt ${body.stage}`);
      this.receipts.push({ body, vouchedBy });
      this.grow({ subject: body.subject });
      return receiptOf(body, vouchedBy);
    },
    receipt: async (id) => {
      await this.isReceiptFound;
      const all = this.receipts.map(({ body, vouchedBy }) => receiptOf(body, vouchedBy));
      return all.find((receipt) => receipt.id === id);
    },
    cancelRun: async (key) => {
      this.log.push(`cancel ${key}`);
    },
  };

  readonly train: DispatchServices["train"] = (_work, signal) => this.training(signal);

  readonly dryRun: DispatchServices["dryRun"] = async ({ plan }) => {
    this.dryRuns += 1;
    return dryRunBody(plan, this.verdict);
  };

  readonly inspect: DispatchServices["inspect"] = async (ipc) => inspectRows(ipc);

  /** A line of the ledger that somebody else wrote, and the news of it. */
  grow(line: { key?: string; subject?: { recipe?: string } }): void {
    this.lines.push(line);
    for (const listener of this.hearLedger) listener(this.lines.length);
  }

  private ladder(recipe: string): Ladder {
    const newest = (stage: Receipt["stage"]): Receipt | null => {
      const found = this.receipts.findLast(
        ({ body, vouchedBy }) =>
          body.stage === stage && body.subject.recipe === recipe && vouchedBy !== "frame",
      );
      return found === undefined ? null : receiptOf(found.body, found.vouchedBy);
    };
    const dryRun = newest("dryRun");
    const smallRun = newest("smallRun");
    const reasons = [
      ...(dryRun?.verdict === "pass" ? [] : [reason("dryRun")]),
      ...(smallRun?.verdict === "pass" ? [] : [reason("smallRun")]),
    ];
    const run = smallRun?.subject.run;
    const speed = run === undefined ? undefined : this.runs.get(run)?.result?.speed;
    const smallRunSpeed = run === undefined || speed === undefined ? null : { run, speed };
    return { dryRun, smallRun, reasons, smallRunSpeed };
  }
}

/** How fast a small run may go. */
export const someSpeed: TrainingSpeed = {
  stepSeconds: 0.001,
  rowSeconds: 0.000_002,
  validationRowSeconds: 0.000_001,
  trainingShare: 0.8,
  validationShare: 0.2,
};

/** A refusal as the server words it. */
export function reason(stage: string): { stage: string; code: string; message: string } {
  return { stage, code: `no-${stage}`, message: `this plan has had no ${stage}` };
}

/** A training of two steps. */
export async function* trainedAtOnce(): AsyncGenerator<RunEventBody, TrainOutcome> {
  yield {
    type: "state",
    state: "running",
    environment: { backend: "wasm" },
    total: { epochs: 1, steps: 2, trainingRows: 4, validationRows: 2 },
  };
  yield {
    type: "metric",
    split: "training",
    columns: { step: [1, 2], epoch: [1, 1], loss: [1, 0.5] },
  };
  return {
    state: "succeeded",
    steps: 2,
    seconds: 0.1,
    metrics: { validation_accuracy: 1 },
    environment: { backend: "wasm" },
    weights: new Uint8Array([1, 2, 3]),
  };
}

/** A training that goes on until it is told to stop. */
export async function* trainedUntilCancelled(
  signal: AbortSignal,
): AsyncGenerator<RunEventBody, TrainOutcome> {
  yield { type: "state", state: "running", environment: {} };
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  return {
    state: "cancelled",
    reason: "cancelled after step 1 of 2",
    steps: 1,
    seconds: 0.1,
    metrics: {},
    environment: {},
  };
}

function dryRunBody(plan: unknown, verdict: "pass" | "fail"): ReceiptBody {
  // The fake's plans are sound; dispatch itself takes anything.
  const sound = plan as Plan;
  return {
    stage: "dryRun",
    verdict,
    summary: `Dry run: ${verdict}`,
    checks: [],
    subject: { plan: planDigest(sound), recipe: recipeDigest(sound) },
    metrics: {},
    environment: { backend: "wasm" },
  };
}

function receiptOf(body: ReceiptBody, vouchedBy: string): Receipt {
  const rest = {
    kind: "tierbook.receipt",
    version: 1,
    at: "2026-01-01T00:00:00.000Z",
    vouchedBy: vouchedBy === "frame" ? "frame" : "shell",
    ...body,
  } as const;
  return { ...rest, id: jsonDigest(rest) };
}
