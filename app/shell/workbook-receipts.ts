import {
  isFoundByWorkbook,
  type Receipt,
  type ReceiptBody,
  type ReceiptStage,
} from "../../engines/index.ts";
import type { Backend } from "./backend.ts";
import { DispatchError } from "./dispatch-services.ts";

/** The latest receipts of one workbook: of each stage the one that was asked for last. */
export class WorkbookReceipts {
  private readonly latest = new Map<ReceiptStage, Receipt>();
  /** when the latest was asked for, since answers come in any order */
  private readonly turns = new Map<ReceiptStage, number>();
  private turn = 0;

  /** @param changed hears of each receipt that is the latest now */
  constructor(
    private readonly api: Pick<Backend, "postReceipt" | "receipt">,
    private readonly changed: (receipt: Receipt) => void,
  ) {}

  get byStage(): ReadonlyMap<ReceiptStage, Receipt> {
    return this.latest;
  }

  /**
   * Writes down what the workbook itself found. It opens nothing, and what it says of a tier that
   * the shell sees for itself is not shown either.
   */
  async write(body: ReceiptBody): Promise<Receipt> {
    const take = this.expect();
    const receipt = await this.api.postReceipt(body, "frame");
    if (isFoundByWorkbook(receipt.stage)) take(receipt);
    return receipt;
  }

  /**
   * Shows a receipt that was written before, for a card that came back without its stage.
   *
   * @returns whether the ledger has it
   * @throws {DispatchError} `refused` for a tier that the shell sees for itself
   */
  async recall(id: string): Promise<boolean> {
    const take = this.expect();
    const receipt = await this.api.receipt(id);
    if (receipt === undefined) return false;
    if (!isFoundByWorkbook(receipt.stage))
      throw new DispatchError(
        `A receipt of the stage ${receipt.stage} is not shown because a workbook names it`,
        "refused",
        "Ask for the run itself: what is known is not run again",
      );
    take(receipt);
    return true;
  }

  /** A receipt is asked for now. @returns takes it when it comes, unless a later one is there */
  expect(): (receipt: Receipt) => void {
    const turn = ++this.turn;
    return (receipt) => {
      if ((this.turns.get(receipt.stage) ?? 0) > turn) return;
      this.turns.set(receipt.stage, turn);
      this.latest.set(receipt.stage, receipt);
      this.changed(receipt);
    };
  }
}
