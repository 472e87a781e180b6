import type { FileRead } from "../../cells/report/files-read.ts";
import { titleFromPath } from "../../cells/path-name.ts";
import { findSecrets, type SecretFinding } from "../../cells/report/secrets.ts";
import { secretsText } from "../../cells/report/secrets-text.ts";
import type { FrameApi } from "../protocol.ts";
import type { Api } from "./api.ts";
import { downloadText } from "./conflict-dialog.ts";
import { ask } from "./dialog.ts";
import { h } from "./dom.ts";
import { secretsList } from "./secrets-list.ts";

/** What exporting a report takes. */
export interface ReportExport {
  /** the workbook's path */
  readonly path: string;
  readonly frame: Pick<FrameApi, "report">;
  readonly api: Pick<Api, "makeReport" | "noteReport">;
  /** what the shell has given the workbook to read */
  readonly files: readonly FileRead[];
}

/**
 * Makes a report of what a workbook shows now and gives it to the person as a file. What looks like
 * a secret in it is shown first, and nothing leaves unless the person agrees.
 */
export async function exportReport({ path, frame, api, files }: ReportExport): Promise<void> {
  const { html, digest } = await api.makeReport({ path, shown: await frame.report(), files });
  const found = findSecrets(html);
  if (found.length > 0 && !(await agrees(found))) return;
  await api.noteReport(digest);
  downloadText(reportName(path), html);
}

/** What the report of a workbook is called. */
function reportName(path: string): string {
  return `${titleFromPath(path)}-report.html`;
}

async function agrees(found: readonly SecretFinding[]): Promise<boolean> {
  const answer = await ask<boolean>(
    "Before this leaves",
    [
      h("p", { class: "lead" }, `Before this leaves: ${secretsText(found)}.`),
      h(
        "p",
        {},
        "Whoever gets the report can read them, in its outputs or in the workbook inside.",
      ),
      secretsList(found),
    ],
    [
      { label: "Cancel", value: false },
      { label: "Export anyway", kind: "danger", value: true },
    ],
  );
  return answer === true;
}
