import type { Tensor } from "@tensorflow/tfjs-core";
import { initialWeights, type NamedTensor } from "../initial-weights.ts";
import { learningRate } from "../learning-rate.ts";
import { optimizerSlots } from "../plan-shape.ts";
import type { Plan } from "../plan.ts";
import { randomStream, type RandomSequence } from "../random.ts";
import {
  updateRule,
  type BatchTargets,
  type DenseOutput,
  type DenseWeights,
  type Kernels,
  type Parameter,
} from "./kernels.ts";

/** A batch on the device. */
export interface Batch {
  readonly x: Tensor;
  readonly targets: BatchTargets;
}

/** A parameter's gradient, by its place in {@link Network.parameters}. */
type Gradients = Map<Parameter, Tensor>;

/** A plan's network on a device: its parameters, and the computations of a step. */
export class Network {
  readonly parameters: readonly Parameter[];
  private readonly byName: ReadonlyMap<string, Parameter>;

  /**
   * @param saved weights and slots to go on from; else the plan's first ones
   */
  constructor(
    private readonly kernels: Kernels,
    private readonly plan: Plan,
    saved?: readonly SavedParameter[],
  ) {
    const slots = optimizerSlots(plan);
    const states: readonly SavedParameter[] = saved ?? initialWeights(plan);
    this.parameters = states.map(({ name, shape, values, slotValues }) =>
      kernels.makeParameter(name, shape, values, slots, slotValues),
    );
    this.byName = new Map(this.parameters.map((parameter) => [parameter.name, parameter]));
  }

  /** One step of training: the loss goes to `losses[slot]`. Waits for nothing. */
  step(batch: Batch, step: number, steps: number, losses: Tensor, slot: number): void {
    const gradients = this.gradients(batch, step, losses, slot);
    const { optimizer } = this.plan;
    const rule = updateRule(optimizer, learningRate(this.plan, step, steps), step);
    for (const [parameter, gradient] of gradients) this.kernels.update(parameter, gradient, rule);
  }

  /** The loss of a batch, with dropout as in `step`, to `losses[slot]`, and the gradients' norm. */
  async gradientNorm(batch: Batch, step: number, losses: Tensor, slot: number): Promise<number> {
    const gradients = this.gradients(batch, step, losses, slot);
    let squares = 0;
    for (const gradient of gradients.values()) {
      for (const value of await this.kernels.read(gradient)) squares += value * value;
      gradient.dispose();
    }
    return Math.sqrt(squares);
  }

  /** The output for rows as in validation: no dropout. Disposes `x`. */
  predict(x: Tensor): Tensor {
    let current = x;
    this.plan.network.forEach((layer, i) => {
      if (layer.type === "dropout") return;
      const { output, before } = this.kernels.dense(current, this.weights(i), layer.activation);
      before?.dispose();
      current.dispose();
      current = output;
    });
    return current;
  }

  /** The parameters as they are now. */
  async read(): Promise<SavedParameter[]> {
    const saved: SavedParameter[] = [];
    for (const { name, shape, value, slots } of this.parameters)
      saved.push({
        name,
        shape,
        values: await this.kernels.read(value),
        ...(slots && { slotValues: await this.kernels.read(slots) }),
      });
    return saved;
  }

  dispose(): void {
    for (const { value, slots } of this.parameters) {
      value.dispose();
      slots?.dispose();
    }
  }

  private gradients({ x, targets }: Batch, step: number, losses: Tensor, slot: number): Gradients {
    const inputs: Tensor[] = [x];
    const outputs: (DenseOutput | undefined)[] = [];
    this.plan.network.forEach((layer, i) => {
      const input = inputs[i] ?? x;
      if (layer.type === "dropout") {
        outputs.push(undefined);
        inputs.push(this.kernels.dropout(input, layer.rate, this.sequence(i, step)));
      } else {
        const output = this.kernels.dense(input, this.weights(i), layer.activation);
        outputs.push(output);
        inputs.push(output.output);
      }
    });
    const logits = inputs[inputs.length - 1] ?? x;
    const { type } = this.plan.loss;
    let gradient = this.kernels.lossGradient(type, logits, targets, losses, slot);
    const gradients: Gradients = new Map();
    const first = this.plan.network.findIndex((layer) => layer.type === "dense");
    for (let i = this.plan.network.length - 1; i >= first; i--) {
      const layer = this.plan.network[i];
      const output = outputs[i];
      if (layer?.type === "dropout") {
        const through = this.kernels.dropout(gradient, layer.rate, this.sequence(i, step));
        gradient.dispose();
        gradient = through;
      } else if (layer?.type === "dense" && output) {
        const found = this.kernels.denseGradients(
          inputs[i] ?? x,
          this.weights(i),
          layer.activation,
          output,
          gradient,
          i > first,
        );
        gradients.set(this.parameter(i, "kernel"), found.kernel);
        if (found.bias) gradients.set(this.parameter(i, "bias"), found.bias);
        if (found.input) gradient = found.input;
      }
    }
    for (const output of outputs) output?.before?.dispose();
    for (const tensor of inputs) tensor.dispose();
    return gradients;
  }

  private weights(i: number): DenseWeights {
    const bias = this.byName.get(`network.${i}.bias`);
    return { kernel: this.parameter(i, "kernel").value, ...(bias && { bias: bias.value }) };
  }

  private parameter(i: number, part: "kernel" | "bias"): Parameter {
    const parameter = this.byName.get(`network.${i}.${part}`);
    if (parameter === undefined) throw new RangeError(`there is no parameter network.${i}.${part}`);
    return parameter;
  }

  private sequence(layer: number, step: number): RandomSequence {
    return { seed: this.plan.seed, stream: randomStream.dropout, layer, step };
  }
}

/** A parameter off the device, with its optimiser's slots. */
export interface SavedParameter extends NamedTensor {
  readonly slotValues?: Float32Array;
}
