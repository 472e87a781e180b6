import { isTable } from "../../data/memory-table.ts";
import type { Table } from "../../data/table.ts";
import { checkMemory } from "../memory-check.ts";
import { checkPlan } from "../plan-check.ts";
import type { Plan } from "../plan.ts";
import { checkRows } from "../row-check.ts";
import type { TrainingData } from "../training-data.ts";

/**
 * Why a plan cannot be trained on these rows, and how many more reasons there are; undefined where
 * nothing speaks against it. Encoded rows have been checked by whoever encoded them.
 */
export function firstFault(plan: Plan, rows: Table | TrainingData): string | undefined {
  const planFaults = checkPlan(plan).filter(({ verdict }) => verdict === "fail");
  const faults =
    planFaults.length > 0 || !isTable(rows)
      ? planFaults
      : [...checkRows(plan, rows), checkMemory(plan, rows.numRows)].filter(
          ({ verdict }) => verdict === "fail",
        );
  const [first, ...others] = faults;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${first.where === undefined ? "" : `${first.where}: `}${first.message}${more}`;
}

/** Why rows cannot be trained on as they are parted; undefined where they can. */
export function emptyPart({ training, validation }: TrainingData): string | undefined {
  return training.numRows > 0 && validation.numRows > 0
    ? undefined
    : `split: ${training.numRows} rows are for training and ${validation.numRows} for validation; both need some`;
}
