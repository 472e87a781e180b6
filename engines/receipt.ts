/** What a check came to. `abort` stops the whole workflow, `fail` its stage, `warn` nothing. */
export type Verdict = "pass" | "warn" | "fail" | "abort";

/** Who says so. Only `shell` and `server` open the full tier. */
export type Voucher = "frame" | "shell" | "server";

/** One thing that a stage looked at. */
export interface Check {
  /** a stable name, such as `columns`, `labels`, `shapes`, `first-loss` */
  readonly name: string;
  readonly verdict: Verdict;
  /** what was found, in a sentence */
  readonly message: string;
  /** where: a column, a row, a path in the plan such as `network[2].units` */
  readonly where?: string;
  /** how to mend it */
  readonly hint?: string;
}

/** The stages that write receipts, in the order of the ladder. */
export const receiptStages = ["schema", "sample", "plan", "dryRun", "smallRun", "fullRun"] as const;

/** A stage that writes receipts. */
export type ReceiptStage = (typeof receiptStages)[number];

/**
 * Whether a stage's receipts are the workbook's own findings, which open nothing. All others are of
 * what somebody who counts has seen for himself.
 */
export function isFoundByWorkbook(stage: ReceiptStage): boolean {
  return stage === "schema" || stage === "sample" || stage === "plan";
}

/** What a receipt says, before somebody vouches for it. */
export interface ReceiptBody {
  readonly stage: ReceiptStage;
  readonly verdict: Verdict;
  /** one sentence that a person reads first */
  readonly summary: string;
  readonly checks: readonly Check[];
  readonly subject: ReceiptSubject;
  /** finite numbers by name, such as `validation_accuracy` */
  readonly metrics: Readonly<Record<string, number>>;
  /** where it was made: versions, engine, backend, device */
  readonly environment: Readonly<Record<string, string>>;
}

/** What the verdict is about, by digest. */
export interface ReceiptSubject {
  readonly plan?: string;
  /** the plan less its scale fields: what all tiers of one ladder share */
  readonly recipe?: string;
  /** data by role: `rows`, `dev` */
  readonly data?: Readonly<Record<string, string>>;
  /** SHA-256 of the Arrow IPC bytes that hold the rows, so that the check can be repeated */
  readonly blob?: string;
  /** the run's key */
  readonly run?: string;
  /** hash of the ledger's entry by which a person overrode what the run lacked */
  readonly override?: string;
}

/** A receipt as it stands in the ledger; `id` is the digest of all the rest. */
export interface Receipt extends ReceiptBody {
  readonly kind: "tierbook.receipt";
  readonly version: 1;
  readonly id: string;
  /** RFC 3339, UTC */
  readonly at: string;
  readonly vouchedBy: Voucher;
}
