import { logitsFromClassWeights } from "./class-weights.ts";
import { targetClasses } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import type { CalibrationBin, PrecisionRecallPoint, RunResult } from "./run.ts";
import type { TrainingData } from "./training-data.ts";
import { sigmoid, TwoClassScore } from "./two-class-score.ts";

/**
 * Collects what a model says about rows, in float64, and what that comes to. Class weights are taken
 * out of its logits first (see `logitsFromClassWeights`), so loss, probabilities and predicted
 * classes are those of the rows as they are, and can be held against a baseline's.
 *
 * For two classes it keeps 8 bytes a row, else nothing that grows with the rows.
 */
export class Score {
  private readonly classes: readonly string[] | undefined;
  private rows = 0;
  private lossSum = 0;
  private correct = 0;
  private errorSum = 0;
  private readonly counts: number[][];
  private readonly twoClasses: TwoClassScore | undefined;
  private known: { readonly rows: number; readonly metrics: Readonly<Record<string, number>> };

  /** @param capacity the most rows that will be added */
  constructor(
    private readonly plan: Plan,
    private readonly data: Pick<TrainingData, "scaling" | "classWeights">,
    capacity: number,
  ) {
    this.classes = targetClasses(plan.target);
    this.counts = (this.classes ?? []).map(() => (this.classes ?? []).map(() => 0));
    if (this.classes?.length === 2) this.twoClasses = new TwoClassScore(capacity);
    this.known = { rows: -1, metrics: {} };
  }

  /**
   * Adds rows.
   *
   * @param logits rows × output width, row-major
   * @param targets one a row, as in `RowBlock.y`
   */
  add(logits: Float32Array, targets: ArrayLike<number>): void {
    if (targets.length === 0) return;
    const width = logits.length / targets.length;
    const surplus = logitsFromClassWeights(this.data.classWeights, width);
    const of = new Float64Array(width);
    for (let row = 0; row < targets.length; row++) {
      for (let j = 0; j < width; j++) of[j] = (logits[row * width + j] ?? NaN) - (surplus[j] ?? 0);
      this.rows++;
      if (this.classes === undefined) this.addNumber(of[0] ?? NaN, targets[row] ?? NaN);
      else this.addClass(of, targets[row] ?? NaN);
    }
  }

  /** Mean loss over the rows, as the plan defines it, but without class weights. */
  get loss(): number {
    return this.lossSum / this.rows;
  }

  /**
   * By name: `loss`, and `accuracy` and `macro_f1` for classes or `mean_absolute_error`, in the
   * target's own units, for a number. Macro F1 is the mean over classes of each one's F1, zero for a
   * class without rows and predictions. For two classes also `pr_auc`, `roc_auc` and
   * `calibration_error`, as {@link TwoClassScore} has them.
   */
  get metrics(): Readonly<Record<string, number>> {
    // ranking sorts all rows
    if (this.known.rows !== this.rows) this.known = { rows: this.rows, metrics: this.count() };
    return this.known.metrics;
  }

  /** counts[actual][predicted], or undefined for a number. */
  get confusion(): RunResult["confusion"] {
    return this.classes === undefined ? undefined : { labels: this.classes, counts: this.counts };
  }

  /** For two classes: how well its probabilities hold. */
  get calibration(): readonly CalibrationBin[] | undefined {
    return this.twoClasses?.calibrationBins;
  }

  /** For two classes: precision over recall. */
  get precisionRecall(): readonly PrecisionRecallPoint[] | undefined {
    return this.twoClasses?.precisionRecall(sigmoid);
  }

  private addNumber(output: number, target: number): void {
    const error = output - target;
    this.lossSum += error * error;
    this.errorSum += Math.abs(error) * this.data.scaling.targetDeviation;
  }

  private addClass(logits: Float64Array, target: number): void {
    const [first = NaN, second = NaN] = logits;
    const isSingle = this.plan.loss.type === "sigmoidCrossEntropy";
    this.lossSum += isSingle
      ? sigmoidCrossEntropy(first, target)
      : softmaxCrossEntropy(logits, target);
    const predicted = isSingle ? Number(first > 0) : argmax(logits);
    if (predicted === target) this.correct++;
    const actual = this.counts[target];
    if (actual !== undefined) actual[predicted] = (actual[predicted] ?? 0) + 1;
    if (this.twoClasses === undefined) return;
    const logit = isSingle ? first : second - first;
    this.twoClasses.add(logit, sigmoid(logit), target === 1);
  }

  private count(): Readonly<Record<string, number>> {
    if (this.classes === undefined)
      return { loss: this.loss, mean_absolute_error: this.errorSum / this.rows };
    return {
      loss: this.loss,
      accuracy: this.correct / this.rows,
      macro_f1: macroF1(this.counts),
      ...this.twoClasses?.metrics,
    };
  }
}

/** log Σ exp(z) - z_target, stable for logits of any size. */
export function softmaxCrossEntropy(logits: Float64Array, target: number): number {
  const greatest = logits.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - greatest), 0);
  return Math.log(sum) + greatest - (logits[target] ?? NaN);
}

/** max(z, 0) - z t + log(1 + exp(-|z|)), stable for logits of any size. */
export function sigmoidCrossEntropy(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
}

function argmax(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

function macroF1(counts: readonly (readonly number[])[]): number {
  const f1 = counts.map((row, c) => {
    const hits = row[c] ?? 0;
    const actual = row.reduce((sum, count) => sum + count, 0);
    const predicted = counts.reduce((sum, other) => sum + (other[c] ?? 0), 0);
    return actual + predicted === 0 ? 0 : (2 * hits) / (actual + predicted);
  });
  return f1.reduce((sum, value) => sum + value, 0) / f1.length;
}
