import * as v from "valibot";
import { heldCopySchema, type HeldCopy } from "../../cells/share/held-copy.ts";
import { digestSchema, receiptSchema } from "../../engines/receipt-schema.ts";
import {
  runEventSchema,
  runOverrideSchema,
  runRequestSchema,
  runResultSchema,
  trainingSpeedSchema,
} from "../../engines/run-schema.ts";
import type { LostResult } from "../../cells/host.ts";
import type { LadderReason } from "../../engines/ladder-reasons.ts";
import type { SmallRunSpeed } from "../../engines/prediction.ts";
import type { Receipt } from "../../engines/receipt.ts";
import type { RunOverride } from "../../engines/run-override.ts";
import type { RunEvent, RunRequest, RunResult, RunState, Tier } from "../../engines/run.ts";

/** Who answers: the server behind the page. */
export interface ServerSession {
  readonly version: string;
  /** the workspace's folder, as the server names it */
  readonly workspace: string;
  readonly duckdb: string;
  readonly engines: readonly string[];
  readonly node: string;
  readonly gpu?: string | undefined;
}

/** A file of the workspace. */
export interface WorkspaceFile {
  readonly path: string;
  readonly bytes: number;
  /** RFC 3339, UTC */
  readonly modified: string;
  readonly kind: "workbook" | "report" | "data" | "other";
  readonly title?: string | undefined;
}

/** What a full run of a recipe has and still lacks. */
export interface Ladder {
  readonly dryRun: Receipt | null;
  readonly smallRun: Receipt | null;
  readonly reasons: readonly LadderReason[];
  /** how fast that small run went, and its key; null where it did not measure it */
  readonly smallRunSpeed: SmallRunSpeed | null;
}

/** A run that the server knows. */
export interface KnownRun {
  readonly key: string;
  readonly request: RunRequest;
  readonly state: RunState;
  /** that a person had it started without the receipts it needs */
  readonly override?: RunOverride | undefined;
  readonly result?: RunResult | LostResult | null | undefined;
  /** it came with a publication: somebody else says so, and nobody here has seen it run */
  readonly isPublished?: boolean | undefined;
}

/** A run's events so far and its end, if it has one. */
export interface RunRecord {
  readonly events: readonly RunEvent[];
  readonly result: RunResult | LostResult | null;
}

/** As much of a ledger's entry as the page needs: the run or the recipe that it is about. */
export interface LedgerLine {
  readonly seq: number;
  readonly body: {
    readonly key?: string | undefined;
    readonly subject?: { readonly recipe?: string | undefined } | undefined;
  };
}

/** One line of the list of runs. */
export interface RunLine {
  readonly key: string;
  readonly tier: Tier;
  readonly state: RunState;
  readonly workbook?: string | undefined;
  readonly override?: RunOverride | undefined;
  readonly createdAt: string;
}

const runState = v.picklist([
  ...(["accepted", "staging", "queued", "running", "preempted"] as const),
  ...(["succeeded", "failed", "cancelled", "lost"] as const),
]);

const lostResult: v.GenericSchema<unknown, LostResult> = v.object({
  key: digestSchema,
  state: v.literal("lost"),
  reason: v.string(),
});

/** How a run ended. */
const endSchema: v.GenericSchema<unknown, RunResult | LostResult> = v.union([
  runResultSchema,
  lostResult,
]);

export const sessionSchema: v.GenericSchema<unknown, ServerSession> = v.object({
  version: v.string(),
  workspace: v.string(),
  duckdb: v.string(),
  engines: v.array(v.string()),
  node: v.string(),
  gpu: v.optional(v.string()),
});

export const heldSchema: v.GenericSchema<unknown, { readonly held: HeldCopy | null }> = v.object({
  held: v.nullable(heldCopySchema),
});

export const filesSchema: v.GenericSchema<unknown, { readonly files: readonly WorkspaceFile[] }> =
  v.object({
    files: v.array(
      v.object({
        path: v.string(),
        bytes: v.number(),
        modified: v.string(),
        kind: v.picklist(["workbook", "report", "data", "other"]),
        title: v.optional(v.string()),
      }),
    ),
  });

export const writtenSchema = v.object({ digest: digestSchema });

export const keptSchema = v.object({ kept: v.boolean() });

export const forgottenSchema = v.object({
  forgotten: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

export const capabilitySchema = v.object({
  url: v.string(),
  digest: digestSchema,
  mediaType: v.string(),
});

export const ladderSchema: v.GenericSchema<unknown, Ladder> = v.object({
  dryRun: v.nullable(receiptSchema),
  smallRun: v.nullable(receiptSchema),
  reasons: v.array(v.object({ stage: v.string(), code: v.string(), message: v.string() })),
  smallRunSpeed: v.nullable(v.object({ run: digestSchema, speed: trainingSpeedSchema })),
});

export const knownRunSchema: v.GenericSchema<unknown, KnownRun> = v.object({
  key: digestSchema,
  request: runRequestSchema,
  state: runState,
  override: v.optional(runOverrideSchema),
  result: v.optional(v.nullable(endSchema)),
});

export const runRecordSchema: v.GenericSchema<unknown, RunRecord> = v.object({
  events: v.array(runEventSchema),
  result: v.nullable(endSchema),
});

export const runLinesSchema: v.GenericSchema<unknown, { readonly runs: readonly RunLine[] }> =
  v.object({
    runs: v.array(
      v.object({
        key: digestSchema,
        tier: v.picklist(["dry", "small", "full"]),
        state: runState,
        workbook: v.optional(v.string()),
        override: v.optional(runOverrideSchema),
        createdAt: v.string(),
      }),
    ),
  });

export const ledgerSchema: v.GenericSchema<unknown, { readonly entries: readonly LedgerLine[] }> =
  v.object({
    entries: v.array(
      v.object({
        seq: v.number(),
        body: v.object({
          key: v.optional(v.string()),
          subject: v.optional(v.object({ recipe: v.optional(v.string()) })),
        }),
      }),
    ),
  });

/** What the multiplexed stream says of the ledger: how long it is now. */
export const ledgerNewsSchema = v.object({ head: v.object({ seq: v.number() }) });

/** What the multiplexed stream says of a run. */
export const runNewsSchema: v.GenericSchema<
  unknown,
  | { readonly run: string; readonly event: RunEvent }
  | { readonly run: string; readonly result: RunResult | LostResult }
> = v.union([
  v.object({ run: digestSchema, event: runEventSchema }),
  v.object({ run: digestSchema, result: endSchema }),
]);

/** What every error of the server looks like. */
export const errorSchema = v.object({
  error: v.object({
    code: v.string(),
    message: v.string(),
    hint: v.optional(v.string()),
    reasons: v.optional(
      v.array(v.object({ stage: v.string(), code: v.string(), message: v.string() })),
    ),
  }),
});
