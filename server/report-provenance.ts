import { shortDigest } from "../cells/number-format.ts";
import type { FrameReport } from "../cells/report/frame-report.ts";
import type { Provenance, ReportOverride, ReportRun } from "../cells/report/report.ts";
import { planDigest, recipeDigest } from "../engines/plan-digest.ts";
import { isFoundByWorkbook, receiptStages, type Receipt } from "../engines/receipt.ts";
import { emptyHead } from "./ledger.ts";
import { overridesNamed, type LedgerOverride } from "./overrides.ts";
import type { RunInfo } from "./runs.ts";
import { tierbookVersion } from "./version.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Where a report's numbers come from, as the workspace has it. The workbook only names receipts and
 * runs; what they say is taken from the ledger and from the runs' own directories.
 */
export async function reportProvenance(
  workspace: Workspace,
  named: Pick<FrameReport, "receipts" | "runs">,
  files: Provenance["files"],
): Promise<Provenance> {
  const duckdb = await import("@duckdb/node-api");
  const { builtinsVersion } = await import("../cells/builtins.ts");
  const runs = await workspace.runs.readable(named.runs);
  const receipts = await receiptsOf(workspace, named.receipts, runs);
  const overrides = await overridesOf(workspace, runs, receipts);
  const head = await workspace.ledger.head();
  return {
    tierbook: tierbookVersion(),
    builtins: builtinsVersion,
    duckdb: duckdb.version(),
    files,
    receipts,
    ...(overrides.length > 0 && { overrides }),
    runs: runs.flatMap(reportRun),
    ledgerHead: head.seq === emptyHead.seq ? null : head.hash,
  };
}

/**
 * The receipts that the workbook's cards name, and the newest that count of each stage of their
 * recipes; in the order of the ladder.
 */
async function receiptsOf(
  { receipts }: Workspace,
  ids: readonly string[],
  runs: readonly RunInfo[],
): Promise<readonly Receipt[]> {
  const named = (await Promise.all(ids.map((id) => receipts.get(id)))).filter(
    (receipt) => receipt !== undefined,
  );
  const recipes = new Set([
    ...named.flatMap(({ subject }) => subject.recipe ?? []),
    ...runs.map(({ request }) => recipeDigest(request.plan)),
  ]);
  const stages = receiptStages.filter((stage) => !isFoundByWorkbook(stage));
  const counting = await Promise.all(
    [...recipes].flatMap((recipe) => stages.map((stage) => receipts.newest(stage, recipe))),
  );
  const all = [...named, ...counting.filter((receipt) => receipt !== undefined)];
  const distinct = new Map(all.map((receipt) => [receipt.id, receipt]));
  const rung = ({ stage }: Receipt): number => receiptStages.indexOf(stage);
  return [...distinct.values()].sort((a, b) => rung(a) - rung(b) || (a.at < b.at ? -1 : 1));
}

/**
 * The overrides of the runs that are shown, and of those that the server's receipts are about. A run
 * keeps its own, so that it says so whatever became of the ledger.
 */
async function overridesOf(
  { ledger }: Workspace,
  runs: readonly RunInfo[],
  receipts: readonly Receipt[],
): Promise<readonly ReportOverride[]> {
  const own = runs.flatMap(({ key, override }) => (override ? [{ key, ...override }] : []));
  const named = receipts.flatMap(({ vouchedBy, subject: { override } }) =>
    vouchedBy === "server" && override !== undefined ? [override] : [],
  );
  const known = await overridesNamed(ledger, new Set([...own.map(({ entry }) => entry), ...named]));
  const distinct = new Map([...own, ...known].map((override) => [override.entry, override]));
  return [...distinct.values()].sort((a, b) => (a.at < b.at ? -1 : 1)).map(reportOverride);
}

function reportOverride({ key, at, reason, lacking }: LedgerOverride): ReportOverride {
  const although = lacking.length === 0 ? "" : `, although ${lacking.join("; ")}`;
  return { at, what: `full run ${shortDigest(key)}${although}`, reason };
}

function reportRun({ key, state, request, result }: RunInfo): readonly ReportRun[] {
  const { tier, plan, engine, device, rows } = request;
  if (tier === "dry") return [];
  const facts = result !== undefined && "environment" in result ? result : undefined;
  const { backend, device: hardware } = facts?.environment ?? {};
  const computedOn = [backend, hardware].filter((part) => part !== undefined && part !== "");
  const run: ReportRun = {
    key,
    tier,
    state,
    plan: planDigest(plan),
    engine,
    device: computedOn.length === 0 ? device : computedOn.join(", "),
    rows: rows.numRows,
    metrics: facts?.metrics ?? {},
  };
  return [run];
}
