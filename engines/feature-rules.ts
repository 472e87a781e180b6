import { fault } from "./fault.ts";
import type { PlanParts } from "./plan-parts.ts";
import type { Check } from "./receipt.ts";

/** What features and target must be: each column once, the answer not among them, words once. */
export function checkFeatures({ features, target }: PlanParts): Check[] {
  if (features === undefined) return [];
  const checks: Check[] = [];
  if (features.length === 0)
    checks.push(fault("features", "features", "there are no features", "name at least one column"));
  const seen = new Map<string, number>();
  features.forEach((feature, i) => {
    if (feature === undefined) return;
    const where = `features[${i}]`;
    const before = seen.get(feature.column);
    if (before !== undefined)
      checks.push(
        fault(
          "features",
          `${where}.column`,
          `\`${feature.column}\` is feature ${before} already`,
          "name each column once",
        ),
      );
    else seen.set(feature.column, i);
    if (feature.column === target?.column)
      checks.push(
        fault(
          "features",
          `${where}.column`,
          `the target \`${feature.column}\` is among the features: the model would be told the answer`,
          "take it out of the features",
        ),
      );
    if (feature.kind === "category")
      checks.push(...checkVocabulary("features", `${where}.vocabulary`, feature.vocabulary, 1));
  });
  if (target?.kind === "category")
    checks.push(...checkVocabulary("target", "target.vocabulary", target.vocabulary, 2));
  return checks;
}

function checkVocabulary(
  name: string,
  where: string,
  vocabulary: readonly string[],
  least: number,
): Check[] {
  const checks: Check[] = [];
  if (vocabulary.length < least)
    checks.push(
      fault(
        name,
        where,
        `it has ${vocabulary.length} ${vocabulary.length === 1 ? "word" : "words"}`,
        `expected at least ${least}; \`schema\` finds the vocabulary of a column`,
      ),
    );
  const seen = new Set<string>();
  const twice = vocabulary.filter((word) => seen.has(word) || !seen.add(word));
  if (twice.length > 0)
    checks.push(
      fault(name, where, `${twice.map((word) => `\`${word}\``).join(", ")} stands there twice`),
    );
  return checks;
}
