import type { Loss } from "../plan.ts";
import { workgroup, type Program } from "./programs.ts";

/** The gradient of a batch's mean loss by its logits; one invocation a row. */
export function lossGradientProgram(
  loss: Loss["type"],
  rows: number,
  isWeighted: boolean,
): Program {
  return {
    key: `lossGradient_${loss}${isWeighted ? "_weighted" : ""}`,
    inputs: ["logits", "targets", "order", ...(isWeighted ? ["weights"] : [])],
    uniforms: "start : i32, width : i32,",
    threads: rows,
    source: `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let rows = f32(uniforms.size);
  let target_value = targets[order[uniforms.start + index]];
  let at = index * uniforms.width;
  ${gradientSource[loss](isWeighted ? "weights[i32(target_value)] * " : "")}
}`,
  };
}

/** losses[slot] = the mean of a batch's row losses; one workgroup, in place, in a fixed order. */
export function lossProgram(loss: Loss["type"], rows: number, isWeighted: boolean): Program {
  const weight = isWeighted ? "weights[i32(targets[order[uniforms.start + row]])] * " : "";
  return {
    key: `loss_${loss}${isWeighted ? "_weighted" : ""}`,
    inputs: ["logits", "targets", "order", ...(isWeighted ? ["weights"] : [])],
    uniforms: "start : i32, width : i32, slot : i32,",
    threads: rows,
    single: true,
    source: `
var<workgroup> sums : array<f32, ${workgroup}>;
fn rowLoss(row : i32) -> f32 {
  let target_value = targets[order[uniforms.start + row]];
  let at = row * uniforms.width;
  ${lossSource[loss]}
}
fn main(index : i32) {
  var sum = 0.0;
  for (var row = index; row < uniforms.size; row += ${workgroup}) { sum += ${weight}rowLoss(row); }
  sums[index] = sum;
  workgroupBarrier();
  for (var half = ${workgroup / 2}; half > 0; half = half / 2) {
    if (index < half) { sums[index] += sums[index + half]; }
    workgroupBarrier();
  }
  if (index == 0) { result[uniforms.slot] = sums[0] / f32(uniforms.size); }
}`,
  };
}

const greatestSource = `
  var greatest = logits[at];
  for (var j = 1; j < uniforms.width; j++) { greatest = max(greatest, logits[at + j]); }
  var sum = 0.0;
  for (var j = 0; j < uniforms.width; j++) { sum += exp(logits[at + j] - greatest); }`;

/** By the WGSL of what a row counts: a factor, or nothing. */
const gradientSource: Readonly<Record<Loss["type"], (weight: string) => string>> = {
  softmaxCrossEntropy: (weight) => `${greatestSource}
  for (var j = 0; j < uniforms.width; j++) {
    let p = exp(logits[at + j] - greatest) / sum;
    result[at + j] = ${weight}(p - select(0.0, 1.0, j == i32(target_value))) / rows;
  }`,
  sigmoidCrossEntropy: (weight) => `
  let z = logits[at];
  let tail = exp(-abs(z));
  let p = select(1.0, tail, z < 0.0) / (1.0 + tail);
  result[at] = ${weight}(p - target_value) / rows;`,
  meanSquaredError: () => `
  result[at] = 2.0 * (logits[at] - target_value) / rows;`,
};

const lossSource: Readonly<Record<Loss["type"], string>> = {
  softmaxCrossEntropy: `${greatestSource}
  return log(sum) + greatest - logits[at + i32(target_value)];`,
  sigmoidCrossEntropy: `
  let z = logits[at];
  return max(z, 0.0) - z * target_value + log(1.0 + exp(-abs(z)));`,
  meanSquaredError: `
  let error = logits[at] - target_value;
  return error * error;`,
};
