import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { DenseLayer, Loss } from "../plan.ts";
import { philox, type RandomSequence } from "../random.ts";
import { embed, embedGradients } from "./embedding-wasm.ts";
import type {
  BatchNormOutput,
  BatchTargets,
  DenseGradients,
  DenseOutput,
  DenseWeights,
  EmbedGradients,
  Kernels,
  LayerNormOutput,
  NormGradients,
  NormWeights,
  Parameter,
  UpdateRule,
} from "./kernels.ts";
import { activate, columnSums, optimize, slope, softmaxRow, transpose } from "./loops.ts";
import * as norm from "./norm-wasm.ts";
import { WasmHeap } from "./wasm-heap.ts";

type Core = typeof import("@tensorflow/tfjs-core");

/**
 * Training on tfjs's WASM backend: XNNPACK multiplies matrices, everything else is one loop over the
 * WASM heap, in float64 between two float32. So a step is a handful of calls, and it gives the same
 * bits in every V8.
 *
 * Three traps of the backend shape this code. XNNPACK packs the right factor of a product once, with
 * the bias, and keeps it under the ids of both tensors, so a kernel or a bias that changes in place
 * would be taken as it was: each update makes a new tensor. Products with a transposed factor leave
 * XNNPACK for a scalar loop, so transposes are made here. And XNNPACK's relu makes zero of NaN, so
 * activations are made here, too.
 */
export class WasmKernels implements Kernels {
  readonly backend = "wasm";

  private readonly heap: WasmHeap;

  constructor(
    private readonly tf: Core,
    wasm: BackendWasm,
  ) {
    this.heap = new WasmHeap(tf, wasm);
  }

  upload(values: Float32Array, shape: readonly number[]): Tensor {
    return this.tf.tensor(values, [...shape], "float32");
  }

  uploadOrder(rows: Uint32Array): Tensor {
    return this.tf.tensor(Int32Array.from(rows), [rows.length], "int32");
  }

  takeRows(matrix: Tensor, order: Tensor, start: number, count: number): Tensor {
    const width = matrix.shape[1] ?? 1;
    const out = this.heap.make([count, width]);
    const to = this.heap.floats(out);
    const from = this.heap.floats(matrix);
    const rows = this.heap.integers(order);
    for (let i = 0; i < count; i++) {
      const begin = (rows[start + i] ?? 0) * width;
      const at = i * width;
      // a view costs as much as some dozens of numbers
      if (width > widestLoop) to.set(from.subarray(begin, begin + width), at);
      else for (let j = 0; j < width; j++) to[at + j] = from[begin + j] ?? 0;
    }
    return out;
  }

  dense(x: Tensor, weights: DenseWeights, activation: DenseLayer["activation"]): DenseOutput {
    const output = this.product(x, weights.kernel, weights.bias);
    const before = activation === "gelu" ? this.heap.make(output.shape) : undefined;
    const values = this.heap.floats(output);
    if (before) this.heap.floats(before).set(values);
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
    slope(this.heap.floats(gradient), this.heap.floats(before ?? output), activation);
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

  embed(x: Tensor, table: Tensor, indices: readonly number[]): Tensor {
    return embed(this.heap, x, table, indices);
  }

  embedGradients(
    x: Tensor,
    table: Tensor,
    indices: readonly number[],
    gradient: Tensor,
    wantsInput: boolean,
  ): EmbedGradients {
    return embedGradients(this.heap, x, table, indices, gradient, wantsInput);
  }

  batchNorm(x: Tensor, weights: NormWeights, epsilon: number): BatchNormOutput {
    return norm.batchNorm(this.heap, x, weights, epsilon);
  }

  normalize(
    x: Tensor,
    weights: NormWeights,
    mean: Tensor,
    variance: Tensor,
    epsilon: number,
  ): Tensor {
    return norm.normalize(this.heap, x, weights, mean, variance, epsilon);
  }

  batchNormGradients(
    x: Tensor,
    weights: NormWeights,
    saved: BatchNormOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): NormGradients {
    return norm.batchNormGradients(this.heap, x, weights, saved, gradient, wantsInput);
  }

  moveState(state: Parameter, value: Tensor, momentum: number, factor: number): void {
    const to = this.heap.floats(state.value);
    const towards = this.heap.floats(value);
    for (let i = 0; i < to.length; i++)
      to[i] = (to[i] ?? 0) + momentum * (factor * (towards[i] ?? 0) - (to[i] ?? 0));
  }

  layerNorm(x: Tensor, weights: NormWeights, epsilon: number): LayerNormOutput {
    return norm.layerNorm(this.heap, x, weights, epsilon);
  }

  layerNormGradients(
    x: Tensor,
    weights: NormWeights,
    saved: LayerNormOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): NormGradients {
    return norm.layerNormGradients(this.heap, x, weights, saved, gradient, wantsInput);
  }

  dropout(x: Tensor, rate: number, sequence: RandomSequence): Tensor {
    const out = this.heap.make(x.shape);
    const from = this.heap.floats(x);
    const to = this.heap.floats(out);
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
    const out = this.heap.make(logits.shape);
    const [rows = 0, width = 1] = logits.shape;
    const z = this.heap.floats(logits);
    const gradient = this.heap.floats(out);
    const order = this.heap.integers(targets.order);
    const all = this.heap.floats(targets.all);
    const weights = targets.classWeights && this.heap.floats(targets.classWeights);
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const target = all[order[targets.start + row] ?? 0] ?? 0;
      const at = row * width;
      const weight = weights?.[target] ?? 1;
      if (loss === "softmaxCrossEntropy")
        sum += softmaxRow(z, gradient, at, width, target, rows, weight);
      else if (loss === "sigmoidCrossEntropy") {
        const logit = z[at] ?? 0;
        sum +=
          weight * (Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit))));
        gradient[at] = (weight * (1 / (1 + Math.exp(-logit)) - target)) / rows;
      } else {
        const error = (z[at] ?? 0) - target;
        sum += error * error;
        gradient[at] = (2 * error) / rows;
      }
    }
    this.heap.floats(losses)[slot] = sum / rows;
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
    const value = this.heap.make(old.shape);
    const to = this.heap.floats(value);
    to.set(this.heap.floats(old));
    optimize(
      to,
      this.heap.floats(gradient),
      parameter.slots && this.heap.floats(parameter.slots),
      rule,
    );
    old.dispose();
    gradient.dispose();
    parameter.value = value;
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    return this.heap.floats(tensor).slice();
  }

  private product(a: Tensor, b: Tensor, bias?: Tensor): Tensor {
    return bias ? this.tf.fused.matMul({ a, b, bias }) : this.tf.matMul(a, b);
  }

  private transpose(matrix: Tensor): Tensor {
    const [rows = 0, columns = 0] = matrix.shape;
    const out = this.heap.make([columns, rows]);
    transpose(this.heap.floats(matrix), this.heap.floats(out), rows, columns);
    return out;
  }

  private columnSums(matrix: Tensor): Tensor {
    const columns = matrix.shape[1] ?? 0;
    const out = this.heap.make([columns]);
    this.heap.floats(out).set(columnSums(this.heap.floats(matrix), columns));
    return out;
  }
}

/** Rows wider than this are copied through views. */
const widestLoop = 128;
