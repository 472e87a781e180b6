/**
 * What to train, as plain JSON: no code, no data, every default written out, so that its meaning
 * depends on no engine and every shape follows from it alone.
 */
export interface Plan {
  readonly kind: "tierbook.plan";
  readonly version: 1;
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly split: Split;
  readonly network: readonly Layer[];
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** what the model has to beat; the commonest class or the mean where it is left out */
  readonly baseline?: Baseline;
  /** unsigned 32-bit; first weights, shuffles, dropout masks and the split follow from it */
  readonly seed: number;
  /** scale field: passes over the training rows */
  readonly epochs: number;
  /** scale field: rows a step */
  readonly batch: number;
}

/** The fields of a plan that may differ between tiers. Nothing else may. */
export const scaleFields = ["epochs", "batch"] as const;

/** An input column and how it becomes numbers. */
export type Feature = NumberFeature | CategoryFeature | BooleanFeature;

/** A number, standardised by mean and deviation fitted on each tier's training rows. */
export interface NumberFeature {
  readonly column: string;
  readonly kind: "number";
  readonly scale: "standard" | "none";
  /** what a missing value becomes: the training mean, or a refusal */
  readonly missing: "mean" | "refuse";
}

/**
 * A category over its vocabulary and one word more for the unknown and the missing: one-hot, or, where
 * an embedding layer names its column, the word's index.
 */
export interface CategoryFeature {
  readonly column: string;
  readonly kind: "category";
  readonly vocabulary: readonly string[];
}

/** A truth value as 0 or 1. */
export interface BooleanFeature {
  readonly column: string;
  readonly kind: "boolean";
  readonly missing: "false" | "refuse";
}

/** What to predict. A category's order of classes is its vocabulary's. */
export type Target =
  | { readonly column: string; readonly kind: "category"; readonly vocabulary: readonly string[] }
  | { readonly column: string; readonly kind: "boolean" }
  | { readonly column: string; readonly kind: "number"; readonly scale: "standard" | "none" };

/** How rows are parted into those to learn from and those to check on. */
export type Split = ShareSplit | TimeSplit;

/** By chance; `validation` is a share in (0, 1). `stratified` keeps the target's shares. */
export interface ShareSplit {
  readonly kind: "random" | "stratified";
  readonly validation: number;
}

/**
 * By time: all rows from a moment on are for validation. The moment is named by `from`, or else it is
 * the latest one that leaves at least the share `validation` of the rows from it on; rows of the same
 * time are never parted. Rows of the `gap` before that moment belong to neither part.
 */
export type TimeSplit = {
  readonly kind: "time";
  /** a date or timestamp of the table; it need not be a feature */
  readonly column: string;
  /** seconds */
  readonly gap: number;
} & (
  | { readonly validation: number }
  /** ISO 8601, UTC: `2001-06-01` or `2001-06-01T12:00:00Z` */
  | { readonly from: string }
);

/**
 * A prediction that a column of the table already holds: for two classes the probability of the
 * second (of `true`), for a number the number. A missing one counts as the training rows' mean.
 */
export interface Baseline {
  readonly column: string;
}

/** A layer of the network. */
export type Layer = EmbeddingLayer | DenseLayer | BatchNormLayer | LayerNormLayer | DropoutLayer;

/**
 * Gives each word of some category features a trained vector of `units` numbers, in the place of the
 * feature; all other inputs pass through as they are. Embedding layers stand before all others. One
 * layer has one table, [words + 1, units] row-major, the last row for the unknown; columns that share
 * a layer share the table, so they must have the same vocabulary.
 */
export interface EmbeddingLayer {
  readonly type: "embedding";
  readonly columns: readonly string[];
  readonly units: number;
  /** uniform on ±0.05, as Keras does it */
  readonly init: "uniform";
}

/**
 * y = (x - mean) / √(variance + epsilon) · scale + shift by column, over the batch in training and
 * with running means in validation (Ioffe and Szegedy, ICML 2015). As in PyTorch the batch's biased
 * variance normalises, and the running ones move by `momentum` towards the batch's mean and unbiased
 * variance.
 */
export interface BatchNormLayer {
  readonly type: "batchNorm";
  readonly momentum: number;
  readonly epsilon: number;
}

/** The same by row, over its columns (Ba, Kiros and Hinton 2016); scale and shift by column. */
export interface LayerNormLayer {
  readonly type: "layerNorm";
  readonly epsilon: number;
}

/** y = activation(x W + b); W is [in, units], row-major. */
export interface DenseLayer {
  readonly type: "dense";
  readonly units: number;
  readonly activation: "linear" | "relu" | "tanh" | "sigmoid" | "gelu";
  readonly bias: boolean;
  readonly init: "glorotUniform" | "heNormal";
}

/** Zeroes a share `rate` of its inputs in training and scales the rest by 1 / (1 - rate). */
export interface DropoutLayer {
  readonly type: "dropout";
  readonly rate: number;
}

/** The loss, always from logits: the sum over the batch, divided by its rows. */
export interface Loss {
  readonly type: "softmaxCrossEntropy" | "sigmoidCrossEntropy" | "meanSquaredError";
  /**
   * What a row of each class counts, in the order of the classes; `balanced` is n / (K · n_k) over
   * each tier's n training rows. One for all where it is left out. Weights change what is learned
   * and are taken out again of what is scored (see `logitsFromClassWeights`).
   */
  readonly classWeights?: "balanced" | readonly number[];
}

/** The optimiser with every constant written out; definitions are PyTorch's. */
export type Optimizer =
  | { readonly type: "sgd"; readonly lr: number; readonly momentum: number }
  | AdamOptimizer
  | (Omit<AdamOptimizer, "type"> & { readonly type: "adamw"; readonly weightDecay: number });

interface AdamOptimizer {
  readonly type: "adam";
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * How the learning rate goes over the steps. `cosine` rises linearly over the first steps, a share
 * `warmup` in [0, 1) of all, and then falls to zero along half a cosine.
 */
export type Schedule =
  { readonly type: "constant" } | { readonly type: "cosine"; readonly warmup: number };
