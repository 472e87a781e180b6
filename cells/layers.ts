import { describe } from "./options.ts";
import { StageError } from "./stage-error.ts";

/** A layer as a cell writes it: what is left out gets its default from `plan`. */
export type LayerInput = Readonly<Record<string, unknown>> & { readonly type: string };

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
 * A dropout layer, for `plan({network: [...]})`.
 *
 * @param rate the share in [0, 1) of its inputs that it zeroes in training
 */
export function dropout(rate: number): LayerInput {
  return { type: "dropout", rate };
}

/** A layer with every default written out; what is not known stays as it is, for the checks. */
export function fullLayer(layer: unknown): unknown {
  if (typeof layer !== "object" || layer === null || !("type" in layer) || layer.type !== "dense")
    return layer;
  const activation = "activation" in layer ? layer.activation : "linear";
  const isRectifier = activation === "relu" || activation === "gelu";
  return {
    activation,
    bias: true,
    init: isRectifier ? "heNormal" : "glorotUniform",
    ...layer,
  };
}
