import { titleFromPath } from "../cells/path-name.ts";
import type { FileRead } from "../cells/report/files-read.ts";
import type { FrameReport } from "../cells/report/frame-report.ts";
import { renderReport } from "../cells/report/render-report.ts";
import { openFile } from "../cells/report/report-file.ts";
import type { Report, ReportCell } from "../cells/report/report.ts";
import { sanitizeOutput } from "../cells/report/sanitize-output.ts";
import { NotebookError, parseNotebook } from "../runtime/notebook.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import { reportProvenance } from "./report-provenance.ts";
import { ServerError } from "./server-error.ts";
import type { Workspace } from "./workspace.ts";

/** What a report is made of. */
export interface ReportParts {
  /** the workbook's path in its workspace */
  readonly path: string;
  /** what its cells show */
  readonly shown: FrameReport;
  /** what its shell has given it to read */
  readonly files: readonly FileRead[];
}

/** A report, and the file that it is. */
export interface MadeReport {
  readonly report: Report;
  readonly html: string;
  /** the digest under which the ledger knows it once it leaves */
  readonly digest: string;
  /** the workbook's path */
  readonly path: string;
  /** RFC 3339, UTC */
  readonly at: string;
}

/**
 * Makes a report: outputs are made safe, and where they come from is looked up. The page and the
 * command line make theirs here; when one leaves, {@link noteReport} is due.
 *
 * @throws {ServerError} 400 `workbook` for a text that is none
 */
export async function makeReport(
  workspace: Workspace,
  { path, shown, files }: ReportParts,
): Promise<MadeReport> {
  const at = new Date().toISOString();
  const report: Report = {
    title: titleOf(shown.text, path),
    path,
    at,
    source: shown.text,
    cells: await safeCells(shown.cells),
    provenance: await reportProvenance(
      workspace,
      shown,
      files.map(({ path, digest }) => ({ path, digest })),
    ),
  };
  const html = renderReport(report);
  const digest = openFile(html)?.digest ?? "";
  return { report, html, digest, path, at };
}

/** Has the ledger know a report that leaves, once, so that its file is known again. */
export async function noteReport(
  ledger: Ledger,
  { digest, path, at }: Pick<MadeReport, "digest" | "path" | "at">,
): Promise<void> {
  await ledger.append([{ type: "report", at, body: { digest, path, at } }], (entries) =>
    entries.some((entry) => isReport(entry, digest)),
  );
}

/** Whether a ledger has a report of a digest. */
export async function isKnownReport(ledger: Ledger, digest: string): Promise<boolean> {
  return (await ledger.entries()).some((entry) => isReport(entry, digest));
}

function isReport({ type, body }: LedgerEntry, digest: string): boolean {
  return (
    type === "report" &&
    typeof body === "object" &&
    body !== null &&
    "digest" in body &&
    body.digest === digest
  );
}

function titleOf(text: string, path: string): string {
  try {
    return parseNotebook(text).title || titleFromPath(path);
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    throw new ServerError(400, "workbook", error.message, { cause: error });
  }
}

async function safeCells(cells: readonly ReportCell[]): Promise<readonly ReportCell[]> {
  const { JSDOM } = await import("jsdom");
  const { window } = new JSDOM("");
  try {
    return cells.map((cell) => ({
      ...cell,
      outputs: cell.outputs.map((html) => sanitizeOutput(html, window.document)),
    }));
  } finally {
    window.close();
  }
}
