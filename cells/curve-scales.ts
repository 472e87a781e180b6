import type { CardCurve } from "./card.ts";
import { niceTicks } from "./ticks.ts";

/** A drawing's measures, in its own units. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly margin: {
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
    readonly left: number;
  };
}

/** what the name of a wide drawing's horizontal axis takes at its right end */
const roomForName = 48;

/** Where values lie in a drawing, and which of them its axes name. */
export interface Scales {
  readonly atX: (value: number) => number;
  readonly atY: (value: number) => number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

/** The scales of a curve in a frame: over its domain, or else as far as its points go. */
export function scalesOf({ domain, series }: CardCurve, { width, height, margin }: Frame): Scales {
  const all = series.flatMap(({ points }) => points);
  const xs = all.map(([at]) => at);
  const ys = all.map(([, value]) => value);
  const low = min(ys);
  const yTicks =
    domain === undefined
      ? niceTicks(low >= 0 ? 0 : low, max(ys), 4)
      : niceTicks(domain[0], domain[1], 5);
  const [left, right] = domain ?? [min(xs), Math.max(max(xs), min(xs) + 1)];
  const bottom = yTicks[0] ?? 0;
  const top = yTicks.at(-1) ?? 1;
  const atX = (value: number): number =>
    margin.left + ((value - left) / (right - left)) * (width - margin.left - margin.right);
  const atY = (value: number): number =>
    height -
    margin.bottom -
    ((value - bottom) / (top - bottom)) * (height - margin.top - margin.bottom);
  const xTicks =
    domain === undefined
      ? niceTicks(left, right, 6).filter(
          (tick) =>
            tick >= left &&
            atX(tick) <= width - margin.right - roomForName &&
            Number.isInteger(tick),
        )
      : yTicks;
  return { atX, atY, xTicks, yTicks };
}

function min(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? 0);
}

function max(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), values[0] ?? 1);
}
