import type { CodedRows } from "./encode-rows.ts";
import { isEmbedded, targetClasses } from "./plan-shape.ts";
import type { Feature, Plan } from "./plan.ts";
import { everyRow } from "./split.ts";

/** What was fitted on the training rows; saved with the weights. */
export interface Scaling {
  /** per input slot: subtracted; 0 where nothing is */
  readonly mean: Float64Array;
  /** per input slot: divided by; 1 where nothing is */
  readonly deviation: Float64Array;
  /** per input slot: what a missing number becomes, in the column's own units; 0 for other slots */
  readonly missing: Float64Array;
  readonly targetMean: number;
  readonly targetDeviation: number;
}

/**
 * Fits means and population deviations on training rows that come block by block, in row order and
 * twice: first all of them through `addToMeans`, then the same through `addToDeviations`. Sums are
 * float64 in row order, so how the rows were cut into blocks changes no bit. Missing values do not
 * count; a deviation of zero counts as one.
 */
export class ScalingFit {
  /** training rows of each class, in the order of the classes; empty for a number */
  readonly classCounts: Float64Array;
  private readonly columns: readonly (Moments | undefined)[];
  private readonly target = new Moments();

  constructor(private readonly plan: Plan) {
    this.classCounts = new Float64Array(targetClasses(plan.target)?.length ?? 0);
    this.columns = plan.features.map(({ kind }) => (kind === "number" ? new Moments() : undefined));
  }

  /**
   * The first pass.
   *
   * @param rows the block's training rows, ascending; all where it is left out
   */
  addToMeans(block: CodedRows, rows: Uint32Array = everyRow(block.numRows)): void {
    this.each(block, (moments, values) => moments.addToMean(values, rows));
    if (this.classCounts.length === 0) return;
    for (const row of rows) {
      const label = block.target[row] ?? NaN;
      const count = this.classCounts[label];
      if (count !== undefined) this.classCounts[label] = count + 1;
    }
  }

  /** The second pass, over the same rows as the first. */
  addToDeviations(block: CodedRows, rows: Uint32Array = everyRow(block.numRows)): void {
    this.each(block, (moments, values) => moments.addToDeviation(values, rows));
  }

  /**
   * What the training rows say of the target by itself: the classes' shares, or the mean of the
   * number in its own units.
   */
  get prior(): Float64Array {
    if (this.classCounts.length === 0) return Float64Array.of(this.target.mean);
    const sum = this.classCounts.reduce((total, count) => total + count, 0);
    return this.classCounts.map((count) => (sum === 0 ? 0 : count / sum));
  }

  /** What came of both passes. */
  get scaling(): Scaling {
    const mean: number[] = [];
    const deviation: number[] = [];
    const missing: number[] = [];
    this.plan.features.forEach((feature, i) => {
      const moments = this.columns[i];
      const isScaled = feature.kind === "number" && feature.scale === "standard";
      for (let slot = 0; slot < slotCount(this.plan, feature); slot++) {
        mean.push(isScaled ? (moments?.mean ?? 0) : 0);
        deviation.push(isScaled ? (moments?.deviation ?? 1) : 1);
        missing.push(moments?.mean ?? 0);
      }
    });
    const { target } = this.plan;
    const isScaled = target.kind === "number" && target.scale === "standard";
    return {
      mean: Float64Array.from(mean),
      deviation: Float64Array.from(deviation),
      missing: Float64Array.from(missing),
      targetMean: isScaled ? this.target.mean : 0,
      targetDeviation: isScaled ? this.target.deviation : 1,
    };
  }

  private each(block: CodedRows, visit: (moments: Moments, values: Float64Array) => void): void {
    this.columns.forEach((moments, i) => {
      const values = block.features[i];
      if (moments !== undefined && values !== undefined) visit(moments, values);
    });
    if (this.plan.target.kind === "number") visit(this.target, block.target);
  }
}

/** How many numbers of the input a feature takes. */
export function slotCount(plan: Plan, feature: Feature): number {
  return feature.kind === "category" && !isEmbedded(plan.network, feature.column)
    ? feature.vocabulary.length + 1
    : 1;
}

/** Mean and population deviation of a column. */
class Moments {
  private count = 0;
  private sum = 0;
  private squares = 0;

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  get deviation(): number {
    const deviation = this.count === 0 ? 0 : Math.sqrt(this.squares / this.count);
    return deviation === 0 ? 1 : deviation;
  }

  addToMean(values: Float64Array, rows: Uint32Array): void {
    for (const row of rows) {
      const value = values[row] ?? NaN;
      if (Number.isNaN(value)) continue;
      this.count++;
      this.sum += value;
    }
  }

  addToDeviation(values: Float64Array, rows: Uint32Array): void {
    const { mean } = this;
    for (const row of rows) {
      const value = values[row] ?? NaN;
      if (!Number.isNaN(value)) this.squares += (value - mean) ** 2;
    }
  }
}
