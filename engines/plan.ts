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

/** A category, one-hot over its vocabulary and one slot more for the unknown and the missing. */
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

/** How rows are parted; `validation` is a share in (0, 1). `stratified` keeps the target's shares. */
export interface Split {
  readonly kind: "random" | "stratified";
  readonly validation: number;
}

/** A layer of the network. */
export type Layer = DenseLayer | DropoutLayer;

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

/** The loss, always from logits, averaged over the batch. */
export interface Loss {
  readonly type: "softmaxCrossEntropy" | "sigmoidCrossEntropy" | "meanSquaredError";
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
