import type { Tensor } from "@tensorflow/tfjs-core";
import type { DenseLayer, Loss, Optimizer } from "../plan.ts";
import type { RandomSequence } from "../random.ts";

/**
 * The computations of training, as few and as fused as a backend can make them: WGSL programs on
 * WebGPU, loops over the WASM heap on WASM, and tfjs's matrix product on both. Each returned tensor
 * is the caller's to dispose; nothing here waits for the device but `read` and `readLosses`.
 */
export interface Kernels {
  readonly backend: "webgpu" | "wasm";

  /** Puts values on the device. */
  upload(values: Float32Array, shape: readonly number[]): Tensor;

  /** Puts row numbers on the device. */
  uploadOrder(rows: Uint32Array): Tensor;

  /** Rows `order[start … start + count)` of a matrix. */
  takeRows(matrix: Tensor, order: Tensor, start: number, count: number): Tensor;

  /** activation(x W + b). `before` is x W + b, where the activation's gradient needs it. */
  dense(x: Tensor, weights: DenseWeights, activation: DenseLayer["activation"]): DenseOutput;

  /** Gradients of a dense layer from the gradient of its output, which it disposes. */
  denseGradients(
    x: Tensor,
    weights: DenseWeights,
    activation: DenseLayer["activation"],
    output: DenseOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): DenseGradients;

  /**
   * A matrix with some of its columns, which hold whole numbers, replaced by the rows of a table that
   * they name: rows × (width + indices · (units - 1)), all in the columns' order.
   *
   * @param table [words, units]
   * @param indices the columns, ascending
   */
  embed(x: Tensor, table: Tensor, indices: readonly number[]): Tensor;

  /**
   * Gradients of `embed` from the gradient of its output, which it disposes. The table's is summed in
   * the same order each time. The input's is zero where the input is an index.
   */
  embedGradients(
    x: Tensor,
    table: Tensor,
    indices: readonly number[],
    gradient: Tensor,
    wantsInput: boolean,
  ): EmbedGradients;

  /** Normalises each column over the batch's rows. */
  batchNorm(x: Tensor, weights: NormWeights, epsilon: number): BatchNormOutput;

  /** Normalises each column by the means and variances given. */
  normalize(
    x: Tensor,
    weights: NormWeights,
    mean: Tensor,
    variance: Tensor,
    epsilon: number,
  ): Tensor;

  /** Gradients of `batchNorm`, whose gradient it disposes. */
  batchNormGradients(
    x: Tensor,
    weights: NormWeights,
    saved: BatchNormOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): NormGradients;

  /** Moves a state towards what a batch had: state + momentum · (factor · value - state), in place. */
  moveState(state: Parameter, value: Tensor, momentum: number, factor: number): void;

  /** Normalises each row over its columns. */
  layerNorm(x: Tensor, weights: NormWeights, epsilon: number): LayerNormOutput;

  /** Gradients of `layerNorm`, whose gradient it disposes. */
  layerNormGradients(
    x: Tensor,
    weights: NormWeights,
    saved: LayerNormOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): NormGradients;

  /**
   * Dropout of a matrix, forward or backward: element i stays, divided by 1 - rate, where the
   * sequence's i-th uniform is at least `rate`, and becomes zero elsewhere.
   */
  dropout(x: Tensor, rate: number, sequence: RandomSequence): Tensor;

  /** A place for the losses of `capacity` steps. */
  makeLosses(capacity: number): Tensor;

  /**
   * The gradient of the mean loss of a batch by its logits; the mean loss itself goes to
   * `losses[slot]`. The targets are those of the rows `order[start …)`.
   */
  lossGradient(
    loss: Loss["type"],
    logits: Tensor,
    targets: BatchTargets,
    losses: Tensor,
    slot: number,
  ): Tensor;

  /** A parameter with its optimiser's slots, zero unless given. */
  makeParameter(
    name: string,
    shape: readonly number[],
    values: Float32Array,
    slots: number,
    slotValues?: Float32Array,
  ): Parameter;

  /** One step of the optimiser, which changes the parameter and disposes the gradient. */
  update(parameter: Parameter, gradient: Tensor, rule: UpdateRule): void;

  /** Waits for the device and copies a tensor's values. */
  read(tensor: Tensor): Promise<Float32Array>;
}

export interface DenseWeights {
  readonly kernel: Tensor;
  readonly bias?: Tensor;
}

export interface DenseOutput {
  readonly output: Tensor;
  readonly before?: Tensor;
}

export interface DenseGradients {
  readonly kernel: Tensor;
  readonly bias?: Tensor;
  readonly input?: Tensor;
}

export interface EmbedGradients {
  readonly table: Tensor;
  readonly input?: Tensor;
}

/** By column. */
export interface NormWeights {
  readonly scale: Tensor;
  readonly shift: Tensor;
}

/** `mean`, the biased `variance` and 1 / √(variance + epsilon) are by column. */
export interface BatchNormOutput {
  readonly output: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly inverse: Tensor;
}

/** `mean` and 1 / √(variance + epsilon) are by row. */
export interface LayerNormOutput {
  readonly output: Tensor;
  readonly mean: Tensor;
  readonly inverse: Tensor;
}

export interface NormGradients {
  readonly scale: Tensor;
  readonly shift: Tensor;
  readonly input?: Tensor;
}

export interface BatchTargets {
  /** of all rows */
  readonly all: Tensor;
  readonly order: Tensor;
  readonly start: number;
  /** what a row of each class counts: [classes]; all one where it is left out */
  readonly classWeights?: Tensor;
}

/** A trained tensor. `value` may be replaced at each update. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  value: Tensor;
  /** momentum, or first and then second moments; length slots × size; absent without slots */
  readonly slots?: Tensor;
}

/** The optimiser's constants at one step, as PyTorch 2 defines them. */
export interface UpdateRule {
  readonly optimizer: Optimizer;
  /** learning rate of this step */
  readonly lr: number;
  /** 1 / (1 - beta1^t) and 1 / sqrt(1 - beta2^t), t from 1; 1 for SGD */
  readonly firstCorrection: number;
  readonly secondCorrection: number;
}

/** The rule of a step; `step` counts from 0. */
export function updateRule(optimizer: Optimizer, lr: number, step: number): UpdateRule {
  if (optimizer.type === "sgd") return { optimizer, lr, firstCorrection: 1, secondCorrection: 1 };
  return {
    optimizer,
    lr,
    firstCorrection: 1 / (1 - optimizer.beta1 ** (step + 1)),
    secondCorrection: 1 / Math.sqrt(1 - optimizer.beta2 ** (step + 1)),
  };
}
