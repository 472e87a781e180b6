import type { CalibrationBin } from "./run.ts";

/**
 * Compares predicted probabilities of the second of two classes with how often it came true, in bins
 * of equal width, each (from, to], the first with zero.
 */
export class Calibration {
  private readonly rows: Float64Array;
  private readonly predicted: Float64Array;
  private readonly observed: Float64Array;

  constructor(private readonly binCount = 15) {
    this.rows = new Float64Array(binCount);
    this.predicted = new Float64Array(binCount);
    this.observed = new Float64Array(binCount);
  }

  /** Adds a row; `probability` is in [0, 1]. */
  add(probability: number, isSecond: boolean): void {
    const bin = this.binOf(probability);
    this.rows[bin] = (this.rows[bin] ?? 0) + 1;
    this.predicted[bin] = (this.predicted[bin] ?? 0) + probability;
    this.observed[bin] = (this.observed[bin] ?? 0) + Number(isSecond);
  }

  /**
   * The expected calibration error, Σ n_b/n |observed - predicted| over the bins (Naeini, Cooper,
   * Hauskrecht: "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015), of the
   * second class's probability rather than the likelier one's. NaN without rows.
   */
  get error(): number {
    const sum = this.rows.reduce(
      (total, _rows, b) => total + Math.abs((this.observed[b] ?? 0) - (this.predicted[b] ?? 0)),
      0,
    );
    return sum / this.rows.reduce((total, rows) => total + rows, 0);
  }

  /** The bins that have rows, ascending. */
  get bins(): CalibrationBin[] {
    return Array.from(this.rows, (rows, b): CalibrationBin => ({
      from: b / this.binCount,
      to: (b + 1) / this.binCount,
      rows,
      predicted: (this.predicted[b] ?? 0) / rows,
      observed: (this.observed[b] ?? 0) / rows,
    })).filter(({ rows }) => rows > 0);
  }

  private binOf(probability: number): number {
    let bin = Math.ceil(probability * this.binCount) - 1;
    // the product may be rounded across an edge
    if (probability <= bin / this.binCount) bin--;
    else if (probability > (bin + 1) / this.binCount) bin++;
    return Math.max(0, Math.min(bin, this.binCount - 1));
  }
}
