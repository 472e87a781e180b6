/**
 * An iterable that can be left at any moment, also while its next item is awaited: leaving it aborts
 * the signal that its generator was given. (Returning from a generator that waits would itself wait
 * for the next item.)
 */
export function detachable<Item>(
  items: (signal: AbortSignal) => AsyncGenerator<Item>,
): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator]: () => {
      const left = new AbortController();
      const generator = items(left.signal);
      return {
        next: () => generator.next(),
        return: async () => {
          left.abort();
          return await generator.return(undefined);
        },
      };
    },
  };
}
