import type { Plan } from "./plan.ts";
import { permutation, randomStream } from "./random.ts";

/** Row numbers of each part, ascending. */
export interface SplitRows {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Parts rows by the plan's rule, from its seed and the number of rows alone (and, stratified, the
 * class of each row).
 *
 * `random`: the validation rows are the first round(n · share) of a permutation of 0 … n - 1.
 * `stratified`: the same within each class, on a permutation with the class's index as its layer.
 * Class c of n_c rows gives floor(n_c · share) rows, and what is missing from round(n · share) goes,
 * a row each, to the classes with the largest remainders, the first class first among equals. A
 * class never gives its last row.
 *
 * Where both parts can have a row, both have one.
 *
 * @param classOf the class of each row, by index; needed for `stratified`
 */
export function splitRows(plan: Plan, numRows: number, classOf?: ArrayLike<number>): SplitRows {
  const wanted = clamp(Math.round(numRows * plan.split.validation), 1, numRows - 1);
  const chosen = new Uint8Array(numRows);
  const choose = (rows: Uint32Array, count: number, layer: number): void => {
    const order = permutation(
      { seed: plan.seed, stream: randomStream.split, layer, step: 0 },
      rows.length,
    );
    for (const position of order.subarray(0, count)) chosen[rows[position] ?? 0] = 1;
  };
  if (plan.split.kind === "stratified" && classOf !== undefined) {
    const classes = rowsByClass(numRows, classOf);
    const counts = shareOut(
      classes.map((rows) => rows.length),
      plan.split.validation,
      wanted,
    );
    classes.forEach((rows, c) => choose(rows, counts[c] ?? 0, c));
  } else choose(everyRow(numRows), wanted, 0);
  return {
    training: everyRow(numRows).filter((row) => chosen[row] === 0),
    validation: everyRow(numRows).filter((row) => chosen[row] === 1),
  };
}

function everyRow(numRows: number): Uint32Array {
  return Uint32Array.from({ length: numRows }, (_, row) => row);
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
