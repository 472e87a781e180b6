import type { Tensor } from "@tensorflow/tfjs-core";
import { planShape } from "../plan-shape.ts";
import type { BatchNormLayer, DenseLayer, DropoutLayer, LayerNormLayer, Plan } from "../plan.ts";
import { randomStream } from "../random.ts";
import type { DenseWeights, Kernels, NormWeights, Parameter } from "./kernels.ts";

/** A layer of a plan on a device. It disposes neither its input nor its output. */
export interface NetworkLayer {
  /** whether it has tensors that a gradient changes */
  readonly isTrained: boolean;
  /** The output in training, from which a gradient can come back. */
  forward(x: Tensor, step: number): Pass;
  /** The output as in validation; `x` itself where the layer does nothing then. */
  predict(x: Tensor): Tensor;
}

/** A layer's output for one batch, and the way back. */
export interface Pass {
  readonly output: Tensor;
  /** From the gradient of the output, which it disposes. */
  backward(gradient: Tensor, wantsInput: boolean): PassGradients;
  /** Moves the layer's running states towards this batch's. */
  readonly moveStates?: () => void;
  /** Disposes what was kept for the way back. */
  dispose(): void;
}

/** The gradients of a layer's parameters, and of its input where that is wanted. */
export interface PassGradients {
  readonly parameters: readonly (readonly [Parameter, Tensor])[];
  readonly input?: Tensor | undefined;
}

/** The layers of a plan, with their tensors found by name: `network.0.kernel`. */
export function networkLayers(
  kernels: Kernels,
  plan: Plan,
  parameters: readonly Parameter[],
): NetworkLayer[] {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const { layers } = planShape(plan);
  return plan.network.map((layer, i): NetworkLayer => {
    const find = (part: string): Parameter => {
      const parameter = byName.get(`network.${i}.${part}`);
      if (parameter === undefined)
        throw new RangeError(`there is no parameter network.${i}.${part}`);
      return parameter;
    };
    if (layer.type === "dropout") return dropoutLayer(kernels, layer, plan.seed, i);
    if (layer.type === "dense") return denseLayer(kernels, layer, find);
    if (layer.type === "embedding") return embeddingLayer(kernels, layers[i]?.indices ?? [], find);
    return layer.type === "batchNorm"
      ? batchNormLayer(kernels, layer, find)
      : layerNormLayer(kernels, layer, find);
  });
}

type Find = (part: string) => Parameter;

function dropoutLayer(
  kernels: Kernels,
  { rate }: DropoutLayer,
  seed: number,
  layer: number,
): NetworkLayer {
  return {
    isTrained: false,
    predict: (x) => x,
    forward(x, step) {
      const sequence = { seed, stream: randomStream.dropout, layer, step };
      return {
        output: kernels.dropout(x, rate, sequence),
        backward(gradient) {
          const input = kernels.dropout(gradient, rate, sequence);
          gradient.dispose();
          return { parameters: [], input };
        },
        dispose: () => undefined,
      };
    },
  };
}

function denseLayer(
  kernels: Kernels,
  { activation, bias: hasBias }: DenseLayer,
  find: Find,
): NetworkLayer {
  const kernel = find("kernel");
  const bias = hasBias ? find("bias") : undefined;
  const weights = (): DenseWeights => ({
    kernel: kernel.value,
    ...(bias && { bias: bias.value }),
  });
  return {
    isTrained: true,
    predict(x) {
      const { output, before } = kernels.dense(x, weights(), activation);
      before?.dispose();
      return output;
    },
    forward(x) {
      const made = kernels.dense(x, weights(), activation);
      return {
        output: made.output,
        backward(gradient, wantsInput) {
          const found = kernels.denseGradients(
            x,
            weights(),
            activation,
            made,
            gradient,
            wantsInput,
          );
          const parameters: [Parameter, Tensor][] = [[kernel, found.kernel]];
          if (bias && found.bias) parameters.push([bias, found.bias]);
          return { parameters, input: found.input };
        },
        dispose: () => made.before?.dispose(),
      };
    },
  };
}

function embeddingLayer(kernels: Kernels, indices: readonly number[], find: Find): NetworkLayer {
  const table = find("table");
  const predict = (x: Tensor): Tensor => kernels.embed(x, table.value, indices);
  return {
    isTrained: true,
    predict,
    forward: (x) => ({
      output: predict(x),
      backward(gradient, wantsInput) {
        const found = kernels.embedGradients(x, table.value, indices, gradient, wantsInput);
        return { parameters: [[table, found.table]], input: found.input };
      },
      dispose: () => undefined,
    }),
  };
}

function batchNormLayer(
  kernels: Kernels,
  { momentum, epsilon }: BatchNormLayer,
  find: Find,
): NetworkLayer {
  const [scale, shift, mean, variance] = [
    find("scale"),
    find("shift"),
    find("mean"),
    find("variance"),
  ];
  const weights = (): NormWeights => ({ scale: scale.value, shift: shift.value });
  return {
    isTrained: true,
    predict: (x) => kernels.normalize(x, weights(), mean.value, variance.value, epsilon),
    forward(x) {
      const made = kernels.batchNorm(x, weights(), epsilon);
      const rows = x.shape[0] ?? 1;
      return {
        output: made.output,
        backward(gradient, wantsInput) {
          const found = kernels.batchNormGradients(x, weights(), made, gradient, wantsInput);
          const parameters = [[scale, found.scale] as const, [shift, found.shift] as const];
          return { parameters, input: found.input };
        },
        moveStates() {
          kernels.moveState(mean, made.mean, momentum, 1);
          // unbiased, as PyTorch has it; of a single row there is only the biased one
          kernels.moveState(variance, made.variance, momentum, rows > 1 ? rows / (rows - 1) : 1);
        },
        dispose() {
          for (const tensor of [made.mean, made.variance, made.inverse]) tensor.dispose();
        },
      };
    },
  };
}

function layerNormLayer(kernels: Kernels, { epsilon }: LayerNormLayer, find: Find): NetworkLayer {
  const scale = find("scale");
  const shift = find("shift");
  const weights = (): NormWeights => ({ scale: scale.value, shift: shift.value });
  const normed = (x: Tensor): ReturnType<Kernels["layerNorm"]> =>
    kernels.layerNorm(x, weights(), epsilon);
  return {
    isTrained: true,
    predict(x) {
      const { output, mean, inverse } = normed(x);
      mean.dispose();
      inverse.dispose();
      return output;
    },
    forward(x) {
      const made = normed(x);
      return {
        output: made.output,
        backward(gradient, wantsInput) {
          const found = kernels.layerNormGradients(x, weights(), made, gradient, wantsInput);
          const parameters = [[scale, found.scale] as const, [shift, found.shift] as const];
          return { parameters, input: found.input };
        },
        dispose() {
          made.mean.dispose();
          made.inverse.dispose();
        },
      };
    },
  };
}
