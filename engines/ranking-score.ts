import type { PrecisionRecallPoint } from "./run.ts";

/** Scores of rows of two classes: the higher, the more like the second. None is NaN. */
export interface RankedScores {
  /** of the rows that are of the second class, ascending */
  readonly positives: Float64Array;
  /** of the others, ascending */
  readonly negatives: Float64Array;
}

/**
 * The area under the precision-recall curve as Σ (R_n - R_{n-1}) P_n over falling thresholds, rows of
 * one score together: scikit-learn's `average_precision_score`. NaN where no row is of the second
 * class.
 */
export function averagePrecision(ranked: RankedScores): number {
  let sum = 0;
  let before = 0;
  eachThreshold(ranked, (_threshold, hits, misses) => {
    sum += ((hits - before) * hits) / (hits + misses);
    before = hits;
  });
  return sum / ranked.positives.length;
}

/**
 * The area under the receiver operating characteristic: the share of pairs, one row of each class,
 * in which the second class's has the higher score; equal scores count half. NaN where a class has
 * no row.
 */
export function rocAuc(ranked: RankedScores): number {
  let pairs = 0;
  let hitsBefore = 0;
  let missesBefore = 0;
  eachThreshold(ranked, (_threshold, hits, misses) => {
    pairs += (misses - missesBefore) * ((hits + hitsBefore) / 2);
    hitsBefore = hits;
    missesBefore = misses;
  });
  return pairs / (ranked.positives.length * ranked.negatives.length);
}

/**
 * Precision over recall by falling threshold: the first threshold at which recall reaches each
 * hundredth, so at most 101 points.
 *
 * @param probability what a score means as a threshold
 */
export function precisionRecall(
  ranked: RankedScores,
  probability: (score: number) => number,
): PrecisionRecallPoint[] {
  const points: PrecisionRecallPoint[] = [];
  const { length } = ranked.positives;
  if (length === 0) return points;
  let next = 0;
  eachThreshold(ranked, (threshold, hits, misses) => {
    const hundredths = Math.floor((100 * hits) / length);
    if (hundredths < next) return;
    next = hundredths + 1;
    points.push({
      threshold: probability(threshold),
      precision: hits / (hits + misses),
      recall: hits / length,
    });
  });
  return points;
}

/** Visits each score from the highest with how many rows of either class have it or a higher one. */
function eachThreshold(
  { positives, negatives }: RankedScores,
  visit: (threshold: number, hits: number, misses: number) => void,
): void {
  let hits = 0;
  let misses = 0;
  const positive = (): number => positives[positives.length - 1 - hits] ?? -Infinity;
  const negative = (): number => negatives[negatives.length - 1 - misses] ?? -Infinity;
  while (hits < positives.length || misses < negatives.length) {
    const threshold = Math.max(positive(), negative());
    while (hits < positives.length && positive() === threshold) hits++;
    while (misses < negatives.length && negative() === threshold) misses++;
    visit(threshold, hits, misses);
  }
}
