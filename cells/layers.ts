import { describe, isRecord } from "./options.ts";
import { StageError } from "./stage-error.ts";

/** A layer as a cell writes it: what is left out gets its default from `plan`. */
export type LayerInput = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * An embedding layer, for the start of `plan({network: [...]})`: each word of a category feature
 * becomes a trained vector, in the place of the feature.
 *
 * @param columns a category feature, or a list of some with the same vocabulary, which then share one
 *   table of vectors
 * @param units numbers in a vector
 * @param options an object with `init`
 */
export function embedding(
  columns: string | readonly string[],
  units: number,
  options: Readonly<Record<string, unknown>> = {},
): LayerInput {
  checkOptions("embedding(columns, units, options)", options, "{init}");
  return {
    type: "embedding",
    columns: typeof columns === "string" ? [columns] : columns,
    units,
    ...options,
  };
}

/**
 * A dense layer, for `plan({network: [...]})`.
 *
 * @param units the width of its output
 * @param options its activation, or an object with `activation`, `bias` and `init`
 */
export function dense(
  units: number,
  options: string | Readonly<Record<string, unknown>> = {},
): LayerInput {
  const given = typeof options === "string" ? { activation: options } : options;
  if (typeof given !== "object" || given === null)
    throw new StageError(
      `dense(units, options): the options are ${describe(options)}`,
      "argument",
      'Name an activation, such as "relu", or give {activation, bias, init}',
    );
  return { type: "dense", units, ...given };
}

/**
 * A layer that normalises each column over the batch, for `plan({network: [...]})`. A dense layer
 * right before it needs no bias.
 *
 * @param options an object with `momentum`, in (0, 1], by which the running means move, and `epsilon`
 */
export function batchNorm(options: Readonly<Record<string, unknown>> = {}): LayerInput {
  checkOptions("batchNorm(options)", options, "{momentum, epsilon}");
  return { type: "batchNorm", ...options };
}

/**
 * A layer that normalises each row over its columns, for `plan({network: [...]})`.
 *
 * @param options an object with `epsilon`
 */
export function layerNorm(options: Readonly<Record<string, unknown>> = {}): LayerInput {
  checkOptions("layerNorm(options)", options, "{epsilon}");
  return { type: "layerNorm", ...options };
}

/**
 * A dropout layer, for `plan({network: [...]})`.
 *
 * @param rate the share in [0, 1) of its inputs that it zeroes in training
 */
export function dropout(rate: number): LayerInput {
  return { type: "dropout", rate };
}

/** A layer with every default written out; what is not known stays as it is, for the checks. */
export function fullLayer(layer: unknown): unknown {
  if (!isRecord(layer)) return layer;
  switch (layer["type"]) {
    case "embedding":
      return { init: "uniform", ...layer };
    case "dense":
      return fullDense(layer);
    case "batchNorm":
      return { momentum: 0.1, epsilon: 1e-5, ...layer };
    case "layerNorm":
      return { epsilon: 1e-5, ...layer };
    default:
      return layer;
  }
}

function fullDense(layer: Readonly<Record<string, unknown>>): unknown {
  const { activation = "linear" } = layer;
  const isRectifier = activation === "relu" || activation === "gelu";
  return {
    activation,
    bias: true,
    init: isRectifier ? "heNormal" : "glorotUniform",
    ...layer,
  };
}

function checkOptions(call: string, options: unknown, expected: string): void {
  if (isRecord(options)) return;
  throw new StageError(
    `${call}: the options are ${describe(options)}`,
    "argument",
    `Give an object: ${expected}`,
  );
}
