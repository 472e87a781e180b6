import type { Tensor } from "@tensorflow/tfjs-core";
import type { BatchNormOutput, LayerNormOutput, NormGradients, NormWeights } from "./kernels.ts";
import { float, integer, type ProgramRunner } from "./program-runner.ts";
import * as programs from "./programs-norm.ts";

/** {@link Kernels.batchNorm}; the variance is of the distances from the mean, in a second pass. */
export function batchNorm(
  runner: ProgramRunner,
  x: Tensor,
  weights: NormWeights,
  epsilon: number,
): BatchNormOutput {
  const [rows = 0, columns = 0] = x.shape;
  const mean = sumColumns(runner, programs.columnTotalsProgram(columns), [x], rows);
  const variance = sumColumns(runner, programs.columnSquaresProgram(columns), [x, mean], rows);
  const inverse = inverseOf(runner, variance, epsilon);
  return {
    output: normalizeBy(runner, "column", x, weights, mean, inverse),
    mean,
    variance,
    inverse,
  };
}

/** {@link Kernels.normalize} */
export function normalize(
  runner: ProgramRunner,
  x: Tensor,
  weights: NormWeights,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
): Tensor {
  const inverse = inverseOf(runner, variance, epsilon);
  const output = normalizeBy(runner, "column", x, weights, mean, inverse);
  inverse.dispose();
  return output;
}

/** {@link Kernels.batchNormGradients} */
export function batchNormGradients(
  runner: ProgramRunner,
  x: Tensor,
  weights: NormWeights,
  saved: BatchNormOutput,
  gradient: Tensor,
  wantsInput: boolean,
): NormGradients {
  const { mean, inverse } = saved;
  const [rows = 0, columns = 0] = x.shape;
  const { scale, shift } = weightGradients(runner, "column", x, mean, inverse, gradient);
  const input = wantsInput
    ? runner.make(
        x.shape,
        programs.batchNormInputGradientProgram(x.size),
        [x, mean, inverse, weights.scale, gradient, scale, shift],
        [integer(columns), float(rows)],
      )
    : undefined;
  gradient.dispose();
  return { scale, shift, ...(input && { input }) };
}

/** {@link Kernels.layerNorm} */
export function layerNorm(
  runner: ProgramRunner,
  x: Tensor,
  weights: NormWeights,
  epsilon: number,
): LayerNormOutput {
  const [rows = 0, columns = 0] = x.shape;
  const mean = runner.make([rows], programs.rowMeansProgram(rows), [x], [integer(columns)]);
  const inverse = runner.make(
    [rows],
    programs.rowInversesProgram(rows),
    [x, mean],
    [integer(columns), float(epsilon)],
  );
  return { output: normalizeBy(runner, "row", x, weights, mean, inverse), mean, inverse };
}

/** {@link Kernels.layerNormGradients} */
export function layerNormGradients(
  runner: ProgramRunner,
  x: Tensor,
  weights: NormWeights,
  saved: LayerNormOutput,
  gradient: Tensor,
  wantsInput: boolean,
): NormGradients {
  const { mean, inverse } = saved;
  const [rows = 0, columns = 0] = x.shape;
  const { scale, shift } = weightGradients(runner, "row", x, mean, inverse, gradient);
  const input = wantsInput
    ? runner.make(
        x.shape,
        programs.layerNormInputGradientProgram(rows),
        [x, mean, inverse, weights.scale, gradient],
        [integer(columns)],
      )
    : undefined;
  gradient.dispose();
  return { scale, shift, ...(input && { input }) };
}

function weightGradients(
  runner: ProgramRunner,
  axis: programs.Axis,
  x: Tensor,
  mean: Tensor,
  inverse: Tensor,
  gradient: Tensor,
): { readonly scale: Tensor; readonly shift: Tensor } {
  const columns = x.shape[1] ?? 0;
  const products = programs.columnProductsProgram(axis, columns);
  return {
    scale: sumColumns(runner, products, [x, mean, inverse, gradient], 1),
    shift: sumColumns(runner, programs.columnTotalsProgram(columns), [gradient], 1),
  };
}

/** @param inputs the first has the shape whose columns are summed */
function sumColumns(
  runner: ProgramRunner,
  program: Parameters<ProgramRunner["make"]>[1],
  inputs: readonly [Tensor, ...Tensor[]],
  divisor: number,
): Tensor {
  const [rows = 0, columns = 0] = inputs[0].shape;
  const uniforms = [integer(rows), integer(columns), float(divisor)];
  return runner.make([columns], program, inputs, uniforms);
}

function inverseOf(runner: ProgramRunner, variance: Tensor, epsilon: number): Tensor {
  const program = programs.inverseProgram(variance.size);
  return runner.make(variance.shape, program, [variance], [float(epsilon)]);
}

function normalizeBy(
  runner: ProgramRunner,
  axis: programs.Axis,
  x: Tensor,
  { scale, shift }: NormWeights,
  mean: Tensor,
  inverse: Tensor,
): Tensor {
  return runner.make(
    x.shape,
    programs.normalizeProgram(axis, x.size),
    [x, mean, inverse, scale, shift],
    [integer(x.shape[1] ?? 0)],
  );
}
