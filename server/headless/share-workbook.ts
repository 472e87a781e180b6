import { relative, sep } from "node:path";
import { FilesRead, type FileRead } from "../../cells/report/files-read.ts";
import type { SharedWorkbook } from "../../cells/share/shared-workbook.ts";
import { workspaceShell, type WorkspaceShellOptions } from "../host.ts";
import { ServerError } from "../server-error.ts";
import type { Workspace } from "../workspace.ts";
import { runWorkbook, type RunWorkbookOptions } from "./run-workbook.ts";

/** How a workbook is run for what it shows. */
export type ShareWorkbookOptions = Pick<
  RunWorkbookOptions,
  "onReport" | "signal" | "child" | "timeout"
> &
  Pick<WorkspaceShellOptions, "executor" | "dispatcher" | "dryRun">;

/** What a workbook shows that ran without a page. */
export interface RanWorkbook {
  /** its path in the workspace */
  readonly path: string;
  readonly shown: SharedWorkbook;
  /** the files that it asked for */
  readonly files: readonly FileRead[];
  /** why not every cell has its value; what it shows says so too */
  readonly reason?: string;
}

/**
 * Runs a workbook to its end without a page, and says what it shows then.
 *
 * @param file the workbook's real path
 * @throws {ServerError} `report` where the workbook did not come to its end
 */
export async function shareWorkbook(
  workspace: Workspace,
  file: string,
  options: ShareWorkbookOptions = {},
): Promise<RanWorkbook> {
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
    const { shown, reason } = await runWorkbook(file, {
      ...running,
      shell: { ...shell, ...files.noting(shell) },
      path,
      directories: [workspace.state],
      withShown: true,
    });
    if (shown === undefined)
      throw new ServerError(
        500,
        "report",
        `${path} did not come to its end: ${reason ?? "no reason"}`,
      );
    return {
      path,
      shown,
      files: files.list(),
      ...(reason !== undefined && { reason }),
    };
  } finally {
    await shell.close();
  }
}
