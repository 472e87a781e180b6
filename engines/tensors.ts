import type { Table } from "../data/table.ts";
import { planShape, targetClasses } from "./plan-shape.ts";
import type { Feature, Plan } from "./plan.ts";
import { splitRows } from "./split.ts";

/** Rows as an engine trains on them. */
export interface TrainingTensors {
  /** n × width, row-major */
  readonly x: Float32Array;
  /** n: the class's index, 0 or 1, or the (scaled) number */
  readonly y: Float32Array;
  readonly numRows: number;
  readonly width: number;
  /** row numbers, ascending */
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly scaling: Scaling;
}

/** What was fitted on the training rows; saved with the weights. */
export interface Scaling {
  /** per input slot: subtracted; 0 where nothing is */
  readonly mean: Float64Array;
  /** per input slot: divided by; 1 where nothing is */
  readonly deviation: Float64Array;
  readonly targetMean: number;
  readonly targetDeviation: number;
}

/**
 * Rows as numbers, by the plan. Means and (population) deviations are fitted on the training rows
 * only; a deviation of zero counts as one. A missing number becomes the mean, a missing truth value
 * false, a missing or unknown word the slot for the unknown.
 *
 * @param rows that `checkRows` lets pass
 */
export function tensorsFromRows(plan: Plan, rows: Table): TrainingTensors {
  const { inputWidth: width } = planShape(plan);
  const { numRows } = rows;
  const labels = targetNumbers(plan, rows);
  const { training, validation } = splitRows(
    plan,
    numRows,
    plan.target.kind === "number" ? undefined : labels,
  );
  const x = new Float32Array(numRows * width);
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width).fill(1);
  let slot = 0;
  for (const feature of plan.features) {
    const values = rows.column(feature.column);
    if (feature.kind === "number") {
      const numbers = Float64Array.from(values, numberFromValue);
      const fitted = fit(numbers, training);
      if (feature.scale === "standard") {
        mean[slot] = fitted.mean;
        deviation[slot] = fitted.deviation;
      }
      for (let row = 0; row < numRows; row++) {
        const value = numbers[row] ?? NaN;
        x[row * width + slot] =
          ((Number.isNaN(value) ? fitted.mean : value) - (mean[slot] ?? 0)) /
          (deviation[slot] ?? 1);
      }
    } else
      for (let row = 0; row < numRows; row++) {
        const at = categorySlot(feature, values[row]);
        if (at !== undefined) x[row * width + slot + at] = 1;
      }
    slot += feature.kind === "category" ? feature.vocabulary.length + 1 : 1;
  }
  const target =
    plan.target.kind === "number" && plan.target.scale === "standard"
      ? fit(labels, training)
      : { mean: 0, deviation: 1 };
  const y = Float32Array.from(labels, (label) => (label - target.mean) / target.deviation);
  return {
    x,
    y,
    numRows,
    width,
    training,
    validation,
    scaling: { mean, deviation, targetMean: target.mean, targetDeviation: target.deviation },
  };
}

/** The target of each row: the class's index, or the number; NaN where there is none. */
export function targetNumbers(plan: Plan, rows: Table): Float64Array {
  const values = rows.column(plan.target.column);
  const classes = targetClasses(plan.target);
  if (classes === undefined) return Float64Array.from(values, numberFromValue);
  const index = new Map(classes.map((name, i) => [name, i]));
  return Float64Array.from(values, (value) => index.get(wordFromValue(value) ?? "\0") ?? NaN);
}

/** A number from a table's value; NaN where there is none. */
export function numberFromValue(value: unknown): number {
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : NaN;
}

/** A category's word from a table's value, or undefined for a missing one. */
export function wordFromValue(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : undefined;
}

function categorySlot(
  feature: Exclude<Feature, { kind: "number" }>,
  value: unknown,
): number | undefined {
  if (feature.kind === "boolean") return value === true ? 0 : undefined;
  const word = wordFromValue(value);
  const at = word === undefined ? -1 : feature.vocabulary.indexOf(word);
  return at < 0 ? feature.vocabulary.length : at;
}

function fit(numbers: Float64Array, rows: Uint32Array): { mean: number; deviation: number } {
  let count = 0;
  let sum = 0;
  for (const row of rows) {
    const value = numbers[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (const row of rows) {
    const value = numbers[row] ?? NaN;
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  const deviation = count === 0 ? 0 : Math.sqrt(squares / count);
  return { mean, deviation: deviation === 0 ? 1 : deviation };
}
