/**
 * Says which cell's code runs, so that a page that hangs can be told why. The start of each is told at
 * once, for code that loops for ever tells nobody; the end only where nothing else began meanwhile,
 * because a workbook that opens runs a thousand cells in one go.
 */
export class RunningCell {
  private now: number | null = null;
  private told: number | null = null;
  private isToTell = false;

  constructor(private readonly tell: (cell: number | null) => void) {}

  /** A cell's code begins to run, or (null) what began last is through for now. */
  set(cell: number | null): void {
    this.now = cell;
    if (cell !== null) {
      if (this.told !== cell) this.tell((this.told = cell));
      return;
    }
    if (this.isToTell) return;
    this.isToTell = true;
    queueMicrotask(() => {
      this.isToTell = false;
      if (this.now === null && this.told !== null) this.tell((this.told = null));
    });
  }
}
