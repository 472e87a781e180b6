import type { Tensor } from "@tensorflow/tfjs-core";
import { initialWeights, type NamedTensor } from "../initial-weights.ts";
import { learningRate } from "../learning-rate.ts";
import { optimizerSlots, planShape } from "../plan-shape.ts";
import type { Plan } from "../plan.ts";
import { updateRule, type BatchTargets, type Kernels, type Parameter } from "./kernels.ts";
import { networkLayers, type NetworkLayer, type Pass } from "./layers.ts";

/** A batch on the device. */
export interface Batch {
  readonly x: Tensor;
  readonly targets: BatchTargets;
}

/** A parameter's gradient, by its place in {@link Network.parameters}. */
type Gradients = Map<Parameter, Tensor>;

/** A plan's network on a device: its parameters, and the computations of a step. */
export class Network {
  /** what training changes: weights with their slots, and running states without */
  readonly parameters: readonly Parameter[];
  private readonly layers: readonly NetworkLayer[];

  /**
   * @param saved weights, slots and states to go on from; else the plan's first ones
   */
  constructor(
    private readonly kernels: Kernels,
    private readonly plan: Plan,
    saved?: readonly SavedParameter[],
  ) {
    const slots = optimizerSlots(plan);
    const running = runningStates(plan);
    const states: readonly SavedParameter[] = saved ?? initialWeights(plan);
    this.parameters = states.map(({ name, shape, values, slotValues }) =>
      kernels.makeParameter(name, shape, values, running.has(name) ? 0 : slots, slotValues),
    );
    this.layers = networkLayers(kernels, plan, this.parameters);
  }

  /** One step of training: the loss goes to `losses[slot]`. Waits for nothing. */
  step(batch: Batch, step: number, steps: number, losses: Tensor, slot: number): void {
    const move = (pass: Pass): void => pass.moveStates?.();
    const gradients = this.gradients(batch, step, losses, slot, move);
    const { optimizer } = this.plan;
    const rule = updateRule(optimizer, learningRate(this.plan, step, steps), step);
    for (const [parameter, gradient] of gradients) this.kernels.update(parameter, gradient, rule);
  }

  /**
   * The loss of a batch, with dropout and the batch's moments as in `step`, to `losses[slot]`, and the
   * gradients' norm. Changes no parameter.
   */
  async gradientNorm(batch: Batch, step: number, losses: Tensor, slot: number): Promise<number> {
    const gradients = this.gradients(batch, step, losses, slot);
    let squares = 0;
    for (const gradient of gradients.values()) {
      for (const value of await this.kernels.read(gradient)) squares += value * value;
      gradient.dispose();
    }
    return Math.sqrt(squares);
  }

  /** The output for rows as in validation: no dropout, running states. Disposes `x`. */
  predict(x: Tensor): Tensor {
    let current = x;
    for (const layer of this.layers) {
      const next = layer.predict(current);
      if (next !== current) current.dispose();
      current = next;
    }
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

  /** Disposes the batch's `x`. `look` sees each layer's pass while it lasts. */
  private gradients(
    { x, targets }: Batch,
    step: number,
    losses: Tensor,
    slot: number,
    look?: (pass: Pass) => void,
  ): Gradients {
    const passes: Pass[] = [];
    let current = x;
    for (const layer of this.layers) {
      const pass = layer.forward(current, step);
      passes.push(pass);
      current = pass.output;
    }
    const { type } = this.plan.loss;
    const ofLogits = this.kernels.lossGradient(type, current, targets, losses, slot);
    const gradients = this.backward(passes, ofLogits);
    for (const pass of passes) {
      look?.(pass);
      pass.dispose();
      pass.output.dispose();
    }
    x.dispose();
    return gradients;
  }

  /** Goes back to the first layer that is trained. */
  private backward(passes: readonly Pass[], ofLogits: Tensor): Gradients {
    const gradients: Gradients = new Map();
    const first = this.layers.findIndex(({ isTrained }) => isTrained);
    let gradient = ofLogits;
    for (let i = passes.length - 1; i >= first; i--) {
      const found = passes[i]?.backward(gradient, i > first);
      for (const [parameter, of] of found?.parameters ?? []) gradients.set(parameter, of);
      if (found?.input) gradient = found.input;
    }
    return gradients;
  }
}

/** The names of the tensors that training changes without a gradient. */
function runningStates(plan: Plan): ReadonlySet<string> {
  const tensors = planShape(plan).layers.flatMap((layer) => layer.tensors);
  return new Set(tensors.flatMap(({ name, isState }) => (isState === true ? [name] : [])));
}

/** A parameter off the device, with its optimiser's slots. */
export interface SavedParameter extends NamedTensor {
  readonly slotValues?: Float32Array;
}
