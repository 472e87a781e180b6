import { withReceiptRecall } from "../../cells/results/receipt-recall.ts";
import type { WorkbookObserver } from "../../runtime/workbook-options.ts";

/** The receipts of cards that came back, asked for so that nobody takes the workbook for finished meanwhile. */
export class Recalls {
  private readonly asked = new Set<Promise<unknown>>();

  /** @param recall tells the shell of a receipt; whether the ledger has it */
  constructor(private readonly recall: (receipt: string) => Promise<boolean>) {}

  /**
   * An observer that also asks for receipts.
   *
   * @param lost a cell shows a card whose receipt the ledger does not have
   */
  observer(observer: WorkbookObserver, lost: (cell: number) => void): WorkbookObserver {
    return withReceiptRecall(observer, { recall: (receipt) => this.ask(receipt), lost });
  }

  /** Resolves when all that were asked for are answered, with whether there were any. */
  async hadSome(): Promise<boolean> {
    const asked = [...this.asked];
    this.asked.clear();
    await Promise.allSettled(asked);
    return asked.length > 0;
  }

  private ask(receipt: string): Promise<boolean> {
    const answer = this.recall(receipt);
    this.asked.add(answer);
    return answer;
  }
}
