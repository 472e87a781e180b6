import { Calibration } from "./calibration.ts";
import { averagePrecision, precisionRecall, rocAuc, type RankedScores } from "./ranking-score.ts";
import type { CalibrationBin, PrecisionRecallPoint } from "./run.ts";

/**
 * Collects how much like the second of two classes rows are said to be: how well that ranks them, and
 * how well its probabilities hold. Takes 8 bytes a row.
 */
export class TwoClassScore {
  /** scores of the second class's rows from the front, of the others' from the back */
  private readonly scores: Float64Array;
  private positives = 0;
  private negatives = 0;
  private readonly calibration = new Calibration();

  /** @param capacity the most rows that will be added */
  constructor(capacity: number) {
    this.scores = new Float64Array(capacity);
  }

  /**
   * Adds a row. One whose score is NaN does not count.
   *
   * @param score by which rows are ranked: the probability, or anything that rises with it
   * @param probability of the second class, in [0, 1]
   */
  add(score: number, probability: number, isSecond: boolean): void {
    if (Number.isNaN(score)) return;
    const at = isSecond ? this.positives++ : this.scores.length - 1 - this.negatives++;
    this.scores[at] = score;
    this.calibration.add(probability, isSecond);
  }

  /** `pr_auc`, `roc_auc` and `calibration_error`; NaN where a class has no rows. */
  get metrics(): Readonly<Record<"pr_auc" | "roc_auc" | "calibration_error", number>> {
    const ranked = this.ranked();
    return {
      pr_auc: averagePrecision(ranked),
      roc_auc: rocAuc(ranked),
      calibration_error: this.calibration.error,
    };
  }

  /** Predicted and observed shares of the second class by bin of probability. */
  get calibrationBins(): readonly CalibrationBin[] {
    return this.calibration.bins;
  }

  /** @param probability of a score */
  precisionRecall(probability: (score: number) => number): readonly PrecisionRecallPoint[] {
    return precisionRecall(this.ranked(), probability);
  }

  private ranked(): RankedScores {
    return {
      positives: this.scores.subarray(0, this.positives).sort(),
      negatives: this.scores.subarray(this.scores.length - this.negatives).sort(),
    };
  }
}

/** The probability of a logit; stable for logits of any size. */
export function sigmoid(logit: number): number {
  const small = Math.exp(-Math.abs(logit));
  return (logit < 0 ? small : 1) / (1 + small);
}
