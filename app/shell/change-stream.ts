/** Tells whoever listens that something changed; what, they look up for themselves. */
export class Changes {
  private readonly listeners = new Set<() => void>();

  /** Listens; the answer stops it. */
  listen(listener: () => void): () => void {
    const own = (): void => listener();
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  }

  notify(): void {
    for (const listener of this.listeners) listener();
  }
}

/**
 * A stream over something that changes. `read` gives the next item, `done` at the end, or
 * `undefined` as long as there is none; it is asked again after every change. `return` answers at
 * once, also while `next` is waiting, which an async generator cannot.
 *
 * @param detached runs once, when nobody reads any more
 */
export function streamOf<Item>(
  changes: Changes,
  read: () => IteratorResult<Item, undefined> | undefined,
  detached: () => void = () => undefined,
): AsyncIterableIterator<Item, undefined> {
  const end: IteratorResult<Item, undefined> = { done: true, value: undefined };
  let isOver = false;
  let wake = (): void => undefined;
  const stop = changes.listen(() => wake());
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    stop();
    wake();
    detached();
  };
  return {
    async next() {
      for (;;) {
        if (isOver) return end;
        const item = read();
        if (item?.done === true) finish();
        else if (item !== undefined) return item;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    return() {
      finish();
      return Promise.resolve(end);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
