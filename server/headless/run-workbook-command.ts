import { basename, relative, sep } from "node:path";
import { receiptStages, type Receipt, type ReceiptBody } from "../../engines/receipt.ts";
import type { Paint } from "../../cells/print-card.ts";
import { marks } from "../../cells/status-word.ts";
import { workspaceShell, type WorkspaceShellOptions } from "../host.ts";
import { openWorkspace } from "../workspace.ts";
import { Progress } from "./progress.ts";
import { runWorkbook } from "./run-workbook.ts";
import { isColored, outputPaint } from "./terminal-paint.ts";
import { untilStopped } from "./until-stopped.ts";
import { workspaceOf } from "../workspace-of.ts";

/** How `tierbook run` runs a workbook. */
export type RunChoices = Pick<WorkspaceShellOptions, "override" | "fresh">;

/**
 * `tierbook run FILE`: runs a workbook to its end and says on the terminal how its cells fare.
 *
 * The workspace is the nearest folder above the file that is one already, else the file's own.
 *
 * @param file the workbook's path
 * @returns 0 if every cell has its value, 1 otherwise
 */
export async function runWorkbookCommand(file: string, choices: RunChoices): Promise<number> {
  const workspace = await openWorkspace(await workspaceOf(file));
  const path = relative(workspace.root, file).split(sep).join("/");
  const shell = workspaceShell(workspace, { workbook: path, ...choices });
  const paint = outputPaint();
  const progress = new Progress(process.stdout, paint);
  const started = performance.now();
  try {
    const { ok, cells, receipts, reason } = await untilStopped((signal) =>
      runWorkbook(file, {
        shell,
        path,
        directories: [workspace.state],
        color: isColored(),
        findReceipt: (id) => workspace.receipts.get(id),
        signal,
        onReport: (report) => {
          if (report.type === "resting") shell.rest();
          progress.report(report);
        },
      }),
    );
    progress.end();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`\n${paint("Receipts", "strong")}`);
    for (const receipt of inLadderOrder(receipts)) console.log(`  ${receiptLine(receipt, paint)}`);
    const fresh = cells.filter(({ state }) => state === "fresh").length;
    console.log(
      `\n${ok ? paint(`${marks.pass} ${basename(file)}`, "pass") : paint(`${marks.fail} ${basename(file)}`, "fail")}: ` +
        `${fresh} of ${cells.length} cells, ${seconds} s`,
    );
    if (reason !== undefined) console.error(`${basename(file)}: ${reason}`);
    return ok ? 0 : 1;
  } finally {
    await shell.close();
  }
}

function inLadderOrder(
  receipts: readonly (Receipt | ReceiptBody)[],
): readonly (Receipt | ReceiptBody)[] {
  const rung = ({ stage }: ReceiptBody): number => receiptStages.indexOf(stage);
  return receipts.toSorted((a, b) => rung(a) - rung(b));
}

function receiptLine(receipt: Receipt | ReceiptBody, paint: Paint): string {
  const verdict = paint(`${marks[receipt.verdict]} ${receipt.verdict}`, receipt.verdict);
  return `${receipt.stage.padEnd(8)}  ${verdict}  ${receipt.summary}`;
}
