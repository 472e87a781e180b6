/**
 * How many times as long a reading takes on a text four times as long: about 4 where the work is
 * linear, 16 where it is quadratic. The shortest of several times counts, for a busy machine only
 * adds to them; `limit` is the growth at which it stops measuring again, being low enough.
 */
export function growth(read: (text: string) => unknown, piece: string, limit: number): number {
  const small = piece.repeat(Math.ceil(12_000 / piece.length));
  const large = small.repeat(4);
  let [shortest, longest] = [Infinity, Infinity];
  for (let round = 0; round < 60; round++) {
    shortest = Math.min(shortest, time(read, small));
    longest = Math.min(longest, time(read, large));
    if (round > 0 && longest < shortest * limit) break;
  }
  return longest / Math.max(shortest, 0.5);
}

/** Milliseconds. */
function time(read: (text: string) => unknown, text: string): number {
  const start = performance.now();
  read(text);
  return performance.now() - start;
}
