import type { CellError } from "./cell.ts";
import { CellFault } from "./cell-fault.ts";

/** Why a cell has no value, if it has none: made once for each reason, however often it is looked at. */
export class CellFailure {
  /** as the person reads it */
  error: CellError | undefined;
  /** as those get it who ask for a value of the cell */
  thrown: unknown;
  private reason: unknown;

  /**
   * The cell has no value for a reason, by which it is told from others.
   *
   * @returns whether it is another reason than before
   */
  because(reason: unknown, errorOf: () => CellError): boolean {
    if (this.reason === reason) return false;
    this.reason = reason;
    this.error = errorOf();
    this.thrown = new CellFault(this.error);
    return true;
  }

  /** There is no such reason any more. */
  end(): void {
    if (this.reason === undefined) return;
    this.reason = undefined;
    this.error = undefined;
    this.thrown = undefined;
  }
}
