/** Who waits here for answers to one call or stream. */
export interface Waiting {
  value(value: unknown): void;
  done(): void;
  fail(error: Error): void;
}

/** The items of a stream that came and were not yet read. */
export class ItemQueue implements Waiting {
  private readonly items: unknown[] = [];
  private readonly readers: (() => void)[] = [];
  private error: Error | undefined;
  private ended = false;

  value(value: unknown): void {
    if (!this.ended) this.items.push(value);
    this.readers.shift()?.();
  }

  done(): void {
    this.ended = true;
    for (const wake of this.readers.splice(0)) wake();
  }

  fail(error: Error): void {
    this.error = error;
    this.done();
  }

  async next(read: (value: unknown) => unknown): Promise<IteratorResult<unknown>> {
    while (this.items.length === 0 && !this.ended)
      await new Promise<void>((resolve) => this.readers.push(resolve));
    if (this.items.length > 0) return { done: false, value: read(this.items.shift()) };
    const { error } = this;
    this.error = undefined;
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }
}
