/** Answers that may never come: whoever waits for one hears when there will be none. */
export class Awaited {
  private readonly waiting = new Set<(reason: Error) => void>();

  /** Settles as the answer does, or rejects where it is given up before. */
  async answer<Value>(answer: Promise<Value>): Promise<Value> {
    let stop: (reason: Error) => void = () => undefined;
    const givenUp = new Promise<never>((_, reject) => {
      stop = reject;
      this.waiting.add(stop);
    });
    try {
      return await Promise.race([answer, givenUp]);
    } finally {
      this.waiting.delete(stop);
    }
  }

  /** Ends all waiting of now. */
  giveUp(reason: Error): void {
    for (const stop of this.waiting) stop(reason);
  }
}
