import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { webGPUProgram, type Program, type Uniform } from "./programs.ts";

type Core = typeof import("@tensorflow/tfjs-core");

/** Runs our programs on tfjs's WebGPU backend, through its public `runWebGPUProgram`. */
export class ProgramRunner {
  constructor(
    private readonly tf: Core,
    private readonly gpu: WebGPUBackend,
  ) {}

  /** Runs a program that writes every value of a new float32 tensor. */
  make(
    shape: readonly number[],
    program: Program,
    inputs: readonly Tensor[],
    uniforms: readonly Uniform[] = [],
  ): Tensor {
    const size = shape.reduce((product, length) => product * length, 1);
    const info = this.gpu.makeTensorInfo([size], "float32");
    this.runFlat(info, program, inputs, uniforms);
    return this.tf.engine().makeTensorFromTensorInfo({ ...info, shape: [...shape] });
  }

  /** Runs a program that changes `output` in place. */
  run(
    output: Tensor,
    program: Program,
    inputs: readonly Tensor[],
    uniforms: readonly Uniform[] = [],
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
    program: Program,
    inputs: readonly Tensor[],
    uniforms: readonly Uniform[],
  ): void {
    this.gpu.runWebGPUProgram(
      webGPUProgram(program),
      inputs.map(({ dataId, size, dtype }) => ({ dataId, shape: [size], dtype })),
      "float32",
      uniforms.map(({ type, value }) => ({ type, data: [value] })),
      output,
    );
  }
}

/** A uniform declared `i32`. */
export function integer(value: number): Uniform {
  return { type: "int32", value };
}

/** A uniform declared `u32`. */
export function unsigned(value: number): Uniform {
  return { type: "uint32", value };
}

/** A uniform declared `f32`. */
export function float(value: number): Uniform {
  return { type: "float32", value };
}
