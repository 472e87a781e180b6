import type { EmbeddingLayer, Layer, Plan, Target } from "./plan.ts";

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

/**
 * One number of the input: its feature and, for a category, its word (null is the unknown), or the
 * index of its word where an embedding layer reads it, the last one for the unknown.
 */
export interface InputSlot {
  readonly column: string;
  readonly kind: "number" | "category" | "boolean" | "index";
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
  /** its tensors in the order in which they are made and saved */
  readonly tensors: readonly TensorShape[];
  /** for an embedding: which numbers of its input are indices into its table, ascending */
  readonly indices?: readonly number[];
}

/**
 * A tensor of a layer: `network.0.table`, [words + 1, units]; `network.0.kernel`, [in, units], all
 * row-major; `network.0.bias`, `.scale`, `.shift`, `.mean` or `.variance`, [width].
 */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** running means, which training updates without a gradient */
  readonly isState?: true;
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
  let columns = slots.map(({ column, kind }) => (kind === "index" ? column : undefined));
  let width = slots.length;
  plan.network.forEach((layer, i) => {
    const shape =
      layer.type === "embedding"
        ? embeddingShape(layer, i, columns, plan)
        : layerShape(layer, i, width);
    layers.push(shape);
    width = shape.output;
    if (layer.type === "embedding")
      columns = columns.flatMap((column) =>
        column !== undefined && layer.columns.includes(column)
          ? Array.from({ length: layer.units }, () => undefined)
          : [column],
      );
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

/** Whether an embedding layer of the network reads a column. */
export function isEmbedded(network: readonly Layer[], column: string): boolean {
  return network.some((layer) => layer.type === "embedding" && layer.columns.includes(column));
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
    if (isEmbedded(plan.network, column)) return [{ column, kind: "index" }];
    return [...feature.vocabulary, null].map((word) => ({ column, kind, word }));
  });
}

/** @param columns what each number of the input is an index for, if it is one */
function embeddingShape(
  layer: EmbeddingLayer,
  i: number,
  columns: readonly (string | undefined)[],
  { features }: Plan,
): LayerShape {
  const indices = columns.flatMap((column, at) =>
    column !== undefined && layer.columns.includes(column) ? [at] : [],
  );
  const first = features.find(({ column }) => column === layer.columns[0]);
  const words = (first?.kind === "category" ? first.vocabulary.length : 0) + 1;
  return {
    path: `network[${i}]`,
    type: "embedding",
    input: columns.length,
    output: columns.length + indices.length * (layer.units - 1),
    parameters: words * layer.units,
    multiplyAdds: 0,
    tensors: [{ name: `network.${i}.table`, shape: [words, layer.units] }],
    indices,
  };
}

function layerShape(layer: Exclude<Layer, EmbeddingLayer>, i: number, input: number): LayerShape {
  const { type } = layer;
  const tensor = (name: string, ...shape: number[]): TensorShape => ({
    name: `network.${i}.${name}`,
    shape,
  });
  const path = `network[${i}]`;
  if (type === "dense") {
    const tensors = [tensor("kernel", input, layer.units)];
    if (layer.bias) tensors.push(tensor("bias", layer.units));
    return {
      path,
      type,
      input,
      output: layer.units,
      parameters: input * layer.units + (layer.bias ? layer.units : 0),
      multiplyAdds: input * layer.units,
      tensors,
    };
  }
  const same = { path, type, input, output: input };
  if (type === "dropout") return { ...same, parameters: 0, multiplyAdds: 0, tensors: [] };
  const tensors = [tensor("scale", input), tensor("shift", input)];
  if (type === "batchNorm")
    for (const name of ["mean", "variance"])
      tensors.push({ ...tensor(name, input), isState: true });
  return { ...same, parameters: 2 * input, multiplyAdds: 2 * input, tensors };
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
