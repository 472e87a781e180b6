import type { Table } from "../data/table.ts";
import { isEmbedded } from "./plan-shape.ts";
import type { Feature, Plan } from "./plan.ts";
import { slotCount, type Scaling } from "./scaling.ts";
import { everyRow } from "./split.ts";
import { numberFromValue, targetNumbers, timeFromValue, wordIndex } from "./table-values.ts";
import type { RowBlock } from "./training-data.ts";

/**
 * Rows by the columns that a plan reads, as numbers: the common form of rows in memory and rows that
 * stream from a database, from which both are encoded by the same code.
 */
export interface CodedRows {
  readonly numRows: number;
  /**
   * One a feature, in the plan's order: the number, or NaN where it is missing; the index of the word
   * in the vocabulary, or -1 for an unknown or missing one; 0 or 1, or NaN where it is missing
   */
  readonly features: readonly Float64Array[];
  /** the number or the index of the class; NaN where there is none */
  readonly target: Float64Array;
  /** what the plan's baseline predicts; NaN where it is missing */
  readonly baseline?: Float64Array;
  /** for a split by time: milliseconds since 1970 UTC; NaN where it is missing */
  readonly time?: Float64Array;
}

/**
 * The rows of a table as numbers.
 *
 * @param table that `checkRows` lets pass
 */
export function codedRowsFromTable(plan: Plan, table: Table): CodedRows {
  const numbers = (column: string, code: (value: unknown) => number): Float64Array =>
    Float64Array.from(table.column(column), code);
  return {
    numRows: table.numRows,
    features: plan.features.map((feature) => numbers(feature.column, featureCode(feature))),
    target: targetNumbers(plan, table),
    ...(plan.baseline && { baseline: numbers(plan.baseline.column, numberFromValue) }),
    ...(plan.split.kind === "time" && { time: numbers(plan.split.column, timeFromValue) }),
  };
}

/**
 * Rows as an engine trains on them. A missing number becomes the training rows' mean, a missing truth
 * value false; a missing or unknown word takes the slot or the index after the vocabulary's last.
 *
 * @param scaling fitted on the training rows
 * @param rows the rows to encode, ascending; all where it is left out
 */
export function encodeRows(
  plan: Plan,
  scaling: Scaling,
  coded: CodedRows,
  rows: Uint32Array = everyRow(coded.numRows),
): RowBlock {
  const width = scaling.mean.length;
  const x = new Float32Array(rows.length * width);
  let slot = 0;
  plan.features.forEach((feature, i) => {
    const values = coded.features[i] ?? new Float64Array();
    if (feature.kind === "category") {
      const unknown = feature.vocabulary.length;
      const isIndex = isEmbedded(plan.network, feature.column);
      rows.forEach((row, at) => {
        const value = values[row] ?? -1;
        const word = value < 0 ? unknown : value;
        if (isIndex) x[at * width + slot] = word;
        else x[at * width + slot + word] = 1;
      });
    } else {
      const missing = scaling.missing[slot] ?? 0;
      const mean = scaling.mean[slot] ?? 0;
      const deviation = scaling.deviation[slot] ?? 1;
      rows.forEach((row, at) => {
        const value = values[row] ?? NaN;
        x[at * width + slot] = ((Number.isNaN(value) ? missing : value) - mean) / deviation;
      });
    }
    slot += slotCount(plan, feature);
  });
  const { targetMean, targetDeviation } = scaling;
  const { baseline } = coded;
  return {
    numRows: rows.length,
    x,
    y: Float32Array.from(
      rows,
      (row) => ((coded.target[row] ?? NaN) - targetMean) / targetDeviation,
    ),
    ...(baseline && { baseline: Float32Array.from(rows, (row) => baseline[row] ?? NaN) }),
  };
}

/** What makes a feature's number of a table's value. */
function featureCode(feature: Feature): (value: unknown) => number {
  if (feature.kind === "number") return numberFromValue;
  if (feature.kind === "category") return wordIndex(feature.vocabulary, -1);
  return (value) => (typeof value === "boolean" ? Number(value) : NaN);
}
