/**
 * The items of several generators as they come. Ends when all have ended, fails when one does, and
 * returns from all when it is returned from.
 */
export async function* merge<Item>(
  generators: readonly AsyncGenerator<Item>[],
): AsyncGenerator<Item> {
  interface Arrival {
    readonly generator: AsyncGenerator<Item>;
    readonly next: IteratorResult<Item>;
  }
  const arrivalOf = async (generator: AsyncGenerator<Item>): Promise<Arrival> => ({
    generator,
    next: await generator.next(),
  });
  const pending = new Map(generators.map((generator) => [generator, arrivalOf(generator)]));
  try {
    while (pending.size > 0) {
      const { generator, next } = await Promise.race(pending.values());
      if (next.done === true) {
        pending.delete(generator);
        continue;
      }
      yield next.value;
      pending.set(generator, arrivalOf(generator));
    }
  } finally {
    for (const arrival of pending.values()) arrival.catch(() => undefined);
    // a generator in the midst of waiting returns only once it wakes, so nobody waits for it here
    for (const generator of pending.keys()) generator.return(undefined).catch(() => undefined);
  }
}
