import type { Table } from "../data/table.ts";
import { fittingValues, type PlanColumns } from "./column-check.ts";
import type { Check } from "./receipt.ts";
import { emptyBaseline, wildProbabilities, wildValues } from "./row-faults.ts";
import { isMissing, rowsNotFinite, rowsWhere } from "./row-list.ts";
import { numberFromValue } from "./table-values.ts";

/** Whether the plan's baseline holds predictions: numbers, and for classes probabilities. */
export function checkBaseline({ baseline, target }: PlanColumns, rows: Table): Check[] {
  if (baseline === undefined) return [];
  const { column } = baseline;
  const values = fittingValues(rows, { column, kind: "number" });
  if (values === undefined) return [];
  if (values.length > 0 && values.every(isMissing)) return [emptyBaseline(column)];
  return target.kind === "number"
    ? wildValues(column, rowsNotFinite(values))
    : wildProbabilities(column, rowsWithoutProbability(values));
}

function rowsWithoutProbability(values: readonly unknown[]): number[] {
  return rowsWhere(values, (value) => {
    const probability = numberFromValue(value);
    return !isMissing(value) && !(probability >= 0 && probability <= 1);
  });
}
