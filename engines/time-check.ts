import type { Table } from "../data/table.ts";
import { fittingValues, type PlanColumns } from "./column-check.ts";
import type { Check } from "./receipt.ts";
import { missingTimes } from "./row-faults.ts";
import { rowsWhere } from "./row-list.ts";
import { timeFromValue } from "./table-values.ts";

/** Whether each row has the time by which the plan parts them. */
export function checkTimes({ split }: PlanColumns, rows: Table): Check[] {
  if (split?.kind !== "time") return [];
  const values = fittingValues(rows, split);
  if (values === undefined) return [];
  const missing = rowsWhere(values, (value) => Number.isNaN(timeFromValue(value)));
  return missingTimes(split.column, missing);
}
