/** Milliseconds of work: what passes while the run waits for a person does not count. */
export class WorkClock {
  private since = performance.now();
  private worked = 0;
  private isWaiting = false;

  read(isWaiting: boolean): number {
    const now = performance.now();
    if (!this.isWaiting) this.worked += now - this.since;
    this.since = now;
    this.isWaiting = isWaiting;
    return this.worked;
  }
}
