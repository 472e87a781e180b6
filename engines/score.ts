import { targetClasses } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import type { Scaling } from "./tensors.ts";

/** Collects what a model says about rows, in float64, and what that comes to. */
export class Score {
  private readonly classes: readonly string[] | undefined;
  private rows = 0;
  private lossSum = 0;
  private correct = 0;
  private errorSum = 0;
  private readonly counts: number[][];

  constructor(
    private readonly plan: Plan,
    private readonly scaling: Scaling,
  ) {
    this.classes = targetClasses(plan.target);
    this.counts = (this.classes ?? []).map(() => (this.classes ?? []).map(() => 0));
  }

  /**
   * Adds rows.
   *
   * @param logits rows × output width, row-major
   * @param targets one a row, as in `TrainingTensors.y`
   */
  add(logits: Float32Array, targets: ArrayLike<number>): void {
    const width = targets.length === 0 ? 1 : logits.length / targets.length;
    for (let row = 0; row < targets.length; row++) {
      const target = targets[row] ?? 0;
      const of = logits.subarray(row * width, (row + 1) * width);
      this.rows++;
      if (this.classes === undefined) {
        const error = (of[0] ?? NaN) - target;
        this.lossSum += error * error;
        this.errorSum += Math.abs(error) * this.scaling.targetDeviation;
        continue;
      }
      const predicted =
        this.plan.loss.type === "sigmoidCrossEntropy" ? Number((of[0] ?? NaN) > 0) : argmax(of);
      this.lossSum +=
        this.plan.loss.type === "sigmoidCrossEntropy"
          ? sigmoidCrossEntropy(of[0] ?? NaN, target)
          : softmaxCrossEntropy(of, target);
      if (predicted === target) this.correct++;
      const actual = this.counts[target];
      if (actual !== undefined) actual[predicted] = (actual[predicted] ?? 0) + 1;
    }
  }

  /** Mean loss over the rows, as the plan defines it. */
  get loss(): number {
    return this.lossSum / this.rows;
  }

  /**
   * By name: `loss`, and `accuracy` and `macro_f1` for classes or `mean_absolute_error`, in the
   * target's own units, for a number. Macro F1 is the mean over classes of each one's F1, zero for a
   * class without rows and predictions.
   */
  get metrics(): Readonly<Record<string, number>> {
    if (this.classes === undefined)
      return { loss: this.loss, mean_absolute_error: this.errorSum / this.rows };
    return { loss: this.loss, accuracy: this.correct / this.rows, macro_f1: macroF1(this.counts) };
  }

  /** counts[actual][predicted], or undefined for a number. */
  get confusion():
    | { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] }
    | undefined {
    return this.classes === undefined ? undefined : { labels: this.classes, counts: this.counts };
  }
}

/** log Σ exp(z) - z_target, stable for logits of any size. */
export function softmaxCrossEntropy(logits: Float32Array, target: number): number {
  const greatest = logits.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - greatest), 0);
  return Math.log(sum) + greatest - (logits[target] ?? NaN);
}

/** max(z, 0) - z t + log(1 + exp(-|z|)), stable for logits of any size. */
export function sigmoidCrossEntropy(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
}

/**
 * What predicting the same for every row would score on the validation rows: the commonest training
 * class, or the training mean.
 */
export function baselineMetrics(
  plan: Plan,
  y: Float32Array,
  training: Uint32Array,
  validation: Uint32Array,
  scaling: Scaling,
): Readonly<Record<string, number>> {
  const of = (row: number): number => y[row] ?? 0;
  if (plan.target.kind === "number") {
    const mean = training.reduce((sum, row) => sum + of(row), 0) / training.length;
    const error = validation.reduce((sum, row) => sum + Math.abs(of(row) - mean), 0);
    return {
      baseline_mean_absolute_error: (error / validation.length) * scaling.targetDeviation,
    };
  }
  const counts: number[] = [];
  for (const row of training) counts[of(row)] = (counts[of(row)] ?? 0) + 1;
  const commonest = counts.reduce((best, count, i) => (count > (counts[best] ?? 0) ? i : best), 0);
  const right = validation.reduce((sum, row) => sum + Number(of(row) === commonest), 0);
  return { baseline_accuracy: right / validation.length };
}

function argmax(values: Float32Array): number {
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
