import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { DenseLayer, Loss } from "../plan.ts";
import type { RandomSequence } from "../random.ts";
import { embed, embedGradients } from "./embedding-webgpu.ts";
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
import * as norm from "./norm-webgpu.ts";
import { float, integer, ProgramRunner, unsigned } from "./program-runner.ts";
import { lossGradientProgram, lossProgram } from "./programs-loss.ts";
import { moveProgram } from "./programs-norm.ts";
import * as programs from "./programs.ts";

type Core = typeof import("@tensorflow/tfjs-core");

/**
 * Training on tfjs's WebGPU backend: its matrix product, with the correction of
 * `matmul-correction.ts`, and our own programs for everything else, through the backend's public
 * `runWebGPUProgram`. Weights, slots and losses change in place.
 *
 * Reading goes around the backend's `read`, which keeps what it read on the CPU and gives that again
 * after a program has changed the buffer. `readSync` is never called: it returns zeros and kills the
 * device.
 */
export class WebGPUKernels implements Kernels {
  readonly backend = "webgpu";

  private readonly runner: ProgramRunner;

  constructor(
    private readonly tf: Core,
    private readonly gpu: WebGPUBackend,
  ) {
    this.runner = new ProgramRunner(tf, gpu);
  }

  upload(values: Float32Array, shape: readonly number[]): Tensor {
    const tensor = this.tf.tensor(values, [...shape], "float32");
    this.gpu.uploadToGPU(tensor.dataId);
    return tensor;
  }

  uploadOrder(rows: Uint32Array): Tensor {
    const tensor = this.tf.tensor(Int32Array.from(rows), [rows.length], "int32");
    this.gpu.uploadToGPU(tensor.dataId);
    return tensor;
  }

  takeRows(matrix: Tensor, order: Tensor, start: number, count: number): Tensor {
    const width = matrix.shape[1] ?? 1;
    return this.runner.make(
      [count, width],
      programs.takeRowsProgram(count, width),
      [matrix, order],
      [integer(start), integer(width)],
    );
  }

  dense(
    x: Tensor,
    { kernel, bias }: DenseWeights,
    activation: DenseLayer["activation"],
  ): DenseOutput {
    const own = activation === "tanh" || activation === "gelu";
    const product = this.tf.fused.matMul({
      a: x,
      b: kernel,
      ...(bias && { bias }),
      activation: own ? "linear" : activation,
    });
    if (!own) return { output: product };
    const output = this.runner.make(
      product.shape,
      programs.activationProgram(activation, product.size),
      [product],
    );
    if (activation === "gelu") return { output, before: product };
    product.dispose();
    return { output };
  }

  denseGradients(
    x: Tensor,
    { kernel, bias }: DenseWeights,
    activation: DenseLayer["activation"],
    { output, before }: DenseOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): DenseGradients {
    let inner = gradient;
    if (activation !== "linear") {
      const program = programs.slopeProgram(activation, gradient.size);
      inner = this.runner.make(gradient.shape, program, [gradient, before ?? output]);
      gradient.dispose();
    }
    const [rows = 0, units = 1] = inner.shape;
    const ofKernel = this.tf.matMul(x, inner, true, false);
    const ofBias =
      bias &&
      this.runner.make([units], programs.columnSumsProgram(units), [inner], [integer(rows)]);
    const ofInput = wantsInput ? this.tf.matMul(inner, kernel, false, true) : undefined;
    inner.dispose();
    return {
      kernel: ofKernel,
      ...(ofBias && { bias: ofBias }),
      ...(ofInput && { input: ofInput }),
    };
  }

  embed(x: Tensor, table: Tensor, indices: readonly number[]): Tensor {
    return embed(this.runner, x, table, indices);
  }

  embedGradients(
    x: Tensor,
    table: Tensor,
    indices: readonly number[],
    gradient: Tensor,
    wantsInput: boolean,
  ): EmbedGradients {
    return embedGradients(this.runner, x, table, indices, gradient, wantsInput);
  }

  batchNorm(x: Tensor, weights: NormWeights, epsilon: number): BatchNormOutput {
    return norm.batchNorm(this.runner, x, weights, epsilon);
  }

  normalize(
    x: Tensor,
    weights: NormWeights,
    mean: Tensor,
    variance: Tensor,
    epsilon: number,
  ): Tensor {
    return norm.normalize(this.runner, x, weights, mean, variance, epsilon);
  }

  batchNormGradients(
    x: Tensor,
    weights: NormWeights,
    saved: BatchNormOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): NormGradients {
    return norm.batchNormGradients(this.runner, x, weights, saved, gradient, wantsInput);
  }

  moveState(state: Parameter, value: Tensor, momentum: number, factor: number): void {
    const program = moveProgram(state.value.size);
    this.runner.run(state.value, program, [value], [float(momentum), float(factor)]);
  }

  layerNorm(x: Tensor, weights: NormWeights, epsilon: number): LayerNormOutput {
    return norm.layerNorm(this.runner, x, weights, epsilon);
  }

  layerNormGradients(
    x: Tensor,
    weights: NormWeights,
    saved: LayerNormOutput,
    gradient: Tensor,
    wantsInput: boolean,
  ): NormGradients {
    return norm.layerNormGradients(this.runner, x, weights, saved, gradient, wantsInput);
  }

  dropout(x: Tensor, rate: number, { seed, stream, layer, step }: RandomSequence): Tensor {
    return this.runner.make(
      x.shape,
      programs.dropoutProgram(x.size),
      [x],
      [
        unsigned(seed),
        unsigned(stream),
        unsigned(layer),
        unsigned(step),
        unsigned(Math.ceil(rate * 2 ** 24)),
        float(1 / (1 - rate)),
        integer(x.size),
      ],
    );
  }

  makeLosses(capacity: number): Tensor {
    return this.upload(new Float32Array(capacity), [capacity]);
  }

  lossGradient(
    loss: Loss["type"],
    logits: Tensor,
    { all, order, start, classWeights }: BatchTargets,
    losses: Tensor,
    slot: number,
  ): Tensor {
    const [rows = 0, width = 1] = logits.shape;
    const isWeighted = classWeights !== undefined && loss !== "meanSquaredError";
    const inputs = [logits, all, order, ...(isWeighted ? [classWeights] : [])];
    const place = [integer(start), integer(width)];
    const ofLoss = lossProgram(loss, rows, isWeighted);
    this.runner.run(losses, ofLoss, inputs, [...place, integer(slot)]);
    const ofGradient = lossGradientProgram(loss, rows, isWeighted);
    return this.runner.make(logits.shape, ofGradient, inputs, place);
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

  update({ value, slots }: Parameter, gradient: Tensor, rule: UpdateRule): void {
    const { optimizer, lr } = rule;
    const { size } = value;
    if (optimizer.type === "sgd") {
      if (slots)
        this.runner.run(
          slots,
          programs.velocityProgram(size),
          [gradient],
          [float(optimizer.momentum)],
        );
      this.runner.run(value, programs.descentProgram(size), [slots ?? gradient], [float(lr)]);
    } else if (slots) {
      const { beta1, beta2, epsilon } = optimizer;
      this.runner.run(
        slots,
        programs.momentsProgram(size),
        [gradient],
        [float(beta1), float(beta2), float(1 - beta1), float(1 - beta2)],
      );
      const keep = optimizer.type === "adamw" ? 1 - lr * optimizer.weightDecay : 1;
      this.runner.run(
        value,
        programs.adamProgram(size),
        [slots],
        [
          float(keep),
          float(lr * rule.firstCorrection),
          float(rule.secondCorrection),
          float(epsilon),
        ],
      );
    }
    gradient.dispose();
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    const { resource } = this.gpu.tensorMap.get(tensor.dataId);
    if (!(resource instanceof GPUBuffer)) throw new TypeError("the tensor is not on the device");
    const bytes = await this.gpu.getBufferData(resource);
    return new Float32Array(bytes, 0, tensor.size).slice();
  }
}
