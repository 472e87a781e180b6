import { existsSync, realpathSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isReport } from "../../cells/report/read-report.ts";
import { count } from "../../cells/number-format.ts";
import { reportMarkdown } from "../../cells/report/report-markdown.ts";
import { findSecrets } from "../../cells/report/secrets.ts";
import { secretsText } from "../../cells/report/secrets-text.ts";
import { findChromium } from "../find-chromium.ts";
import { noteReport } from "../make-report.ts";
import { printPdf } from "../print-pdf.ts";
import { ServerError } from "../server-error.ts";
import { openWorkspace } from "../workspace.ts";
import { workspaceOf } from "../workspace-of.ts";
import { Progress } from "./progress.ts";
import { reportWorkbook, type ReportedWorkbook } from "./report-workbook.ts";
import { outputPaint } from "./terminal-paint.ts";
import { untilStopped } from "./until-stopped.ts";

/** Where a report goes, in its forms. */
export interface ReportTargets {
  readonly out: string;
  /** a folder */
  readonly markdown: string | undefined;
  readonly pdf: string | undefined;
}

/**
 * `tierbook report FILE`: runs a workbook to its end, says how its cells fare, and writes what it
 * shows. A workbook with cells that fail has a report too, which says so.
 *
 * @param file the workbook's real path
 */
export async function reportWorkbookCommand(file: string, targets: ReportTargets): Promise<number> {
  await checkTargets(file, targets);
  const workspace = await openWorkspace(await workspaceOf(file));
  const progress = new Progress(process.stdout, outputPaint());
  return await untilStopped(async (signal) => {
    const made = await reportWorkbook(workspace, file, {
      signal,
      onReport: (report) => progress.report(report),
    });
    progress.end();
    await noteReport(workspace.ledger, made);
    await writeReport(made, targets);
    if (made.reason !== undefined) console.error(`${basename(file)}: ${made.reason}`);
    return 0;
  });
}

/** What can be known to fail is said before the workbook runs, which may take long. */
async function checkTargets(file: string, { out, pdf }: ReportTargets): Promise<void> {
  for (const target of [out, pdf])
    if (target !== undefined && existsSync(target) && realpathSync(target) === file)
      throw new ServerError(
        409,
        "out",
        `${target} is the workbook, which a report must not replace`,
      );
  if (isReport(await readFile(file, "utf8")))
    throw new ServerError(400, "workbook", `${basename(file)} is a report, not a workbook`, {
      hint: "open it in Tierbook to get its workbook as a copy",
    });
  if (pdf !== undefined && findChromium() === undefined)
    throw new ServerError(503, "chromium", "a PDF is printed by Chromium, and there is none here", {
      hint: "install Chromium or Chrome, or set CHROMIUM to its path; or leave --pdf away",
    });
}

async function writeReport(
  { html, report, digest }: ReportedWorkbook,
  { out, markdown, pdf }: ReportTargets,
): Promise<void> {
  const found = findSecrets(html);
  if (found.length > 0) console.log(`\nBefore this leaves: ${secretsText(found)}`);
  await writeIn(dirname(resolve(out)), basename(out), html);
  console.log(`\nWrote ${out}, digest ${digest}`);
  if (markdown !== undefined) {
    const { text, images } = reportMarkdown(report);
    const name = `${basename(out).replace(/\.html?$/i, "")}.md`;
    await writeIn(markdown, name, text);
    for (const image of images) await writeIn(markdown, image.name, image.bytes);
    console.log(`Wrote ${join(markdown, name)} with ${count(images.length, "image")}`);
  }
  if (pdf !== undefined) {
    await mkdir(dirname(resolve(pdf)), { recursive: true });
    await printPdf(html, resolve(pdf));
    console.log(`Wrote ${pdf}`);
  }
}

async function writeIn(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
