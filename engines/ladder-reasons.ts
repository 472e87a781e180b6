import type { Receipt } from "./receipt.ts";
import { isPassing } from "./verdict.ts";

/** Why a tier is closed. */
export interface LadderReason {
  /** the rung that is missing */
  readonly stage: string;
  /** stable: `no-dry-run`, `small-run-failed`, `no-server`, … */
  readonly code: string;
  readonly message: string;
}

/**
 * What the newest receipt of a rung does not show that the full tier wants to see.
 *
 * @param receipt the newest that somebody who counts has vouched for
 * @param isClaimed whether the workbook itself says that it has been there
 */
export function missingRung(
  stage: "dryRun" | "smallRun",
  receipt: Receipt | undefined,
  isClaimed: boolean,
): readonly LadderReason[] {
  const [name, code] = stage === "dryRun" ? ["dry run", "dry-run"] : ["small run", "small-run"];
  if (receipt !== undefined)
    return isPassing(receipt.verdict)
      ? []
      : [{ stage, code: `${code}-failed`, message: `the last ${name} failed: ${receipt.summary}` }];
  const why = isClaimed ? "; what the workbook itself says of one does not count" : "";
  return [{ stage, code: `no-${code}`, message: `this plan has had no ${name}${why}` }];
}
