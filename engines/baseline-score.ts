import { targetClasses } from "./plan-shape.ts";
import type { Plan } from "./plan.ts";
import { validationBlockRows, type RowBlock, type TrainingData } from "./training-data.ts";
import { TwoClassScore } from "./two-class-score.ts";

/** The least and the greatest probability that a log loss takes a baseline to mean. */
const leastProbability = 1e-7;

/**
 * What the plan's baseline scores on the validation rows, a missing prediction counting as the
 * training rows' mean: `baseline_loss`, `baseline_pr_auc` and `baseline_calibration_error` for two
 * classes, `baseline_mean_absolute_error` and `baseline_loss` for a number.
 *
 * Without one, what predicting the same for every row would score: `baseline_accuracy` of the
 * commonest training class, and for two classes `baseline_pr_auc`, which is then the share of the
 * second among the validation rows; `baseline_mean_absolute_error` of the training mean.
 */
export async function baselineMetrics(
  plan: Plan,
  data: TrainingData,
): Promise<Readonly<Record<string, number>>> {
  const score = baselineScore(plan, data);
  const { validation } = data;
  for (let start = 0; start < validation.numRows; start += validationBlockRows)
    score.add(
      await validation.read(start, Math.min(validationBlockRows, validation.numRows - start)),
    );
  return score.metrics;
}

interface BaselineScore {
  add(block: RowBlock): void;
  readonly metrics: Readonly<Record<string, number>>;
}

function baselineScore(plan: Plan, data: TrainingData): BaselineScore {
  const classes = targetClasses(plan.target);
  if (classes === undefined) return new NumberBaseline(plan, data);
  return plan.baseline !== undefined && classes.length === 2
    ? new ProbabilityBaseline(data)
    : new CommonestClass(data.prior);
}

/** A column with the probability of the second class. */
class ProbabilityBaseline implements BaselineScore {
  private rows = 0;
  private lossSum = 0;
  private readonly score: TwoClassScore;
  private readonly prior: number;

  constructor({ prior, validation }: TrainingData) {
    this.prior = prior[1] ?? NaN;
    this.score = new TwoClassScore(validation.numRows);
  }

  add({ y, baseline }: RowBlock): void {
    y.forEach((target, row) => {
      const predicted = clip(baseline?.[row] ?? NaN, 0, this.prior);
      const probability = clip(predicted, leastProbability, this.prior);
      this.rows++;
      this.lossSum -= Math.log(target === 1 ? probability : 1 - probability);
      this.score.add(predicted, predicted, target === 1);
    });
  }

  get metrics(): Readonly<Record<string, number>> {
    const { pr_auc, calibration_error } = this.score.metrics;
    return {
      baseline_loss: this.lossSum / this.rows,
      baseline_pr_auc: pr_auc,
      baseline_calibration_error: calibration_error,
    };
  }
}

/** A column with the number, or the training mean for all. */
class NumberBaseline implements BaselineScore {
  private rows = 0;
  private squares = 0;
  private errors = 0;

  constructor(
    private readonly plan: Plan,
    private readonly data: TrainingData,
  ) {}

  add({ y, baseline }: RowBlock): void {
    const { prior, scaling } = this.data;
    const { targetMean, targetDeviation } = scaling;
    const mean = prior[0] ?? NaN;
    y.forEach((target, row) => {
      const column = this.plan.baseline === undefined ? NaN : (baseline?.[row] ?? NaN);
      const predicted = Number.isNaN(column) ? mean : column;
      const error = predicted - (target * targetDeviation + targetMean);
      this.rows++;
      this.errors += Math.abs(error);
      this.squares += (error / targetDeviation) ** 2;
    });
  }

  get metrics(): Readonly<Record<string, number>> {
    return {
      baseline_mean_absolute_error: this.errors / this.rows,
      ...(this.plan.baseline && { baseline_loss: this.squares / this.rows }),
    };
  }
}

/** The commonest training class for all. */
class CommonestClass implements BaselineScore {
  private rows = 0;
  private right = 0;
  private positives = 0;
  private readonly commonest: number;

  constructor(private readonly prior: Float64Array) {
    this.commonest = prior.indexOf(Math.max(...prior));
  }

  add({ y }: RowBlock): void {
    for (const target of y) {
      this.rows++;
      this.right += Number(target === this.commonest);
      this.positives += Number(target === 1);
    }
  }

  get metrics(): Readonly<Record<string, number>> {
    return {
      baseline_accuracy: this.right / this.rows,
      ...(this.prior.length === 2 && { baseline_pr_auc: this.positives / this.rows }),
    };
  }
}

/** A probability within [least, 1 - least]; `missing` where it is NaN. */
function clip(probability: number, least: number, missing: number): number {
  if (Number.isNaN(probability)) return missing;
  return Math.max(least, Math.min(probability, 1 - least));
}
