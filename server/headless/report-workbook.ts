import { relative, sep } from "node:path";
import { FilesRead } from "../../cells/report/files-read.ts";
import { workspaceShell, type WorkspaceShellOptions } from "../host.ts";
import { makeReport, type MadeReport } from "../make-report.ts";
import { ServerError } from "../server-error.ts";
import type { Workspace } from "../workspace.ts";
import { runWorkbook, type RunWorkbookOptions } from "./run-workbook.ts";

/** How a workbook is run for its report. */
export type ReportWorkbookOptions = Pick<
  RunWorkbookOptions,
  "onReport" | "signal" | "child" | "timeout"
> &
  Pick<WorkspaceShellOptions, "executor" | "dispatcher" | "dryRun">;

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
  options: ReportWorkbookOptions = {},
): Promise<ReportedWorkbook> {
  const { executor, dispatcher, dryRun, ...running } = options;
  const path = relative(workspace.root, file).split(sep).join("/");
  const shell = workspaceShell(workspace, {
    workbook: path,
    ...(executor !== undefined && { executor }),
    ...(dispatcher !== undefined && { dispatcher }),
    ...(dryRun !== undefined && { dryRun }),
  });
  const files = new FilesRead();
  try {
    const { report: shown, reason } = await runWorkbook(file, {
      ...running,
      shell: { ...shell, ...files.noting(shell) },
      path,
      directories: [workspace.state],
      withReport: true,
    });
    if (shown === undefined)
      throw new ServerError(
        500,
        "report",
        `${path} did not come to its end: ${reason ?? "no reason"}`,
      );
    const made = await makeReport(workspace, { path, shown, files: files.list() });
    return { ...made, ...(reason !== undefined && { reason }) };
  } finally {
    await shell.close();
  }
}
