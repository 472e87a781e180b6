import type { Column, ColumnType, Table } from "../data/table.ts";
import { fault } from "./fault.ts";
import { nearestName } from "./nearest-name.ts";
import { targetClasses } from "./plan-shape.ts";
import type { Feature, Plan, Target } from "./plan.ts";
import type { Check } from "./receipt.ts";
import { numberFromValue, wordFromValue } from "./tensors.ts";

/**
 * Whether a plan can be trained on these rows, all faults at once: columns there and of a fitting
 * type, labels present and in the vocabulary, values present where the plan refuses missing ones,
 * every class and enough rows for split and batch. Row numbers count from 1.
 *
 * @param plan that `checkPlan` lets pass
 * @returns one check a fault, and one that passes for each of `columns`, `labels`, `values`, `rows`
 *   without faults
 */
export function checkRows(plan: Plan, rows: Table): Check[] {
  if (!rows.isLocal) return [notHere(rows)];
  return withPasses([...columnFaults(plan, rows), ...checkSize(plan, rows)], {
    ...columnPasses(plan),
    rows: `${rows.numRows.toLocaleString("en")} rows are enough for the split and the batch`,
  });
}

/**
 * The part of {@link checkRows} that needs the plan's features and target alone, for a plan that is
 * faulty elsewhere: columns, labels and values.
 */
export function checkColumnValues(columns: PlanColumns, rows: Table): Check[] {
  if (!rows.isLocal) return [notHere(rows)];
  return withPasses(columnFaults(columns, rows), columnPasses(columns));
}

/** What a plan reads of a table. */
export type PlanColumns = Pick<Plan, "features" | "target">;

function notHere(rows: Table): Check {
  return fault(
    "rows",
    rows.name,
    `its ${rows.numRows.toLocaleString("en")} rows are in the database, not here`,
    "train on a sample of it",
  );
}

function columnFaults(columns: PlanColumns, rows: Table): Check[] {
  return [
    ...checkColumns(columns, rows),
    ...checkLabels(columns, rows),
    ...checkValues(columns, rows),
  ];
}

function columnPasses({ features }: PlanColumns): Readonly<Record<string, string>> {
  return {
    columns: `${features.length + 1} columns are there and of fitting types`,
    labels: "every row has a label that the plan knows",
    values: "every feature has its values",
  };
}

function withPasses(checks: readonly Check[], passes: Readonly<Record<string, string>>): Check[] {
  return [
    ...checks,
    ...Object.entries(passes)
      .filter(([name]) => !checks.some((check) => check.name === name))
      .map(([name, message]): Check => ({ name, verdict: "pass", message })),
  ];
}

/** Labels outside the vocabulary that are named one by one. */
const mostStrangers = 10;

function checkColumns(plan: PlanColumns, rows: Table): Check[] {
  return [
    ...plan.features.map((feature, i) => ({ feature, where: `features[${i}].column` })),
    { feature: plan.target, where: "target.column" },
  ].flatMap(({ feature, where }): Check[] => {
    const column = columnOf(rows, feature.column);
    if (column === undefined) {
      const nearest = nearestName(
        feature.column,
        rows.columns.map(({ name }) => name),
      );
      return [
        fault(
          "columns",
          where,
          `there is no column \`${feature.column}\` in \`${rows.name}\``,
          nearest === undefined
            ? `it has ${rows.columns.map(({ name }) => `\`${name}\``).join(", ")}`
            : `did you mean \`${nearest}\`?`,
        ),
      ];
    }
    return fits(feature, column.type)
      ? []
      : [
          fault(
            "columns",
            where,
            `\`${column.name}\` is ${column.sqlType}, which is no ${feature.kind}`,
            castHint(feature, column),
          ),
        ];
  });
}

function checkLabels(plan: PlanColumns, rows: Table): Check[] {
  const { target } = plan;
  const column = columnOf(rows, target.column);
  if (column === undefined || !fits(target, column.type)) return [];
  const values = rows.column(target.column);
  const missing = rowsWhere(values, (value) => value === null || value === undefined);
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

function checkValues(plan: PlanColumns, rows: Table): Check[] {
  return plan.features.flatMap((feature): Check[] => {
    const column = columnOf(rows, feature.column);
    if (column === undefined || !fits(feature, column.type)) return [];
    const values = rows.column(feature.column);
    const checks: Check[] = [];
    const missing = rowsWhere(values, (value) => value === null || value === undefined);
    if (feature.kind !== "category" && feature.missing === "refuse" && missing.length > 0)
      checks.push(
        fault(
          "values",
          feature.column,
          `${countOf(missing, "row has", "rows have")} no value: ${listRows(missing)}`,
          feature.kind === "number"
            ? 'leave them out, or say `missing: "mean"`'
            : 'leave them out, or say `missing: "false"`',
        ),
      );
    if (feature.kind === "number") {
      const wild = rowsNotFinite(values);
      if (wild.length > 0)
        checks.push(
          fault(
            "values",
            feature.column,
            `${countOf(wild, "value is", "values are")} not finite: ${listRows(wild)}`,
            "leave them out, or make them null",
          ),
        );
    }
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

function checkSize(plan: Plan, rows: Table): Check[] {
  const checks: Check[] = [];
  const validation = Math.round(rows.numRows * plan.split.validation);
  const training = rows.numRows - validation;
  if (validation < 1 || training < 1)
    checks.push(
      fault(
        "rows",
        "split.validation",
        `${rows.numRows} ${rows.numRows === 1 ? "row" : "rows"} cannot be parted into training and validation rows with a share of ${plan.split.validation}`,
        "take more rows, or another share",
      ),
    );
  else if (training < plan.batch)
    checks.push({
      name: "rows",
      verdict: "warn",
      where: "batch",
      message: `a batch of ${plan.batch} is more than the ${training} training rows, so each step takes them all`,
      hint: "take more rows, or a smaller batch",
    });
  return checks;
}

function columnOf(rows: Table, name: string): Column | undefined {
  return rows.columns.find((column) => column.name === name);
}

function fits(feature: Feature | Target, type: ColumnType): boolean {
  if (feature.kind === "number") return type === "number" || type === "integer";
  if (feature.kind === "boolean") return type === "boolean";
  return type === "string" || type === "integer" || type === "boolean";
}

function castHint(feature: Feature | Target, column: Column): string {
  if (feature.kind === "number") return `cast it in SQL: \`${column.name}::DOUBLE\``;
  if (feature.kind === "boolean") return `cast it in SQL: \`${column.name}::BOOLEAN\``;
  return `cast it in SQL: \`${column.name}::VARCHAR\``;
}

/** Rows whose value is there and is no finite number. */
function rowsNotFinite(values: readonly unknown[]): number[] {
  return rowsWhere(values, (value) => value != null && !Number.isFinite(numberFromValue(value)));
}

function rowsWhere(values: readonly unknown[], test: (value: unknown) => boolean): number[] {
  return values.flatMap((value, i) => (test(value) ? [i + 1] : []));
}

function listRows(rows: readonly number[]): string {
  const shown = rows.slice(0, 5).join(", ");
  return rows.length > 5
    ? `rows ${shown} and ${rows.length - 5} more`
    : `${rows.length === 1 ? "row" : "rows"} ${shown}`;
}

function countOf(rows: readonly number[], one: string, many: string): string {
  return `${rows.length} ${rows.length === 1 ? one : many}`;
}

function nearestHint(word: string, words: readonly string[]): string | undefined {
  const nearest = nearestName(word, words);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}

function isConstant(values: readonly unknown[]): boolean {
  return values.every((value) => Object.is(value, values[0]));
}
