import { fault } from "./fault.ts";
import { meant } from "./field-fault.ts";
import type { PlanParts } from "./plan-parts.ts";
import type { EmbeddingLayer, Feature } from "./plan.ts";
import type { Check } from "./receipt.ts";

/**
 * What embedding layers must be: before all others, each of category features that no other one
 * names, those of one layer with the same vocabulary.
 */
export function checkEmbeddings({ features, network = [] }: PlanParts): Check[] {
  const checks: Check[] = [];
  const takenBy = new Map<string, number>();
  let other: string | undefined;
  network.forEach((layer, i) => {
    if (layer === undefined) return;
    if (layer.type !== "embedding") {
      other ??= layer.type;
      return;
    }
    if (other !== undefined)
      checks.push(
        fault(
          "network",
          `network[${i}].type`,
          `an \`embedding\` stands after a \`${other}\`, which leaves no words to embed`,
          "put the embedding layers first",
        ),
      );
    checks.push(...checkTaken(layer, i, takenBy));
    if (features !== undefined)
      checks.push(...checkColumns(layer, i, features), ...checkVocabularies(layer, i, features));
  });
  return checks;
}

function checkTaken(layer: EmbeddingLayer, i: number, takenBy: Map<string, number>): Check[] {
  return layer.columns.flatMap((column, j): Check[] => {
    const before = takenBy.get(column);
    takenBy.set(column, before ?? i);
    if (before === undefined) return [];
    const by = before === i ? "this layer" : `network[${before}]`;
    return [
      fault(
        "network",
        `network[${i}].columns[${j}]`,
        `\`${column}\` is embedded by ${by} already`,
        "name each column once",
      ),
    ];
  });
}

function checkColumns(
  layer: EmbeddingLayer,
  i: number,
  features: readonly (Feature | undefined)[],
): Check[] {
  return layer.columns.flatMap((column, j): Check[] => {
    const where = `network[${i}].columns[${j}]`;
    const feature = features.find((one) => one?.column === column);
    if (feature?.kind === "category") return [];
    if (feature !== undefined)
      return [
        fault(
          "network",
          where,
          `\`${column}\` is a ${feature.kind}, which has no words to embed`,
          "leave it out: it goes into the network as it is",
        ),
      ];
    // a malformed feature, which is reported elsewhere, may be this one
    if (features.includes(undefined)) return [];
    return [
      fault(
        "network",
        where,
        `\`${column}\` is no feature of the plan`,
        meant(column, wordColumns(features)) ?? `add \`${column}\` to the features`,
      ),
    ];
  });
}

function checkVocabularies(
  layer: EmbeddingLayer,
  i: number,
  features: readonly (Feature | undefined)[],
): Check[] {
  const named = layer.columns.flatMap((column) => {
    const feature = features.find((one) => one?.column === column);
    return feature?.kind === "category" ? [feature] : [];
  });
  const [first, ...others] = named;
  const different = others.filter(({ vocabulary }) => !isSame(vocabulary, first?.vocabulary ?? []));
  if (first === undefined || different.length === 0) return [];
  const calls = layer.columns.map((column) => `embedding("${column}", ${layer.units})`);
  return [
    fault(
      "network",
      `network[${i}].columns`,
      `they share one table of vectors, but ${different.map(({ column }) => `\`${column}\``).join(", ")} ${different.length === 1 ? "has" : "have"} another vocabulary than \`${first.column}\``,
      `give each a layer: \`${calls.join(", ")}\`; or declare the same \`values\` for them in the schema`,
    ),
  ];
}

function wordColumns(features: readonly (Feature | undefined)[]): string[] {
  return features.flatMap((feature) => (feature?.kind === "category" ? [feature.column] : []));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}
