import type { Table } from "../data/table.ts";
import { fittingValues, type PlanColumns } from "./column-check.ts";
import { fault } from "./fault.ts";
import type { Check } from "./receipt.ts";
import { countOf, isMissing, listRows, rowsNotFinite, rowsWhere } from "./row-list.ts";
import { numberFromValue } from "./table-values.ts";

/** Whether the plan's baseline holds predictions: numbers, and for classes probabilities. */
export function checkBaseline({ baseline, target }: PlanColumns, rows: Table): Check[] {
  if (baseline === undefined) return [];
  const { column } = baseline;
  const values = fittingValues(rows, { column, kind: "number" });
  if (values === undefined) return [];
  if (values.length > 0 && values.every(isMissing))
    return [
      fault(
        "values",
        column,
        `no row has a value in \`${column}\`, so there is no baseline to beat`,
        "leave the baseline out, or take other rows",
      ),
    ];
  const wild = target.kind === "number" ? rowsNotFinite(values) : rowsWithoutProbability(values);
  if (wild.length === 0) return [];
  return [
    target.kind === "number"
      ? fault(
          "values",
          column,
          `${countOf(wild, "value is", "values are")} not finite: ${listRows(wild)}`,
          "leave them out, or make them null",
        )
      : fault(
          "values",
          column,
          `${countOf(wild, "value of the baseline is no probability", "values of the baseline are no probabilities")}: ${listRows(wild)}`,
          "give each row the probability of the second class, in [0, 1], or null",
        ),
  ];
}

function rowsWithoutProbability(values: readonly unknown[]): number[] {
  return rowsWhere(values, (value) => {
    const probability = numberFromValue(value);
    return !isMissing(value) && !(probability >= 0 && probability <= 1);
  });
}
