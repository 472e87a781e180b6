import type { Table } from "../data/table.ts";
import { fittingValues, type PlanColumns } from "./column-check.ts";
import { targetClasses } from "./plan-shape.ts";
import type { Check } from "./receipt.ts";
import { absentClasses, missingLabels, strangeLabels, wildLabels } from "./row-faults.ts";
import { isMissing, rowsNotFinite, rowsWhere } from "./row-list.ts";
import { wordFromValue } from "./table-values.ts";

/** Whether each row has a label that the plan knows, and each class has rows. */
export function checkLabels(plan: PlanColumns, rows: Table): Check[] {
  const { target } = plan;
  const values = fittingValues(rows, target);
  if (values === undefined) return [];
  const checks = missingLabels(target.column, rowsWhere(values, isMissing));
  const classes = targetClasses(target);
  if (classes === undefined)
    return [...checks, ...wildLabels(target.column, rowsNotFinite(values))];
  const counts = new Map(classes.map((name) => [name, 0]));
  const strangers = new Map<string, number[]>();
  values.forEach((value, i) => {
    const word = wordFromValue(value);
    if (word === undefined) return;
    const count = counts.get(word);
    if (count !== undefined) counts.set(word, count + 1);
    else {
      const at = strangers.get(word);
      if (at === undefined) strangers.set(word, [i + 1]);
      else at.push(i + 1);
    }
  });
  checks.push(...strangeLabels(target.column, classes, [...strangers]));
  const absent = classes.filter((name) => counts.get(name) === 0);
  const scarce = classes.filter((name) => counts.get(name) === 1);
  checks.push(...absentClasses(target.column, absent));
  if (scarce.length > 0)
    checks.push({
      name: "labels",
      verdict: "warn",
      where: target.column,
      message: `only one row has ${scarce.map((name) => `\`${name}\``).join(", ")}, so it cannot be both learned and checked`,
      hint: "take a sample with at least two rows of each class",
    });
  return checks;
}
