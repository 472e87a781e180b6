import { s } from "./dom.ts";

/** The most points that are drawn; more would not be seen. */
const mostPoints = 80;

/**
 * A line over the values of a run so far, on its own scale; a logarithmic one where they are all
 * positive, since a loss falls by orders of magnitude. Decoration: the numbers stand beside it.
 *
 * @param values in order of their steps; null where one is missing
 */
export function sparkline(values: readonly (number | null)[], width = 72, height = 20): SVGElement {
  const numbers = values.filter((value) => value !== null);
  const isPositive = numbers.every((value) => value > 0);
  const points = thinned(isPositive ? numbers.map(Math.log) : numbers);
  const least = Math.min(...points);
  const span = Math.max(...points) - least || 1;
  const x = (i: number): number => 1 + (i / Math.max(1, points.length - 1)) * (width - 2);
  const y = (value: number): number => 2 + (1 - (value - least) / span) * (height - 4);
  const line = points.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return s(
    "svg",
    { class: "sparkline", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    points.length > 1 && s("polyline", { points: line }),
  );
}

/** Means of equal stretches, so that a noisy loss reads as its course. */
function thinned(values: readonly number[]): number[] {
  const size = Math.ceil(values.length / mostPoints);
  if (size <= 1) return [...values];
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const stretch = values.slice(i * size, (i + 1) * size);
    return stretch.reduce((sum, value) => sum + value, 0) / stretch.length;
  });
}
