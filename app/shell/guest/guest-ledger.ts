import { BytesInMemory } from "../../../cells/results/bytes-in-memory.ts";
import { receiptSchema } from "../../../engines/receipt-schema.ts";
import type { Receipt, ReceiptBody, ReceiptStage } from "../../../engines/receipt.ts";
import { hasItsId, vouchFor } from "../../../engines/vouching.ts";
import * as v from "valibot";
import type { LedgerLine } from "../api-schema.ts";

/** The most receipts of this visit's own runs that are kept. */
const maxOwn = 1000;
/** The most bytes of receipts that are kept of what the workbook itself says. */
const maxClaimedBytes = 16 << 20;
/** The most lines that are kept; whoever follows the ledger reads each soon after it is written. */
const maxLines = 10_000;

/**
 * The ledger of a visit without a server: the receipts of what happened here, in memory, and those
 * that were published, which are a stranger's word.
 */
export class GuestLedger {
  /** vouched for by the shell, the oldest first: of runs that it has seen itself */
  private own: readonly Receipt[] = [];
  /** what the workbook says of itself, as JSON */
  private readonly claimed = new BytesInMemory(maxClaimedBytes);
  private lines: readonly LedgerLine[] = [];
  private head = 0;
  private readonly listeners = new Set<(head: number) => void>();

  /** @param published the receipts that came with the workbook */
  constructor(private readonly published: readonly Receipt[]) {}

  /** Writes a receipt down, vouched for. */
  add(body: ReceiptBody, vouchedBy: "frame" | "shell"): Receipt {
    const receipt = vouchFor(body, vouchedBy);
    if (vouchedBy === "shell") this.own = [...this.own, receipt].slice(-maxOwn);
    else this.claimed.set(receipt.id, new TextEncoder().encode(JSON.stringify(receipt)));
    this.grow({ subject: { recipe: body.subject.recipe } });
    return receipt;
  }

  /**
   * A receipt by its id. Of those that came with the workbook only what the workbook says of itself:
   * that a shell or a server has seen more, nobody here can know.
   */
  find(id: string): Receipt | undefined {
    const claimed = this.claimed.get(id);
    if (claimed !== undefined)
      return v.parse(receiptSchema, JSON.parse(new TextDecoder().decode(claimed)));
    return (
      this.own.find((receipt) => receipt.id === id) ??
      this.published.find(
        (receipt) => receipt.id === id && receipt.vouchedBy === "frame" && hasItsId(receipt),
      )
    );
  }

  /** The newest receipt of a stage for a recipe that the shell has made in this visit. */
  newest(stage: ReceiptStage, recipe: string): Receipt | undefined {
    return this.own.findLast(
      (receipt) => receipt.stage === stage && receipt.subject.recipe === recipe,
    );
  }

  /** The lines after a number. */
  after(seq: number): readonly LedgerLine[] {
    return this.lines.filter((line) => line.seq > seq);
  }

  /** Writes a line, and says so. */
  grow(body: LedgerLine["body"]): void {
    this.head += 1;
    this.lines = [...this.lines, { seq: this.head, body }].slice(-maxLines);
    for (const listener of this.listeners) listener(this.head);
  }

  /** Hears how long the ledger is, soon and whenever it has grown; the answer stops it. */
  listen(listener: (head: number) => void): () => void {
    this.listeners.add(listener);
    queueMicrotask(() => {
      if (this.listeners.has(listener)) listener(this.head);
    });
    return () => this.listeners.delete(listener);
  }
}
