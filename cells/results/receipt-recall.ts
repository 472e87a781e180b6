import { isCard } from "../card.ts";
import type { CellStatus } from "../../runtime/cell.ts";
import type { WorkbookObserver } from "../../runtime/workbook-options.ts";

/** What is done about the receipts of cards that were restored. */
export interface ReceiptRecall {
  /** tells the shell of a receipt; whether the ledger has it */
  recall(receipt: string): Promise<boolean>;
  /** a cell shows a card whose receipt the ledger does not have */
  lost(cell: number): void;
}

/**
 * An observer that also looks for cards which the result cache gave. Their stages did not run, so
 * nobody has told the shell of their receipts: this does, once for each time that one comes back.
 */
export function withReceiptRecall(
  observer: WorkbookObserver,
  { recall, lost }: ReceiptRecall,
): WorkbookObserver {
  /** what each cell has shown since its last status, by slot */
  const shown = new Map<number, Map<number, string>>();

  /** A status says whether what the cell has just shown was restored. */
  const look = async ({ id, cached }: CellStatus): Promise<void> => {
    const receipts = new Set(shown.get(id)?.values());
    shown.delete(id);
    if (cached !== true) return;
    // a shell that refuses, or cannot ask, does not say that there is none
    const asked = Array.from(receipts, (receipt) => recall(receipt).catch(() => true));
    if ((await Promise.all(asked)).includes(false)) lost(id);
  };

  return {
    running: (cell) => observer.running?.(cell),
    status: (status) => {
      observer.status?.(status);
      void look(status);
    },
    clear: (cell) => {
      shown.delete(cell);
      observer.clear?.(cell);
    },
    display: (cell, slot, value) => {
      observer.display?.(cell, slot, value);
      const receipt = isCard(value) ? value.receipt : undefined;
      if (typeof receipt !== "string") return void shown.get(cell)?.delete(slot);
      const slots = shown.get(cell) ?? new Map<number, string>();
      shown.set(cell, slots.set(slot, receipt));
    },
  };
}
