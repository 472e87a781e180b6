import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  averagePrecision,
  precisionRecall,
  rocAuc,
  type RankedScores,
} from "../../engines/ranking-score.ts";

function ranked(scores: readonly number[], labels: readonly number[]): RankedScores {
  const of = (label: number): Float64Array =>
    Float64Array.from(scores.filter((_, i) => labels[i] === label)).sort();
  return { positives: of(1), negatives: of(0) };
}

/** Few values, so that ties are common. */
const rows = fc.array(fc.tuple(fc.nat(12), fc.nat(1)), { minLength: 1, maxLength: 60 });

describe("averagePrecision", () => {
  // scikit-learn's own example: average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
  test("is scikit-learn's", () => {
    expect(averagePrecision(ranked([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))).toBeCloseTo(
      0.8333333333,
      9,
    );
  });

  test("takes equal scores together: by hand, 1/2 · 1/1 + 1/2 · 2/4", () => {
    expect(averagePrecision(ranked([0.9, 0.5, 0.5, 0.5, 0.1], [1, 1, 0, 0, 0]))).toBe(0.75);
  });

  test("is the share of the second class where all scores are equal", () => {
    expect(averagePrecision(ranked([3, 3, 3, 3], [1, 0, 0, 0]))).toBe(0.25);
  });

  test("agrees with its definition at every threshold", () => {
    fc.assert(
      fc.property(rows, (given) => {
        const scores = given.map(([score]) => score);
        const labels = given.map(([, label]) => label);
        const positives = labels.filter((label) => label === 1).length;
        let sum = 0;
        let recallBefore = 0;
        for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
          const called = given.filter(([score]) => score >= threshold);
          const hits = called.filter(([, label]) => label === 1).length;
          sum += (hits / positives - recallBefore) * (hits / called.length);
          recallBefore = hits / positives;
        }
        const area = averagePrecision(ranked(scores, labels));
        if (positives === 0) expect(area).toBeNaN();
        else expect(area).toBeCloseTo(sum, 12);
      }),
    );
  });
});

describe("rocAuc", () => {
  // scikit-learn's own example: roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
  test("is scikit-learn's", () => {
    expect(rocAuc(ranked([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))).toBe(0.75);
  });

  test("is the share of pairs in the right order, equal ones half", () => {
    fc.assert(
      fc.property(rows, (given) => {
        const of = (wanted: number): number[] =>
          given.flatMap(([score, label]) => (label === wanted ? [score] : []));
        const pairs = of(1).flatMap((a) => of(0).map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const area = rocAuc(
          ranked(
            given.map(([score]) => score),
            given.map(([, label]) => label),
          ),
        );
        if (pairs.length === 0) expect(area).toBeNaN();
        else
          expect(area).toBeCloseTo(
            pairs.reduce<number>((sum, pair) => sum + pair, 0) / pairs.length,
            12,
          );
      }),
    );
  });
});

describe("precisionRecall", () => {
  test("has few points, by falling threshold and rising recall, up to all", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(100_000), fc.nat(1)), { minLength: 1, maxLength: 900 }),
        (given) => {
          const scores = given.map(([score]) => score / 100_000);
          const labels = given.map(([, label]) => label);
          const points = precisionRecall(ranked(scores, labels), (score) => score);
          const positives = labels.filter((label) => label === 1).length;
          expect(points.length).toBeLessThanOrEqual(101);
          expect(points.length > 0).toBe(positives > 0);
          if (positives > 0) expect(points.at(-1)?.recall).toBe(1);
          points.forEach(({ threshold, precision, recall }, i) => {
            const called = scores.filter((score) => score >= threshold).length;
            const hits = scores.filter((s, row) => s >= threshold && labels[row] === 1).length;
            expect(precision).toBe(hits / called);
            expect(recall).toBe(hits / positives);
            const before = points[i - 1];
            if (before) {
              expect(threshold).toBeLessThan(before.threshold);
              expect(recall).toBeGreaterThan(before.recall);
            }
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  test("says what a score means as a threshold", () => {
    const points = precisionRecall(ranked([1, 2], [0, 1]), (score) => score / 10);
    expect(points).toEqual([{ threshold: 0.2, precision: 1, recall: 1 }]);
  });
});
