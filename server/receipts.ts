import * as v from "valibot";
import { receiptSchema } from "../engines/receipt-schema.ts";
import { hasItsId, vouchFor } from "../engines/vouching.ts";
import type { Receipt, ReceiptBody, ReceiptStage, Voucher } from "../engines/receipt.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";

/** The receipts of a workspace. They live in its ledger and nowhere else. */
export class Receipts {
  constructor(private readonly ledger: Ledger) {}

  /** Vouches for what a stage found, and writes it down. */
  async add(body: ReceiptBody, vouchedBy: Voucher): Promise<Receipt> {
    const receipt = vouchFor(body, vouchedBy);
    await this.ledger.append([{ type: "receipt", at: receipt.at, body: receipt }]);
    return receipt;
  }

  /** The receipt with an id; undefined where the ledger has none. */
  async get(id: string): Promise<Receipt | undefined> {
    return (await this.ledger.entries())
      .filter(({ body }) => isNamed(body, id))
      .map(receiptOf)
      .find((receipt) => receipt !== undefined);
  }

  /** Whether the workbook itself claims a receipt of a stage for a recipe, which counts for nothing. */
  async isClaimed(stage: ReceiptStage, recipe: string): Promise<boolean> {
    return (await this.ledger.entries())
      .map(receiptOf)
      .some((receipt) => receipt?.stage === stage && receipt.subject.recipe === recipe);
  }

  /** The newest receipt of a run that somebody who counts has vouched for. */
  async ofRun(key: string): Promise<Receipt | undefined> {
    return (await this.ledger.entries())
      .map(receiptOf)
      .findLast((receipt) => receipt?.subject.run === key && receipt.vouchedBy !== "frame");
  }

  /** The newest receipt of a stage for a recipe that somebody who counts has vouched for. */
  async newest(stage: ReceiptStage, recipe: string): Promise<Receipt | undefined> {
    return (await this.ledger.entries())
      .map(receiptOf)
      .findLast(
        (receipt) =>
          receipt !== undefined &&
          receipt.stage === stage &&
          receipt.subject.recipe === recipe &&
          receipt.vouchedBy !== "frame",
      );
  }
}

const receiptsRead = new WeakMap<LedgerEntry, Receipt | null>();

/** The receipt in an entry of the ledger; undefined for other entries and for forged ids. */
function receiptOf(entry: LedgerEntry): Receipt | undefined {
  if (entry.type !== "receipt") return undefined;
  let receipt = receiptsRead.get(entry);
  if (receipt === undefined) {
    const parsed = v.safeParse(receiptSchema, entry.body);
    receipt = parsed.success && hasItsId(parsed.output) ? parsed.output : null;
    receiptsRead.set(entry, receipt);
  }
  return receipt ?? undefined;
}

/** Whether a body says that it has an id; most of a long ledger need not be read for that. */
function isNamed(body: unknown, id: string): boolean {
  return typeof body === "object" && body !== null && "id" in body && body.id === id;
}
