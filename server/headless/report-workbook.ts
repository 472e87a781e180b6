import { makeReport, type MadeReport } from "../make-report.ts";
import type { Workspace } from "../workspace.ts";
import { shareWorkbook, type ShareWorkbookOptions } from "./share-workbook.ts";

/** A report, and how its run went. */
export interface ReportedWorkbook extends MadeReport {
  /** why not every cell has its value; the report says so too */
  readonly reason?: string;
}

/**
 * Runs a workbook to its end without a page, and makes a report of what it shows then.
 *
 * @param file the workbook's real path
 * @throws {ServerError} `report` where the workbook did not come to its end
 */
export async function reportWorkbook(
  workspace: Workspace,
  file: string,
  options: ShareWorkbookOptions = {},
): Promise<ReportedWorkbook> {
  const { path, shown, files, reason } = await shareWorkbook(workspace, file, options);
  const made = await makeReport(workspace, { path, shown: shown.report, files });
  return { ...made, ...(reason !== undefined && { reason }) };
}
