import type { Plan } from "./plan.ts";

/**
 * What a row of each class counts in the loss, in the order of the classes, or undefined where all
 * count one. `balanced` is n / (K · n_k) for K classes and n training rows, n_k of class k, as
 * scikit-learn has it; a class without rows, which cannot occur in training, counts one.
 *
 * @param counts training rows of each class
 */
export function classWeightsFrom(
  { loss }: Pick<Plan, "loss">,
  counts: ArrayLike<number>,
): Float64Array | undefined {
  const { classWeights } = loss;
  if (classWeights === undefined) return undefined;
  if (classWeights !== "balanced") return Float64Array.from(classWeights);
  const ofEach = Float64Array.from(counts);
  const n = ofEach.reduce((sum, count) => sum + count, 0);
  return ofEach.map((count) => (count === 0 ? 1 : n / (ofEach.length * count)));
}

/**
 * What class weights add to the logits of a model that is trained under them: ln w_k to the logit of
 * class k, or ln(w_1 / w_0) to a single logit.
 *
 * Weighted cross-entropy is least where exp(z_k) is in proportion to w_k p_k, so subtracting this
 * from the logits gives those of the unweighted probabilities p_k, exactly (Elkan, "The foundations
 * of cost-sensitive learning", IJCAI 2001).
 *
 * @param width logits of a row: 1, or one a class
 * @returns as many numbers as a row has logits
 */
export function logitsFromClassWeights(
  weights: Float64Array | undefined,
  width: number,
): Float64Array {
  if (weights === undefined) return new Float64Array(width);
  if (width > 1) return weights.map(Math.log);
  return Float64Array.of(Math.log((weights[1] ?? 1) / (weights[0] ?? 1)));
}
