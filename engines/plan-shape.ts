import type { Layer, Plan, Target } from "./plan.ts";

/** Everything about a plan's sizes that follows from the plan alone. */
export interface PlanShape {
  /** numbers a row has after encoding */
  readonly inputWidth: number;
  /** what each of these numbers is */
  readonly slots: readonly InputSlot[];
  /** one entry a layer, in order */
  readonly layers: readonly LayerShape[];
  readonly outputWidth: number;
  /** class names in the order of the output, or undefined for a number */
  readonly classes?: readonly string[];
  /** numbers that training changes */
  readonly parameters: number;
  /** multiplications and additions of one row's forward pass */
  readonly multiplyAdds: number;
  /** bytes while training, float32 */
  readonly memory: PlanMemory;
}

/** One number of the input: its feature and, for a category, its word (null is the unknown). */
export interface InputSlot {
  readonly column: string;
  readonly kind: "number" | "category" | "boolean";
  readonly word?: string | null;
}

/** The shape of one layer. Widths are per row. */
export interface LayerShape {
  /** `network[0]` */
  readonly path: string;
  readonly type: Layer["type"];
  readonly input: number;
  readonly output: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** its trained tensors in the order in which they are made and saved */
  readonly tensors: readonly TensorShape[];
}

/** A trained tensor: `network.0.kernel`, [in, units] row-major, or `network.0.bias`, [units]. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Bytes while training. */
export interface PlanMemory {
  readonly weights: number;
  /** momentum or moments */
  readonly optimizer: number;
  /** what the layers hold for one batch's backward pass, and the gradients */
  readonly activations: number;
  readonly total: number;
}

/** Sizes of a plan that `checkPlan` lets pass. */
export function planShape(plan: Plan): PlanShape {
  const slots = inputSlots(plan);
  const layers: LayerShape[] = [];
  let width = slots.length;
  plan.network.forEach((layer, i) => {
    const shape = layerShape(layer, `network[${i}]`, i, width);
    layers.push(shape);
    width = shape.output;
  });
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const classes = targetClasses(plan.target);
  return {
    inputWidth: slots.length,
    slots,
    layers,
    outputWidth: width,
    ...(classes !== undefined && { classes }),
    parameters,
    multiplyAdds: layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0),
    memory: planMemory(plan, slots.length, layers, parameters),
  };
}

/** The classes of a target in the order of the output, or undefined for a number. */
export function targetClasses(target: Target): readonly string[] | undefined {
  if (target.kind === "number") return undefined;
  return target.kind === "boolean" ? ["false", "true"] : target.vocabulary;
}

/** How many numbers an optimiser keeps for each weight. */
export function optimizerSlots(plan: Plan): 0 | 1 | 2 {
  if (plan.optimizer.type !== "sgd") return 2;
  return plan.optimizer.momentum === 0 ? 0 : 1;
}

function inputSlots(plan: Plan): InputSlot[] {
  return plan.features.flatMap((feature): InputSlot[] => {
    const { column, kind } = feature;
    if (feature.kind !== "category") return [{ column, kind }];
    return [...feature.vocabulary, null].map((word) => ({ column, kind, word }));
  });
}

function layerShape(layer: Layer, path: string, i: number, input: number): LayerShape {
  if (layer.type === "dropout")
    return {
      path,
      type: "dropout",
      input,
      output: input,
      parameters: 0,
      multiplyAdds: 0,
      tensors: [],
    };
  const tensors: TensorShape[] = [{ name: `network.${i}.kernel`, shape: [input, layer.units] }];
  if (layer.bias) tensors.push({ name: `network.${i}.bias`, shape: [layer.units] });
  return {
    path,
    type: "dense",
    input,
    output: layer.units,
    parameters: input * layer.units + (layer.bias ? layer.units : 0),
    multiplyAdds: input * layer.units,
    tensors,
  };
}

function planMemory(
  plan: Plan,
  inputWidth: number,
  layers: readonly LayerShape[],
  parameters: number,
): PlanMemory {
  const perRow = layers.reduce((sum, layer) => sum + 2 * layer.output, 2 * inputWidth);
  const weights = 4 * parameters;
  const optimizer = weights * optimizerSlots(plan);
  const activations = 4 * plan.batch * perRow + weights;
  return { weights, optimizer, activations, total: weights + optimizer + activations };
}
