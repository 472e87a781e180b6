/**
 * A table or a view inside the database. It is dropped once nobody holds it: the maker, the value of
 * a cell, a query under way, or a view that reads it.
 */
export class StoredResult {
  private holders = 1;

  /**
   * @param name schema and name, as SQL names it
   * @param inputs what a view reads, which lives as long as the view; a table reads nothing
   * @param drop removes it from the database
   */
  constructor(
    readonly name: string,
    readonly kind: "table" | "view",
    private readonly inputs: readonly StoredResult[],
    private readonly drop: (result: StoredResult) => Promise<void>,
  ) {
    for (const input of inputs) input.hold();
  }

  /** Keeps it for one more holder, who releases it in the end. */
  hold(): void {
    this.holders++;
  }

  /** Gives up one hold; the last one drops it and lets go of what it reads. */
  async release(): Promise<void> {
    this.holders--;
    if (this.holders !== 0) return;
    await this.drop(this);
    for (const input of this.inputs) await input.release();
  }
}
