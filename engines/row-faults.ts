import { fault } from "./fault.ts";
import { meant } from "./field-fault.ts";
import type { Feature } from "./plan.ts";
import type { Check } from "./receipt.ts";
import { countOf, listRows } from "./row-list.ts";

/*
 * What is wrong with rows, in words: one wording for rows in memory and for rows in a database. Each
 * takes the numbers, from 1, of the rows that it is about, and says nothing where there are none.
 */

/** Rows without a label. */
export function missingLabels(column: string, rows: readonly number[]): Check[] {
  if (rows.length === 0) return [];
  return [
    fault(
      "labels",
      column,
      `${countOf(rows, "row has", "rows have")} no label: ${listRows(rows)}`,
      `leave them out: \`where ${column} is not null\``,
    ),
  ];
}

/** Labels that are numbers and not finite. */
export function wildLabels(column: string, rows: readonly number[]): Check[] {
  if (rows.length === 0) return [];
  return [
    fault(
      "labels",
      column,
      `${countOf(rows, "label is", "labels are")} not finite: ${listRows(rows)}`,
    ),
  ];
}

/** Labels that are none of the classes, by the rows in which they stand. */
export function strangeLabels(
  column: string,
  classes: readonly string[],
  strangers: readonly (readonly [word: string, rows: readonly number[]])[],
): Check[] {
  const checks = strangers
    .slice(0, mostStrangers)
    .map(([word, rows]) =>
      fault(
        "labels",
        column,
        `the label \`${word.slice(0, 60)}\` is not in the vocabulary: ${listRows(rows)}`,
        meant(word, classes) ?? `the plan knows ${classes.map((name) => `\`${name}\``).join(", ")}`,
      ),
    );
  if (strangers.length > mostStrangers)
    checks.push(
      fault(
        "labels",
        column,
        `${strangers.length - mostStrangers} more labels are not in the vocabulary`,
        "is this the right column?",
      ),
    );
  return checks;
}

/** Labels outside the vocabulary that are named one by one. */
const mostStrangers = 10;

/** Classes that no row has. */
export function absentClasses(column: string, absent: readonly string[]): Check[] {
  if (absent.length === 0) return [];
  return [
    fault(
      "labels",
      column,
      `no row has the ${absent.length === 1 ? "class" : "classes"} ${absent.map((name) => `\`${name}\``).join(", ")}`,
      "take a larger sample, or leave the class out of the vocabulary",
    ),
  ];
}

/** Rows without a value where the feature refuses that. */
export function missingValues({ column, kind }: Feature, rows: readonly number[]): Check[] {
  if (rows.length === 0) return [];
  return [
    fault(
      "values",
      column,
      `${countOf(rows, "row has", "rows have")} no value: ${listRows(rows)}`,
      kind === "number"
        ? 'leave them out, or say `missing: "mean"`'
        : 'leave them out, or say `missing: "false"`',
    ),
  ];
}

/** Values that are no finite numbers. */
export function wildValues(column: string, rows: readonly number[]): Check[] {
  if (rows.length === 0) return [];
  return [
    fault(
      "values",
      column,
      `${countOf(rows, "value is", "values are")} not finite: ${listRows(rows)}`,
      "leave them out, or make them null",
    ),
  ];
}

/** Rows without a time to part them by. */
export function missingTimes(column: string, rows: readonly number[]): Check[] {
  if (rows.length === 0) return [];
  return [
    fault(
      "values",
      column,
      `${countOf(rows, "row has", "rows have")} no time, so the split cannot place ${rows.length === 1 ? "it" : "them"}: ${listRows(rows)}`,
      `leave them out: \`where ${column} is not null\``,
    ),
  ];
}

/** A baseline without a single value. */
export function emptyBaseline(column: string): Check {
  return fault(
    "values",
    column,
    `no row has a value in \`${column}\`, so there is no baseline to beat`,
    "leave the baseline out, or take other rows",
  );
}

/** Values of a baseline for classes that are no probabilities. */
export function wildProbabilities(column: string, rows: readonly number[]): Check[] {
  if (rows.length === 0) return [];
  return [
    fault(
      "values",
      column,
      `${countOf(rows, "value of the baseline is no probability", "values of the baseline are no probabilities")}: ${listRows(rows)}`,
      "give each row the probability of the second class, in [0, 1], or null",
    ),
  ];
}
