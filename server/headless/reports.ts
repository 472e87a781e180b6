import type { CellReport } from "./child-api.ts";

/** The reports of a run, from those who make them to the one who reads them. */
export class Reports {
  private readonly reports: CellReport[] = [];
  private readonly sleepers = new Set<() => void>();
  private over: { readonly error?: unknown } | undefined;

  add(report: CellReport): void {
    this.reports.push(report);
    this.wake();
  }

  /** No more reports will come. */
  end(): void {
    this.over ??= {};
    this.wake();
  }

  /** No more reports will come, because of an error. */
  fail(error: unknown): void {
    this.over ??= { error };
    this.wake();
  }

  /** All reports, in order, until there will be no more. */
  async *all(): AsyncGenerator<CellReport, void> {
    for (;;) {
      yield* this.reports.splice(0);
      if (this.reports.length > 0) continue;
      if (this.over !== undefined) {
        if ("error" in this.over) throw this.over.error;
        return;
      }
      await new Promise<void>((resolve) => this.sleepers.add(resolve));
    }
  }

  /** Whether there is another report before so many milliseconds are over. */
  async changesWithin(milliseconds: number): Promise<boolean> {
    return await new Promise((resolve) => {
      const changed = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.sleepers.delete(changed);
        resolve(false);
      }, milliseconds);
      this.sleepers.add(changed);
    });
  }

  private wake(): void {
    const sleepers = [...this.sleepers];
    this.sleepers.clear();
    for (const wake of sleepers) wake();
  }
}
