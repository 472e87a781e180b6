import * as v from "valibot";
import { digestSchema } from "../engines/receipt-schema.ts";
import type { Check, ReceiptBody } from "../engines/receipt.ts";
import type { MaterializedRows } from "../engines/run.ts";
import { worstVerdict } from "../engines/verdict.ts";
import type { LedgerEntry } from "./ledger.ts";

/** What an earlier run found the rows of a lineage to be. */
export interface KnownRows extends MaterializedRows {
  /** that run's key */
  readonly run: string;
}

const endedSchema = v.object({
  event: v.literal("ended"),
  key: digestSchema,
  rows: digestSchema,
  data: v.object({ digest: digestSchema, numRows: v.number() }),
});

/**
 * Another run for which the rows of the same lineage were others. The same statements over the same
 * files give the same rows, so one of the two is wrong.
 *
 * @param lineage digest of the rows' lineage
 * @param data what the run found them to be; without that there is nothing to compare
 */
export function otherRows(
  entries: readonly LedgerEntry[],
  lineage: string,
  data: MaterializedRows | undefined,
): KnownRows | undefined {
  if (data === undefined) return undefined;
  for (const { type, body } of entries) {
    if (type !== "run") continue;
    const ended = v.safeParse(endedSchema, body);
    if (!ended.success || ended.output.rows !== lineage) continue;
    if (ended.output.data.digest !== data.digest)
      return { run: ended.output.key, ...ended.output.data };
  }
  return undefined;
}

/** A run's receipt with the check `data` that fails because other rows came of the same lineage. */
export function withDataCheck(
  receipt: ReceiptBody,
  data: MaterializedRows | undefined,
  other: KnownRows | undefined,
): ReceiptBody {
  if (data === undefined || other === undefined) return receipt;
  const check: Check = {
    name: "data",
    verdict: "fail",
    message: `the rows are ${described(data)}, and the run ${other.run} made ${described(other)} of the same statements and files`,
    hint: "look for what changes by itself: random(), the clock, or a limit without an order",
  };
  const checks = [...receipt.checks, check];
  return {
    ...receipt,
    checks,
    verdict: worstVerdict(checks),
    summary: `${receipt.summary}; other rows came of the same lineage before`,
  };
}

function described({ digest, numRows }: MaterializedRows): string {
  return `${digest} (${numRows.toLocaleString("en")} rows)`;
}
