import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import type { DenseLayer, Loss } from "../plan.ts";
import { philox, type RandomSequence } from "../random.ts";
import { erf } from "./erf.ts";
import type {
  BatchTargets,
  DenseGradients,
  DenseOutput,
  DenseWeights,
  Kernels,
  Parameter,
  UpdateRule,
} from "./kernels.ts";

type Core = typeof import("@tensorflow/tfjs-core");

/**
 * Training on tfjs's WASM backend: XNNPACK multiplies matrices, everything else is one loop over the
 * WASM heap, in float64 between two float32. So a step is a handful of calls, and it gives the same
 * bits in every V8.
 *
 * Two traps of the backend shape this code. XNNPACK packs the right factor of a product once and
 * keeps it under the tensor's id, so a kernel that changes in place would be multiplied as it was:
 * each update makes a new tensor. And products with a transposed factor leave XNNPACK for a scalar
 * loop, so transposes are made here.
 */
export class WasmKernels implements Kernels {
  readonly backend = "wasm";

  constructor(
    private readonly tf: Core,
    private readonly wasm: BackendWasm,
  ) {}

  upload(values: Float32Array, shape: readonly number[]): Tensor {
    return this.tf.tensor(values, [...shape], "float32");
  }

  uploadOrder(rows: Uint32Array): Tensor {
    return this.tf.tensor(Int32Array.from(rows), [rows.length], "int32");
  }

  takeRows(matrix: Tensor, order: Tensor, start: number, count: number): Tensor {
    const width = matrix.shape[1] ?? 1;
    const out = this.make([count, width]);
    const to = this.floats(out);
    const from = this.floats(matrix);
    const rows = this.integers(order);
    for (let i = 0; i < count; i++) {
      const row = rows[start + i] ?? 0;
      to.set(from.subarray(row * width, (row + 1) * width), i * width);
    }
    return out;
  }

  dense(x: Tensor, weights: DenseWeights, activation: DenseLayer["activation"]): DenseOutput {
    const output = this.product(x, weights.kernel);
    const before = activation === "gelu" ? this.make(output.shape) : undefined;
    const values = this.floats(output);
    const bias = weights.bias && this.floats(weights.bias);
    const units = output.shape[1] ?? 1;
    if (bias)
      for (let i = 0; i < values.length; i += units)
        for (let j = 0; j < units; j++) values[i + j] = (values[i + j] ?? 0) + (bias[j] ?? 0);
    if (before) this.floats(before).set(values);
    activate(values, activation);
    return { output, ...(before && { before }) };
  }

  denseGradients(
    x: Tensor,
    { kernel, bias }: DenseWeights,
    activation: DenseLayer["activation"],
    { output, before }: DenseOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): DenseGradients {
    slope(this.floats(gradient), this.floats(before ?? output), activation);
    const columns = this.transpose(x);
    const ofKernel = this.product(columns, gradient);
    columns.dispose();
    const ofBias = bias && this.columnSums(gradient);
    let ofInput: Tensor | undefined;
    if (wantsInput) {
      const turned = this.transpose(kernel);
      ofInput = this.product(gradient, turned);
      turned.dispose();
    }
    gradient.dispose();
    return {
      kernel: ofKernel,
      ...(ofBias && { bias: ofBias }),
      ...(ofInput && { input: ofInput }),
    };
  }

  dropout(x: Tensor, rate: number, sequence: RandomSequence): Tensor {
    const out = this.make(x.shape);
    const from = this.floats(x);
    const to = this.floats(out);
    const threshold = Math.ceil(rate * 2 ** 24);
    const scale = Math.fround(1 / (1 - rate));
    const words = new Uint32Array(4);
    const { seed, stream, layer, step } = sequence;
    for (let i = 0; i < from.length; i += 4) {
      philox([i / 4, layer, step, 0], [seed, stream], words);
      const end = Math.min(4, from.length - i);
      for (let j = 0; j < end; j++)
        to[i + j] = (words[j] ?? 0) >>> 8 >= threshold ? (from[i + j] ?? 0) * scale : 0;
    }
    return out;
  }

  makeLosses(capacity: number): Tensor {
    return this.upload(new Float32Array(capacity), [capacity]);
  }

  lossGradient(
    loss: Loss["type"],
    logits: Tensor,
    targets: BatchTargets,
    losses: Tensor,
    slot: number,
  ): Tensor {
    const out = this.make(logits.shape);
    const [rows = 0, width = 1] = logits.shape;
    const z = this.floats(logits);
    const gradient = this.floats(out);
    const order = this.integers(targets.order);
    const all = this.floats(targets.all);
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const target = all[order[targets.start + row] ?? 0] ?? 0;
      const at = row * width;
      if (loss === "softmaxCrossEntropy") sum += softmaxRow(z, gradient, at, width, target, rows);
      else if (loss === "sigmoidCrossEntropy") {
        const logit = z[at] ?? 0;
        sum += Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
        gradient[at] = (1 / (1 + Math.exp(-logit)) - target) / rows;
      } else {
        const error = (z[at] ?? 0) - target;
        sum += error * error;
        gradient[at] = (2 * error) / rows;
      }
    }
    this.floats(losses)[slot] = sum / rows;
    return out;
  }

  makeParameter(
    name: string,
    shape: readonly number[],
    values: Float32Array,
    slots: number,
    slotValues?: Float32Array,
  ): Parameter {
    const value = this.upload(values, shape);
    if (slots === 0) return { name, shape, value };
    const length = slots * values.length;
    return {
      name,
      shape,
      value,
      slots: this.upload(slotValues ?? new Float32Array(length), [length]),
    };
  }

  update(parameter: Parameter, gradient: Tensor, rule: UpdateRule): void {
    const old = parameter.value;
    const value = this.make(old.shape);
    const to = this.floats(value);
    to.set(this.floats(old));
    optimize(to, this.floats(gradient), parameter.slots && this.floats(parameter.slots), rule);
    old.dispose();
    gradient.dispose();
    parameter.value = value;
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    return this.floats(tensor).slice();
  }

  private product(a: Tensor, b: Tensor): Tensor {
    return this.tf.matMul(a, b);
  }

  private transpose(matrix: Tensor): Tensor {
    const [rows = 0, columns = 0] = matrix.shape;
    const out = this.make([columns, rows]);
    const from = this.floats(matrix);
    const to = this.floats(out);
    // in tiles, so that reads and writes both stay in the cache
    for (let top = 0; top < rows; top += tile)
      for (let left = 0; left < columns; left += tile) {
        const bottom = Math.min(rows, top + tile);
        const right = Math.min(columns, left + tile);
        for (let i = top; i < bottom; i++)
          for (let j = left; j < right; j++) to[j * rows + i] = from[i * columns + j] ?? 0;
      }
    return out;
  }

  private columnSums(matrix: Tensor): Tensor {
    const [rows = 0, columns = 0] = matrix.shape;
    const out = this.make([columns]);
    const sums = new Float64Array(columns);
    const from = this.floats(matrix);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) sums[j] = (sums[j] ?? 0) + (from[i * columns + j] ?? 0);
    this.floats(out).set(sums);
    return out;
  }

  private make(shape: readonly number[]): Tensor {
    const info = this.wasm.makeOutput([...shape], "float32");
    return this.tf.engine().makeTensorFromTensorInfo(info);
  }

  /** A view of a tensor on the heap; any allocation may move the heap and make it stale. */
  private floats(tensor: TensorInfo): Float32Array {
    const view = this.wasm.typedArrayFromHeap(tensor);
    if (view instanceof Float32Array) return view;
    throw new TypeError(`a ${tensor.dtype} tensor stands where numbers are expected`);
  }

  private integers(tensor: TensorInfo): Int32Array {
    const view = this.wasm.typedArrayFromHeap(tensor);
    if (view instanceof Int32Array) return view;
    throw new TypeError(`a ${tensor.dtype} tensor stands where row numbers are expected`);
  }
}

const tile = 32;

/** In place. NaN stays NaN, so that it reaches the loss and is seen. */
function activate(values: Float32Array, activation: DenseLayer["activation"]): void {
  const n = values.length;
  if (activation === "relu") {
    for (let i = 0; i < n; i++) if ((values[i] ?? 0) < 0) values[i] = 0;
  } else if (activation === "tanh") {
    for (let i = 0; i < n; i++) values[i] = Math.tanh(values[i] ?? 0);
  } else if (activation === "sigmoid") {
    for (let i = 0; i < n; i++) values[i] = 1 / (1 + Math.exp(-(values[i] ?? 0)));
  } else if (activation === "gelu") {
    for (let i = 0; i < n; i++) {
      const z = values[i] ?? 0;
      values[i] = (z * (1 + erf(z * Math.SQRT1_2))) / 2;
    }
  }
}

/** Multiplies the gradient by the activation's slope, from its output (for gelu: its input). */
function slope(
  gradient: Float32Array,
  at: Float32Array,
  activation: DenseLayer["activation"],
): void {
  const n = gradient.length;
  if (activation === "relu") {
    for (let i = 0; i < n; i++) if ((at[i] ?? 0) <= 0) gradient[i] = 0;
  } else if (activation === "tanh") {
    for (let i = 0; i < n; i++) gradient[i] = (gradient[i] ?? 0) * (1 - (at[i] ?? 0) ** 2);
  } else if (activation === "sigmoid") {
    for (let i = 0; i < n; i++)
      gradient[i] = (gradient[i] ?? 0) * (at[i] ?? 0) * (1 - (at[i] ?? 0));
  } else if (activation === "gelu") {
    for (let i = 0; i < n; i++) {
      const z = at[i] ?? 0;
      const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      gradient[i] = (gradient[i] ?? 0) * ((1 + erf(z * Math.SQRT1_2)) / 2 + z * density);
    }
  }
}

/** One row's softmax cross-entropy; writes its gradient, divided by the number of rows. */
function softmaxRow(
  z: Float32Array,
  gradient: Float32Array,
  at: number,
  width: number,
  target: number,
  rows: number,
): number {
  let greatest = -Infinity;
  for (let j = 0; j < width; j++) {
    const logit = z[at + j] ?? 0;
    if (logit > greatest || Number.isNaN(logit)) greatest = logit;
  }
  let sum = 0;
  for (let j = 0; j < width; j++) sum += Math.exp((z[at + j] ?? 0) - greatest);
  for (let j = 0; j < width; j++)
    gradient[at + j] =
      (Math.exp((z[at + j] ?? 0) - greatest) / sum - (j === target ? 1 : 0)) / rows;
  return Math.log(sum) + greatest - (z[at + target] ?? 0);
}

/** Changes weights and slots in place. */
function optimize(
  weights: Float32Array,
  gradient: Float32Array,
  slots: Float32Array | undefined,
  { optimizer, lr, firstCorrection, secondCorrection }: UpdateRule,
): void {
  const n = weights.length;
  if (optimizer.type === "sgd") {
    for (let i = 0; i < n; i++) {
      let velocity = gradient[i] ?? 0;
      if (slots) {
        velocity += optimizer.momentum * (slots[i] ?? 0);
        slots[i] = velocity;
      }
      weights[i] = (weights[i] ?? 0) - lr * velocity;
    }
    return;
  }
  if (!slots) return;
  const { beta1, beta2, epsilon } = optimizer;
  const keep = optimizer.type === "adamw" ? 1 - lr * optimizer.weightDecay : 1;
  const rate = lr * firstCorrection;
  for (let i = 0; i < n; i++) {
    const g = gradient[i] ?? 0;
    const first = beta1 * (slots[i] ?? 0) + (1 - beta1) * g;
    const second = beta2 * (slots[n + i] ?? 0) + (1 - beta2) * g * g;
    slots[i] = first;
    slots[n + i] = second;
    weights[i] =
      (weights[i] ?? 0) * keep - (rate * first) / (Math.sqrt(second) * secondCorrection + epsilon);
  }
}
