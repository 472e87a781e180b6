import type { CellStatus } from "../../runtime/cell.ts";

/** Milliseconds for which a cell is busy before the page says so: what is quicker would only flash. */
const patience = 150;

/** What the page shows of a cell's states: all that last, and of runs only those that take a while. */
export class CalmStatus {
  private newest: CellStatus | undefined;
  private busySince: number | undefined;
  private shown: CellStatus | undefined;

  /**
   * Takes the cell's status in.
   *
   * @param now milliseconds on any clock that does not go back
   */
  set(status: CellStatus, now: number): void {
    this.newest = status;
    this.busySince = isBusy(status) ? (this.busySince ?? now) : undefined;
  }

  /** The status to show: the newest, unless the cell has only just become busy. */
  at(now: number): CellStatus | undefined {
    if (this.busySince === undefined || now - this.busySince >= patience) this.shown = this.newest;
    return this.shown;
  }

  /** Whether time alone will change what is shown. */
  get isHolding(): boolean {
    return this.shown !== this.newest;
  }
}

function isBusy({ state }: CellStatus): boolean {
  return state === "queued" || state === "running";
}
