import type { Table } from "../data/table.ts";
import { fittingValues, type PlanColumns } from "./column-check.ts";
import type { Check } from "./receipt.ts";
import { missingValues, wildValues } from "./row-faults.ts";
import { isMissing, rowsNotFinite, rowsWhere } from "./row-list.ts";
import { wordFromValue } from "./table-values.ts";

/** Whether each feature has the values that the plan wants of it. */
export function checkValues(plan: PlanColumns, rows: Table): Check[] {
  return plan.features.flatMap((feature): Check[] => {
    const values = fittingValues(rows, feature);
    if (values === undefined) return [];
    const checks: Check[] = [];
    if (feature.kind !== "category" && feature.missing === "refuse")
      checks.push(...missingValues(feature, rowsWhere(values, isMissing)));
    if (feature.kind === "number")
      checks.push(...wildValues(feature.column, rowsNotFinite(values)));
    if (feature.kind === "category")
      checks.push(...checkWords(feature.column, feature.vocabulary, values));
    if (values.length > 1 && isConstant(values))
      checks.push({
        name: "values",
        verdict: "warn",
        where: feature.column,
        message: `every row has the same value in \`${feature.column}\`, so nothing can be learned from it`,
        hint: "leave it out of the features",
      });
    return checks;
  });
}

function checkWords(
  column: string,
  vocabulary: readonly string[],
  values: readonly unknown[],
): Check[] {
  const known = new Set(vocabulary);
  const strangers = new Set<string>();
  let count = 0;
  for (const value of values) {
    const word = wordFromValue(value);
    if (word === undefined || known.has(word)) continue;
    strangers.add(word);
    count++;
  }
  if (count === 0) return [];
  const shown = [...strangers].slice(0, 5).map((word) => `\`${word.slice(0, 60)}\``);
  return [
    {
      name: "values",
      verdict: "warn",
      where: column,
      message: `${count} ${count === 1 ? "row has" : "rows have"} words outside the vocabulary of \`${column}\`: ${shown.join(", ")}${strangers.size > 5 ? ", …" : ""}`,
      hint: "they all go to the slot for the unknown; add them to the vocabulary to tell them apart",
    },
  ];
}

function isConstant(values: readonly unknown[]): boolean {
  return values.every((value) => Object.is(value, values[0]));
}
