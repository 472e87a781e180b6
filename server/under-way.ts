/** What has begun and not ended, to be waited for. */
export class UnderWay {
  private count = 0;
  private waiting: (() => void)[] = [];

  /** Something begins. @returns ends it; to be called once */
  begin(): () => void {
    this.count += 1;
    return () => {
      this.count -= 1;
      if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
    };
  }

  /** Resolves when nothing goes on, or the signal aborts. */
  async over(signal: AbortSignal): Promise<void> {
    if (this.count === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}
