import type { WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";
import type { DenseLayer } from "../plan.ts";
import { erfSource } from "./erf.ts";

/** A value of a program's uniforms, in the order in which the program declares them. */
export interface Uniform {
  readonly type: "int32" | "uint32" | "float32";
  readonly value: number;
}

/** A WGSL program for tfjs's `runWebGPUProgram`. Tensors reach it flat, as `array<f32>`. */
export interface Program {
  /** names the source; the backend caches pipelines by it */
  readonly key: string;
  readonly inputs: readonly string[];
  /** declarations such as `start : i32,` */
  readonly uniforms: string;
  readonly source: string;
  /** invocations needed; `uniforms.size` in the source */
  readonly threads: number;
  /** one workgroup does all of it */
  readonly single?: boolean;
}

/** What tfjs's backend runs. */
export function webGPUProgram(program: Program): WebGPUProgram {
  const groups = program.single === true ? 1 : Math.ceil(program.threads / workgroup);
  return {
    variableNames: [...program.inputs],
    outputShape: [program.threads],
    dispatchLayout: { x: [0] },
    dispatch: [groups, 1, 1],
    workgroupSize: [workgroup, 1, 1],
    size: true,
    uniforms: program.uniforms,
    shaderKey: `tierbook_${program.key}`,
    getUserCode: () => program.source,
  };
}

/** Invocations of a workgroup. */
export const workgroup = 64;

/** result[i, j] = matrix[order[start + i], j] */
export function takeRowsProgram(count: number, width: number): Program {
  return {
    key: "takeRows",
    inputs: ["matrix", "order"],
    uniforms: "start : i32, width : i32,",
    threads: count * width,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let row = index / uniforms.width;
  let column = index - row * uniforms.width;
  result[index] = matrix[order[uniforms.start + row] * uniforms.width + column];
}`,
  };
}

/** result = activation(x), elementwise; tanh and gelu, which tfjs cannot fuse or lacks. */
export function activationProgram(activation: "tanh" | "gelu", size: number): Program {
  const formula =
    activation === "tanh"
      ? // exact where exp would overflow
        "tanh(clamp(z, -15.0, 15.0))"
      : `0.5 * z * (1.0 + erf(z * ${Math.SQRT1_2}))`;
  return {
    key: `activation_${activation}`,
    inputs: ["x"],
    uniforms: "",
    threads: size,
    source: `${erfSource}
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let z = x[index];
  result[index] = select(${formula}, z, isnan(z));
}`,
  };
}

/** result = gradient · activation′, from the activation's output (for gelu: its input). */
export function slopeProgram(
  activation: Exclude<DenseLayer["activation"], "linear">,
  size: number,
): Program {
  const formula = {
    relu: "select(g, 0.0, a <= 0.0)",
    tanh: "g * (1.0 - a * a)",
    sigmoid: "g * a * (1.0 - a)",
    gelu: `g * (0.5 * (1.0 + erf(a * ${Math.SQRT1_2})) + a * exp(-0.5 * a * a) * ${1 / Math.sqrt(2 * Math.PI)})`,
  }[activation];
  return {
    key: `slope_${activation}`,
    inputs: ["gradient", "at"],
    uniforms: "",
    threads: size,
    source: `${erfSource}
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let g = gradient[index];
  let a = at[index];
  result[index] = ${formula};
}`,
  };
}

/** result[j] = Σ_i matrix[i, j], always in the same order. */
export function columnSumsProgram(columns: number): Program {
  return {
    key: "columnSums",
    inputs: ["matrix"],
    uniforms: "rows : i32,",
    threads: columns,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  var sum = 0.0;
  for (var i = 0; i < uniforms.rows; i++) { sum += matrix[i * uniforms.size + index]; }
  result[index] = sum;
}`,
  };
}

/**
 * Dropout with the plan's generator in the shader, so that no mask is uploaded or kept: the same
 * Philox words as `random.ts` gives. One invocation makes the four elements of one block.
 */
export function dropoutProgram(size: number): Program {
  return {
    key: "dropout",
    inputs: ["x"],
    uniforms:
      "seed : u32, stream : u32, layer : u32, step : u32, threshold : u32, scale : f32, count : i32,",
    threads: Math.ceil(size / 4),
    source: `${philoxSource}
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let words = philox(
    vec4<u32>(u32(index), uniforms.layer, uniforms.step, 0u),
    vec2<u32>(uniforms.seed, uniforms.stream));
  for (var j = 0; j < 4; j++) {
    let i = 4 * index + j;
    if (i < uniforms.count) {
      result[i] = select(0.0, x[i] * uniforms.scale, (words[j] >> 8u) >= uniforms.threshold);
    }
  }
}`,
  };
}

/** result = momentum · result + gradient, in place. */
export function velocityProgram(size: number): Program {
  return {
    key: "velocity",
    inputs: ["gradient"],
    uniforms: "momentum : f32,",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  result[index] = uniforms.momentum * result[index] + gradient[index];
}`,
  };
}

/** result = result - rate · direction, in place. */
export function descentProgram(size: number): Program {
  return {
    key: "descent",
    inputs: ["direction"],
    uniforms: "rate : f32,",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  result[index] = result[index] - uniforms.rate * direction[index];
}`,
  };
}

/** First and second moments, one behind the other, in place. */
export function momentsProgram(size: number): Program {
  return {
    key: "moments",
    inputs: ["gradient"],
    uniforms: "beta1 : f32, beta2 : f32, rest1 : f32, rest2 : f32,",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let g = gradient[index];
  let second = uniforms.size + index;
  result[index] = uniforms.beta1 * result[index] + uniforms.rest1 * g;
  result[second] = uniforms.beta2 * result[second] + uniforms.rest2 * g * g;
}`,
  };
}

/** result = keep · result - rate · first / (√second · correction + epsilon), in place. */
export function adamProgram(size: number): Program {
  return {
    key: "adam",
    inputs: ["moments"],
    uniforms: "keep : f32, rate : f32, correction : f32, epsilon : f32,",
    threads: size,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let first = moments[index];
  let second = moments[uniforms.size + index];
  result[index] = uniforms.keep * result[index] -
    uniforms.rate * first / (sqrt(second) * uniforms.correction + uniforms.epsilon);
}`,
  };
}

/** WGSL has no 64-bit product, so the upper half comes from four 16-bit ones. */
const philoxSource = `
fn highWord(a : u32, b : u32) -> u32 {
  let middle = (a >> 16u) * (b & 0xffffu) + (((a & 0xffffu) * (b & 0xffffu)) >> 16u);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) +
    (((a & 0xffffu) * (b >> 16u) + (middle & 0xffffu)) >> 16u);
}
fn philox(counter : vec4<u32>, start : vec2<u32>) -> vec4<u32> {
  var c = counter;
  var key = start;
  for (var round = 0; round < 10; round++) {
    c = vec4<u32>(
      highWord(0xcd9e8d57u, c.z) ^ c.y ^ key.x,
      0xcd9e8d57u * c.z,
      highWord(0xd2511f53u, c.x) ^ c.w ^ key.y,
      0xd2511f53u * c.x);
    key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;
