import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import type { DenseLayer, Loss } from "../plan.ts";
import type { RandomSequence } from "../random.ts";
import type {
  BatchTargets,
  DenseGradients,
  DenseOutput,
  DenseWeights,
  Kernels,
  Parameter,
  UpdateRule,
} from "./kernels.ts";
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

  constructor(
    private readonly tf: Core,
    private readonly gpu: WebGPUBackend,
  ) {}

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
    return this.make(
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
    const output = this.make(product.shape, programs.activationProgram(activation, product.size), [
      product,
    ]);
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
      inner = this.make(gradient.shape, program, [gradient, before ?? output]);
      gradient.dispose();
    }
    const [rows = 0, units = 1] = inner.shape;
    const ofKernel = this.tf.matMul(x, inner, true, false);
    const ofBias =
      bias && this.make([units], programs.columnSumsProgram(units), [inner], [integer(rows)]);
    const ofInput = wantsInput ? this.tf.matMul(inner, kernel, false, true) : undefined;
    inner.dispose();
    return {
      kernel: ofKernel,
      ...(ofBias && { bias: ofBias }),
      ...(ofInput && { input: ofInput }),
    };
  }

  dropout(x: Tensor, rate: number, { seed, stream, layer, step }: RandomSequence): Tensor {
    return this.make(
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
    { all, order, start }: BatchTargets,
    losses: Tensor,
    slot: number,
  ): Tensor {
    const [rows = 0, width = 1] = logits.shape;
    const inputs = [logits, all, order];
    const place = [integer(start), integer(width)];
    this.run(losses, programs.lossProgram(loss, rows), inputs, [...place, integer(slot)]);
    return this.make(logits.shape, programs.lossGradientProgram(loss, rows), inputs, place);
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
        this.run(slots, programs.velocityProgram(size), [gradient], [float(optimizer.momentum)]);
      this.run(value, programs.descentProgram(size), [slots ?? gradient], [float(lr)]);
    } else if (slots) {
      const { beta1, beta2, epsilon } = optimizer;
      this.run(
        slots,
        programs.momentsProgram(size),
        [gradient],
        [float(beta1), float(beta2), float(1 - beta1), float(1 - beta2)],
      );
      const keep = optimizer.type === "adamw" ? 1 - lr * optimizer.weightDecay : 1;
      this.run(
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

  private make(
    shape: readonly number[],
    program: programs.Program,
    inputs: readonly Tensor[],
    uniforms: readonly programs.Uniform[] = [],
  ): Tensor {
    const size = shape.reduce((product, length) => product * length, 1);
    const info = this.gpu.makeTensorInfo([size], "float32");
    this.runFlat(info, program, inputs, uniforms);
    return this.tf.engine().makeTensorFromTensorInfo({ ...info, shape: [...shape] });
  }

  /** Runs a program that changes `output` in place. */
  private run(
    output: Tensor,
    program: programs.Program,
    inputs: readonly Tensor[],
    uniforms: readonly programs.Uniform[] = [],
  ): void {
    this.runFlat(
      { dataId: output.dataId, shape: [output.size], dtype: "float32" },
      program,
      inputs,
      uniforms,
    );
  }

  private runFlat(
    output: TensorInfo,
    program: programs.Program,
    inputs: readonly Tensor[],
    uniforms: readonly programs.Uniform[],
  ): void {
    this.gpu.runWebGPUProgram(
      programs.webGPUProgram(program),
      inputs.map(({ dataId, size, dtype }) => ({ dataId, shape: [size], dtype })),
      "float32",
      uniforms.map(({ type, value }) => ({ type, data: [value] })),
      output,
    );
  }
}

function integer(value: number): programs.Uniform {
  return { type: "int32", value };
}

function unsigned(value: number): programs.Uniform {
  return { type: "uint32", value };
}

function float(value: number): programs.Uniform {
  return { type: "float32", value };
}
