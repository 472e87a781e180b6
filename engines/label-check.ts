import type { Table } from "../data/table.ts";
import { fittingValues, type PlanColumns } from "./column-check.ts";
import { fault } from "./fault.ts";
import { nearestName } from "./nearest-name.ts";
import { targetClasses } from "./plan-shape.ts";
import type { Check } from "./receipt.ts";
import { countOf, isMissing, listRows, rowsNotFinite, rowsWhere } from "./row-list.ts";
import { wordFromValue } from "./table-values.ts";

/** Whether each row has a label that the plan knows, and each class has rows. */
export function checkLabels(plan: PlanColumns, rows: Table): Check[] {
  const { target } = plan;
  const values = fittingValues(rows, target);
  if (values === undefined) return [];
  const missing = rowsWhere(values, isMissing);
  const checks: Check[] = [];
  if (missing.length > 0)
    checks.push(
      fault(
        "labels",
        target.column,
        `${countOf(missing, "row has", "rows have")} no label: ${listRows(missing)}`,
        `leave them out: \`where ${target.column} is not null\``,
      ),
    );
  const classes = targetClasses(target);
  if (classes === undefined) {
    const wild = rowsNotFinite(values);
    if (wild.length > 0)
      checks.push(
        fault(
          "labels",
          target.column,
          `${countOf(wild, "label is", "labels are")} not finite: ${listRows(wild)}`,
        ),
      );
    return checks;
  }
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
  for (const [word, at] of [...strangers].slice(0, mostStrangers))
    checks.push(
      fault(
        "labels",
        target.column,
        `the label \`${word.slice(0, 60)}\` is not in the vocabulary: ${listRows(at)}`,
        nearestHint(word, classes) ??
          `the plan knows ${classes.map((name) => `\`${name}\``).join(", ")}`,
      ),
    );
  if (strangers.size > mostStrangers)
    checks.push(
      fault(
        "labels",
        target.column,
        `${strangers.size - mostStrangers} more labels are not in the vocabulary`,
        "is this the right column?",
      ),
    );
  const absent = classes.filter((name) => counts.get(name) === 0);
  const scarce = classes.filter((name) => counts.get(name) === 1);
  if (absent.length > 0)
    checks.push(
      fault(
        "labels",
        target.column,
        `no row has the ${absent.length === 1 ? "class" : "classes"} ${absent.map((name) => `\`${name}\``).join(", ")}`,
        "take a larger sample, or leave the class out of the vocabulary",
      ),
    );
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

/** Labels outside the vocabulary that are named one by one. */
const mostStrangers = 10;

function nearestHint(word: string, words: readonly string[]): string | undefined {
  const nearest = nearestName(word, words);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}
