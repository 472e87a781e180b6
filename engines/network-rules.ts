import { checkEmbeddings } from "./embedding-rules.ts";
import { fault } from "./fault.ts";
import type { PlanParts } from "./plan-parts.ts";
import type { Layer } from "./plan.ts";
import type { Check } from "./receipt.ts";

/** What a network must be: a dense layer at its end, and nothing that wastes itself. */
export function checkNetwork(parts: PlanParts): Check[] {
  const { network } = parts;
  if (network === undefined) return [];
  if (network.length === 0)
    return [fault("network", "network", "the network has no layers", "end it with `dense(…)`")];
  return [
    ...checkEnd(network),
    ...checkEmbeddings(parts),
    ...checkWidths(parts, network),
    ...checkBatch(parts, network),
    ...checkWaste(network),
  ];
}

function checkEnd(network: readonly (Layer | undefined)[]): Check[] {
  const last = network.at(-1);
  if (last === undefined || last.type === "dense") return [];
  return [
    fault(
      "network",
      `network[${network.length - 1}].type`,
      `the last layer is \`${last.type}\``,
      "end the network with a dense layer as wide as the output",
    ),
  ];
}

function checkWidths(parts: PlanParts, network: readonly (Layer | undefined)[]): Check[] {
  const widths = widthsBefore(parts, network);
  return network.flatMap((layer, i) =>
    layer?.type === "layerNorm" && widths[i] === 1
      ? [
          fault(
            "network",
            `network[${i}].type`,
            "a `layerNorm` of one column makes the same number of every row",
            "leave it out, or use `batchNorm`",
          ),
        ]
      : [],
  );
}

/** The width before each layer, undefined where it cannot be told. */
function widthsBefore(
  { features }: PlanParts,
  network: readonly (Layer | undefined)[],
): (number | undefined)[] {
  const unitsOf = new Map<string, number>();
  for (const layer of network)
    if (layer?.type === "embedding")
      for (const column of layer.columns) unitsOf.set(column, layer.units);
  let width = features?.reduce<number | undefined>((sum, feature) => {
    if (sum === undefined || feature === undefined) return undefined;
    if (feature.kind !== "category") return sum + 1;
    return sum + (unitsOf.get(feature.column) ?? feature.vocabulary.length + 1);
  }, 0);
  return network.map((layer) => {
    const before = width;
    if (layer === undefined) width = undefined;
    else if (layer.type === "dense") width = layer.units;
    return before;
  });
}

function checkBatch({ batch }: PlanParts, network: readonly (Layer | undefined)[]): Check[] {
  const i = network.findIndex((layer) => layer?.type === "batchNorm");
  if (i < 0 || batch !== 1) return [];
  return [
    fault(
      "network",
      "batch",
      `a batch of one row has no variance, by which network[${i}] would normalise it`,
      "take more rows a batch, or `layerNorm`",
    ),
  ];
}

function checkWaste(network: readonly (Layer | undefined)[]): Check[] {
  return network.flatMap((layer, i): Check[] => {
    const next = network[i + 1];
    if (layer?.type !== "dense" || layer.activation !== "linear") return [];
    if (next?.type === "dense")
      return [
        {
          name: "network",
          verdict: "warn",
          where: `network[${i}].activation`,
          message: "two dense layers follow each other with nothing but a linear map between them",
          hint: "give the first an activation such as `relu`, or leave it out",
        },
      ];
    if (next?.type === "batchNorm" && layer.bias)
      return [
        {
          name: "network",
          verdict: "warn",
          where: `network[${i}].bias`,
          message: "the `batchNorm` after it takes the bias away again, so it learns nothing",
          hint: "say `bias: false`",
        },
      ];
    return [];
  });
}
