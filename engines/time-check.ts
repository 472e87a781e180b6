import type { Table } from "../data/table.ts";
import { fittingValues, type PlanColumns } from "./column-check.ts";
import { fault } from "./fault.ts";
import type { Check } from "./receipt.ts";
import { countOf, listRows, rowsWhere } from "./row-list.ts";
import { timeFromValue } from "./table-values.ts";

/** Whether each row has the time by which the plan parts them. */
export function checkTimes({ split }: PlanColumns, rows: Table): Check[] {
  if (split?.kind !== "time") return [];
  const values = fittingValues(rows, split);
  if (values === undefined) return [];
  const missing = rowsWhere(values, (value) => Number.isNaN(timeFromValue(value)));
  if (missing.length === 0) return [];
  return [
    fault(
      "values",
      split.column,
      `${countOf(missing, "row has", "rows have")} no time, so the split cannot place ${missing.length === 1 ? "it" : "them"}: ${listRows(missing)}`,
      `leave them out: \`where ${split.column} is not null\``,
    ),
  ];
}
