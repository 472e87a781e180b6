import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tableFromRows } from "../../data/index.ts";
import type { Table } from "../../data/table.ts";
import { planDigest, recipeDigest } from "../../engines/plan-digest.ts";
import type { Plan } from "../../engines/plan.ts";
import type { ReceiptBody } from "../../engines/receipt.ts";
import { runKey, type RunRequest, type RunResult, type Tier } from "../../engines/run.ts";
import { digestKey } from "../../runtime/digest.ts";
import type { Workspace } from "../../server/workspace.ts";
import { somePlan } from "../engines/some-plan.ts";

/** A folder of its own, and its removal. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "tierbook-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) };
}

/** Polls until something is there. */
export async function eventually<Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
  patience = 15_000,
): Promise<Value> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${patience} ms in vain for ${String(look)}`);
    await sleep(15);
  }
}

/** Two classes that two numbers tell apart. */
export function makeRows(count = 120): Table {
  const rows = Array.from({ length: count }, (_, i) => ({
    a: Math.sin(i * 12.9898) + (i % 2 === 0 ? 1 : -1),
    b: Math.cos(i * 78.233) - (i % 2 === 0 ? 1 : -1),
    kind: i % 2 === 0 ? "even" : "odd",
  }));
  return tableFromRows("rows", rows);
}

/** A plan for {@link makeRows}. */
export function makePlan(overrides: Partial<Plan> = {}): Plan {
  return somePlan({
    features: [
      { column: "a", kind: "number", scale: "standard", missing: "refuse" },
      { column: "b", kind: "number", scale: "standard", missing: "refuse" },
    ],
    target: { column: "kind", kind: "category", vocabulary: ["even", "odd"] },
    network: [
      { type: "dense", units: 8, activation: "relu", bias: true, init: "heNormal" },
      { type: "dropout", rate: 0.1 },
      { type: "dense", units: 2, activation: "linear", bias: true, init: "glorotUniform" },
    ],
    ...overrides,
  });
}

/** Keeps rows in a workspace and asks for a run of them. */
export async function makeRequest(
  workspace: Workspace,
  tier: Tier,
  plan: Plan = makePlan(),
  rows: Table = makeRows(),
): Promise<{ key: string; request: RunRequest }> {
  const blob = await workspace.blobs.put(rows.toIPC());
  const request: RunRequest = {
    tier,
    plan,
    rows: { digest: rows[digestKey], numRows: rows.numRows, blob },
    engine: "tfjs",
    device: "wasm",
    workbook: "test.html",
  };
  return { key: runKey(request), request };
}

/** A receipt's body for a plan and rows. */
export function makeReceipt(
  stage: ReceiptBody["stage"],
  { plan, rows }: RunRequest,
  more: Partial<ReceiptBody> & { readonly run?: string } = {},
): ReceiptBody {
  const { run, ...rest } = more;
  return {
    stage,
    verdict: "pass",
    summary: `${stage} passed`,
    checks: [],
    subject: {
      plan: planDigest(plan),
      recipe: recipeDigest(plan),
      data: { rows: rows.digest },
      ...("blob" in rows ? { blob: rows.blob } : {}),
      ...(run === undefined ? {} : { run }),
    },
    metrics: {},
    environment: {},
    ...rest,
  };
}

/** What a small run of three steps came to. */
export function makeResult(key: string, state: RunResult["state"] = "succeeded"): RunResult {
  return { key, state, steps: 3, seconds: 0.5, metrics: { validation_loss: 0.4 }, environment: {} };
}
