import type { Plan, ShareSplit, TimeSplit } from "./plan.ts";
import { permutation, randomStream } from "./random.ts";

/** Row numbers of each part, ascending. */
export interface SplitRows {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  /** how many rows are in neither part */
  readonly gap: number;
}

/**
 * Parts rows by the plan's rule, from its seed and the number of rows alone, and, as the rule wants
 * it, the class or the time of each row.
 *
 * `random`: the validation rows are the first round(n · share) of a permutation of 0 … n - 1.
 * `stratified`: the same within each class, on a permutation with the class's index as its layer.
 * Class c of n_c rows gives floor(n_c · share) rows, and what is missing from round(n · share) goes,
 * a row each, to the classes with the largest remainders, the first class first among equals. A
 * class never gives its last row. Where both parts can have a row, both have one.
 *
 * `time`: see {@link timeCutoff}. A row without a time is in neither part.
 *
 * @param classOf the class of each row, by index; needed for `stratified`
 * @param times the time of each row, in milliseconds since 1970 UTC, NaN where there is none; needed
 *   for `time`
 */
export function splitRows(
  plan: Pick<Plan, "split" | "seed">,
  numRows: number,
  classOf?: ArrayLike<number>,
  times?: Float64Array,
): SplitRows {
  const { split, seed } = plan;
  return split.kind === "time"
    ? splitByTime(split, times ?? new Float64Array(numRows).fill(NaN))
    : splitByChance(split, seed, numRows, classOf);
}

/**
 * The moment at which a split by time cuts, in milliseconds since 1970 UTC: rows at or after it are
 * for validation, rows more than the gap before it for training, those between for neither.
 *
 * It is the one that `from` names. With a share it is the time at position n - round(n · share) of
 * the n times in order, or, where no row is earlier than that, the second earliest of all times. So
 * at least the share is for validation, and rows of the same time are never parted.
 *
 * @param times one a row; NaN, which does not count, where there is none
 * @returns NaN where no row has a time
 */
export function timeCutoff(split: TimeSplit, times: Float64Array): number {
  if ("from" in split) return Date.parse(split.from);
  const sorted = times.filter((time) => !Number.isNaN(time)).sort();
  const n = sorted.length;
  const cutoff = sorted[n - clamp(Math.round(n * split.validation), 1, n - 1)] ?? NaN;
  return cutoff === sorted[0] ? (sorted.find((time) => time > cutoff) ?? cutoff) : cutoff;
}

/** Row numbers 0 … n - 1. */
export function everyRow(numRows: number): Uint32Array {
  const rows = new Uint32Array(numRows);
  for (let row = 0; row < numRows; row++) rows[row] = row;
  return rows;
}

function splitByTime(split: TimeSplit, times: Float64Array): SplitRows {
  const cutoff = timeCutoff(split, times);
  const last = cutoff - 1000 * split.gap;
  const rows = everyRow(times.length);
  const training = rows.filter((row) => (times[row] ?? NaN) < last);
  const validation = rows.filter((row) => (times[row] ?? NaN) >= cutoff);
  return { training, validation, gap: times.length - training.length - validation.length };
}

function splitByChance(
  split: ShareSplit,
  seed: number,
  numRows: number,
  classOf: ArrayLike<number> | undefined,
): SplitRows {
  const wanted = clamp(Math.round(numRows * split.validation), 1, numRows - 1);
  const chosen = new Uint8Array(numRows);
  const choose = (rows: Uint32Array, count: number, layer: number): void => {
    const order = permutation({ seed, stream: randomStream.split, layer, step: 0 }, rows.length);
    for (const position of order.subarray(0, count)) chosen[rows[position] ?? 0] = 1;
  };
  if (split.kind === "stratified" && classOf !== undefined) {
    const classes = rowsByClass(numRows, classOf);
    const counts = shareOut(
      classes.map((rows) => rows.length),
      split.validation,
      wanted,
    );
    classes.forEach((rows, c) => choose(rows, counts[c] ?? 0, c));
  } else choose(everyRow(numRows), wanted, 0);
  return {
    training: everyRow(numRows).filter((row) => chosen[row] === 0),
    validation: everyRow(numRows).filter((row) => chosen[row] === 1),
    gap: 0,
  };
}

function rowsByClass(numRows: number, classOf: ArrayLike<number>): Uint32Array[] {
  const rows: number[][] = [];
  for (let row = 0; row < numRows; row++) (rows[classOf[row] ?? 0] ??= []).push(row);
  return Array.from(rows, (list) => Uint32Array.from(list ?? []));
}

function shareOut(sizes: readonly number[], share: number, wanted: number): number[] {
  const counts = sizes.map((size) => Math.floor(size * share));
  const byRemainder = sizes
    .map((size, c) => ({ c, remainder: size * share - Math.floor(size * share) }))
    .sort((a, b) => b.remainder - a.remainder || a.c - b.c);
  let missing = wanted - counts.reduce((sum, count) => sum + count, 0);
  for (const { c } of byRemainder) {
    const count = counts[c] ?? 0;
    if (missing <= 0 || count + 1 >= (sizes[c] ?? 0)) continue;
    counts[c] = count + 1;
    missing--;
  }
  return counts;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(Math.min(value, high), Math.min(low, Math.max(0, high)));
}
