/**
 * Round numbers that divide a range: steps of 1, 2 or 5 times a power of ten, about `count` of them.
 * The first is not above `min`, the last not below `max`.
 */
export function niceTicks(min: number, max: number, count: number): number[] {
  const range = max > min ? max - min : Math.abs(max) || 1;
  const rough = range / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9));
  const digits = Math.max(0, Math.min(20, -Math.floor(Math.log10(step))));
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toFixed(digits)),
  );
}
