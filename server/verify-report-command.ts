import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { marks } from "../cells/status-word.ts";
import { verifyReport } from "../cells/report/verify-report.ts";
import { Ledger } from "./ledger.ts";
import { isKnownReport } from "./make-report.ts";
import { stateFolder } from "./workspace-path.ts";
import { workspaceOf } from "./workspace-of.ts";

/**
 * `tierbook report verify FILE`: says whether a report is as it was made, and whether the ledger of
 * the workspace that it lies in knows it. Writes nothing.
 *
 * @returns 0 if both, 1 otherwise
 */
export async function verifyReportCommand(file: string): Promise<number> {
  const { ok, faults, compared, digest } = verifyReport(await readFile(file, "utf8"));
  const ledger = new Ledger(join(await workspaceOf(file), stateFolder, "ledger.jsonl"));
  const isKnown = ok && (await isKnownReport(ledger, digest));
  for (const fault of faults) console.error(`${marks.fail} ${fault}`);
  if (ok && !compared)
    console.log("Another version of Tierbook made this report; only its digest was checked.");
  if (ok && !isKnown)
    console.error(
      `${marks.fail} The report is whole, but the ledger ${ledger.path} does not have its digest ${digest}. ` +
        `Verify it inside the workspace that it was made in.`,
    );
  if (!ok || !isKnown) return 1;
  console.log(`${marks.pass} The report is as it was made, and the ledger knows it: ${digest}`);
  return 0;
}
