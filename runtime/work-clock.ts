/** Milliseconds of work: what passes while the run waits for a person does not count. */
export class WorkClock {
  private worked = 0;
  private isWaiting = false;

  /** @param since when the work began, as `performance.now()` tells it */
  constructor(private since: number) {}

  read(isWaiting: boolean): number {
    const now = performance.now();
    if (!this.isWaiting) this.worked += now - this.since;
    this.since = now;
    this.isWaiting = isWaiting;
    return this.worked;
  }
}
