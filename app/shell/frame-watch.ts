/** Unanswered rounds of one second each after which a frame counts as stuck. */
const patience = 3;

/**
 * Asks a frame every second whether it is there. Counts rounds, not time: a page that slept or was
 * in the background has not waited, whatever the clock says.
 */
export class FrameWatch {
  private readonly timer: ReturnType<typeof setInterval>;
  private missed = 0;
  private isAsking = false;
  private isStuck = false;
  private isStopped = false;

  /**
   * @param ping rejects or answers; either is a sign of life
   * @param tell hears when the frame gets stuck and when it is back
   */
  constructor(
    private readonly ping: () => Promise<void>,
    private readonly tell: (isStuck: boolean) => void,
    interval = 1000,
  ) {
    this.timer = setInterval(() => this.round(), interval);
  }

  /** Asks no more, and tells nothing of what is still under way. */
  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
  }

  private round(): void {
    if (this.isAsking) {
      this.missed += 1;
      if (this.missed >= patience) this.set(true);
      return;
    }
    this.isAsking = true;
    const answered = (): void => {
      this.isAsking = false;
      this.missed = 0;
      this.set(false);
    };
    this.ping().then(answered, answered);
  }

  private set(isStuck: boolean): void {
    if (isStuck === this.isStuck || this.isStopped) return;
    this.isStuck = isStuck;
    this.tell(isStuck);
  }
}
