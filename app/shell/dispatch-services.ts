import type { Device, ReceiptBody } from "../../engines/index.ts";
import type { Backend } from "./backend.ts";
import type { AskedRun } from "./asked-run.ts";
import type { RowsFacts } from "./rows-inspection.ts";
import type { RunFeed } from "./run-feed.ts";
import type { SmallRunServices } from "./small-run.ts";
import type { DryRunWork } from "./training-client.ts";

/** What dispatch needs of the world. */
export interface DispatchServices {
  readonly api: Pick<
    Backend,
    | "ladder"
    | "ledger"
    | "postReceipt"
    | "putBlob"
    | "putRun"
    | "receipt"
    | "run"
    | "runRecord"
    | "cancelRun"
  >;
  readonly feed: Pick<RunFeed, "follow" | "onLedger">;
  readonly train: SmallRunServices["train"];
  readonly dryRun: (work: DryRunWork) => Promise<ReceiptBody>;
  /** says what rows really are */
  readonly inspect: (ipc: Uint8Array) => Promise<RowsFacts>;
}

/** What the person behind the page has to say. */
export interface Person {
  /** where runs shall compute that leave it open */
  device(): Device;
  /** whether this workbook's cards may start small runs */
  allowsSmallRuns(): boolean;
  /** whether the person has just clicked or pressed a key, in the page or in the workbook */
  isPresent(): boolean;
  /**
   * Shows a full run and what it is made of; `submit` starts it. Resolves when the person has
   * decided.
   */
  confirm(asked: AskedRun, submit: () => Promise<void>): Promise<void>;
  /**
   * Shows a full run and the receipts that it lacks; `submit` starts it, with the person's reason.
   * Resolves when the person has decided.
   */
  confirmOverride(asked: AskedRun, submit: (reason?: string) => Promise<void>): Promise<void>;
  /** something in the workbook asks for the person's attention */
  callTo(asked: AskedRun): void;
}

/** A request of the frame that cannot be followed. */
export class DispatchError extends Error {
  constructor(
    message: string,
    /** `rows`, `engine`, `unknown-run`, `refused` */
    readonly code: string,
    readonly hint?: string,
  ) {
    super(message);
    this.name = "DispatchError";
  }
}
