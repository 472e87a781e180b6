import { planDigest, recipeDigest } from "../engines/plan-digest.ts";
import { runReceiptBody } from "../engines/run-receipt.ts";
import { otherRows, withDataCheck } from "./known-rows.ts";
import type { NewEntry } from "./ledger.ts";
import { vouchFor } from "../engines/vouching.ts";
import type { RunEnd } from "./run-directory.ts";
import type { RunInfo } from "./runs.ts";
import type { Workspace } from "./workspace.ts";

/** Writes into the ledger that a run was submitted. */
export async function recordSubmission(workspace: Workspace, run: RunInfo): Promise<void> {
  await workspace.ledger.append([{ type: "run", body: { event: "submitted", ...summary(run) } }]);
}

/**
 * Writes into the ledger how a run ended, unless that is there: an entry, and, where a process of
 * ours has trained it, the receipt for which the server vouches.
 */
export async function recordEnd(workspace: Workspace, run: RunInfo, result: RunEnd): Promise<void> {
  const data = result.state === "lost" ? undefined : result.data;
  const body = {
    event: "ended",
    ...summary(run),
    state: result.state,
    ...(data === undefined ? {} : { data }),
  };
  const entries: NewEntry[] = [{ type: "run", body }];
  // a run that was cancelled proves nothing: its receipt would close the full tier again
  if (run.executedBy === "server" && result.state !== "lost" && result.state !== "cancelled") {
    const other = otherRows(await workspace.ledger.entries(), run.request.rows.digest, data);
    const said = withDataCheck(runReceiptBody(run.request, result, run.override), data, other);
    const receipt = vouchFor(said, "server");
    entries.push({ type: "receipt", at: receipt.at, body: receipt });
  }
  await workspace.ledger.append(entries, (known) =>
    known.some(
      ({ type, body }) =>
        type === "run" &&
        typeof body === "object" &&
        body !== null &&
        "event" in body &&
        body.event === "ended" &&
        "key" in body &&
        body.key === run.key &&
        "createdAt" in body &&
        body.createdAt === run.createdAt,
    ),
  );
}

function summary(run: RunInfo): Record<string, unknown> {
  const { tier, plan, rows, engine, device, workbook } = run.request;
  return {
    key: run.key,
    createdAt: run.createdAt,
    tier,
    plan: planDigest(plan),
    recipe: recipeDigest(plan),
    rows: rows.digest,
    engine,
    device,
    ...(run.override === undefined ? {} : { override: run.override.entry }),
    ...(workbook === undefined ? {} : { workbook }),
  };
}
