import type { Table } from "../data/table.ts";
import { checkBaseline } from "./baseline-check.ts";
import { checkColumns, columnUses, type PlanColumns } from "./column-check.ts";
import { fault } from "./fault.ts";
import { checkLabels } from "./label-check.ts";
import type { Plan } from "./plan.ts";
import type { Check } from "./receipt.ts";
import { checkParts, partsText, splitParts } from "./split-check.ts";
import { checkTimes } from "./time-check.ts";
import { checkValues } from "./value-check.ts";

/**
 * Whether a plan can be trained on these rows, all faults at once: columns there and of a fitting
 * type, labels present and in the vocabulary, values present where the plan refuses missing ones,
 * every class and enough rows for split and batch. Row numbers count from 1.
 *
 * @param plan that `checkPlan` lets pass
 * @returns one check a fault, and one that passes for each of `columns`, `labels`, `values`, `rows`
 *   without faults; `split` says how the rows are parted, where that can be told
 */
export function checkRows(plan: Plan, rows: Table): Check[] {
  if (!rows.isLocal) return [notHere(rows)];
  const faults = columnFaults(plan, rows);
  const parts = splitParts(plan, rows);
  if (parts === undefined) return withPasses(faults, columnPasses(plan));
  const size = checkParts(plan, rows.numRows, parts);
  return withPasses([...faults, ...size], {
    ...columnPasses(plan),
    rows: `${rows.numRows.toLocaleString("en")} rows are enough for the split and the batch`,
    ...(!size.some(({ verdict }) => verdict === "fail") && { split: partsText(plan.split, parts) }),
  });
}

/**
 * The part of {@link checkRows} that needs the plan's columns alone, for a plan that is faulty
 * elsewhere: columns, labels and values.
 */
export function checkColumnValues(columns: PlanColumns, rows: Table): Check[] {
  if (!rows.isLocal) return [notHere(rows)];
  return withPasses(columnFaults(columns, rows), columnPasses(columns));
}

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
    ...checkTimes(columns, rows),
    ...checkBaseline(columns, rows),
  ];
}

function columnPasses(columns: PlanColumns): Readonly<Record<string, string>> {
  const names = new Set(columnUses(columns).map(({ column }) => column));
  return {
    columns: `${names.size} columns are there and of fitting types`,
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
