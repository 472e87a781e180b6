import type { Table } from "../data/table.ts";
import { fittingValues } from "./column-check.ts";
import { fault } from "./fault.ts";
import type { Plan, ShareSplit, Split, TimeSplit } from "./plan.ts";
import type { Check } from "./receipt.ts";
import { splitRows, timeCutoff } from "./split.ts";
import { targetNumbers, timeFromValue } from "./table-values.ts";
import { momentText, spanText } from "./time-text.ts";

/** How many rows a split gives to each part. */
export interface SplitParts {
  readonly training: number;
  readonly validation: number;
  /** rows of neither part */
  readonly gap: number;
  /** for a split by time, in milliseconds since 1970 UTC */
  readonly times?: {
    readonly cutoff: number;
    readonly first: number;
    readonly last: number;
  };
}

/** How a plan's split parts the rows; undefined where some of them have no time to be parted by. */
export function splitParts(plan: Plan, rows: Table): SplitParts | undefined {
  return plan.split.kind === "time"
    ? partsByTime(plan, plan.split, rows)
    : partsByChance(plan, plan.split, rows);
}

/** Whether both parts have rows, and a batch has enough of them. */
export function checkParts(plan: Plan, numRows: number, parts: SplitParts): Check[] {
  if (parts.training < 1 || parts.validation < 1)
    return [
      plan.split.kind === "time"
        ? emptyPart(plan.split, parts)
        : fault(
            "rows",
            "split.validation",
            `${numRows} ${numRows === 1 ? "row" : "rows"} cannot be parted into training and validation rows with a share of ${plan.split.validation}`,
            "take more rows, or another share",
          ),
    ];
  if (parts.training >= plan.batch) return [];
  return [
    {
      name: "rows",
      verdict: "warn",
      where: "batch",
      message: `a batch of ${plan.batch} is more than the ${parts.training} training rows, so each step takes them all`,
      hint: "take more rows, or a smaller batch",
    },
  ];
}

/** Parts in words: `81 training rows before 2001-06-01, 39 validation rows from then on`. */
export function partsText(split: Split, { training, validation, gap, times }: SplitParts): string {
  const learned = rowCount(training, "training");
  const checked = rowCount(validation, "validation");
  if (split.kind !== "time" || times === undefined)
    return `${learned} and ${checked}, by chance${split.kind === "stratified" ? " within each class" : ""}`;
  return (
    `${learned} before ${momentText(times.cutoff)}, ${checked} from then on` +
    (split.gap > 0 ? `, ${gap.toLocaleString("en")} in the gap of ${spanText(split.gap)}` : "")
  );
}

function partsByTime(plan: Plan, split: TimeSplit, rows: Table): SplitParts | undefined {
  const values = fittingValues(rows, { column: split.column, kind: "time" });
  const times = Float64Array.from(values ?? [], timeFromValue);
  if (times.length === 0 || times.some(Number.isNaN)) return undefined;
  const parts = splitRows(plan, rows.numRows, undefined, times);
  return {
    training: parts.training.length,
    validation: parts.validation.length,
    gap: parts.gap,
    times: {
      cutoff: timeCutoff(split, times),
      first: times.reduce((a, b) => Math.min(a, b), Infinity),
      last: times.reduce((a, b) => Math.max(a, b), -Infinity),
    },
  };
}

function partsByChance(plan: Plan, split: ShareSplit, rows: Table): SplitParts {
  const wanted = Math.round(rows.numRows * split.validation);
  if (wanted < 1 || wanted >= rows.numRows)
    return { training: rows.numRows - wanted, validation: wanted, gap: 0 };
  const hasClasses = split.kind === "stratified" && fittingValues(rows, plan.target) !== undefined;
  const classOf = hasClasses ? targetNumbers(plan, rows) : undefined;
  const { training, validation } = splitRows(
    plan,
    rows.numRows,
    classOf?.map((label) => (Number.isNaN(label) ? 0 : label)),
  );
  return { training: training.length, validation: validation.length, gap: 0 };
}

function emptyPart(split: TimeSplit, parts: SplitParts): Check {
  const { first = NaN, last = NaN, cutoff = NaN } = parts.times ?? {};
  const message = `the split leaves ${partsText(split, parts)}`;
  if (first === last)
    return fault(
      "rows",
      "split.column",
      message,
      `all rows are of ${momentText(first)}; take some of other times`,
    );
  if (parts.validation > 0 && first < cutoff)
    return fault("rows", "split.gap", message, "take a shorter gap, or more rows from before it");
  const where = "from" in split ? "split.from" : "split.validation";
  return fault(
    "rows",
    where,
    message,
    `the rows are of ${momentText(first)} to ${momentText(last)}; take a moment between, or more rows`,
  );
}

function rowCount(count: number, part: string): string {
  return `${count.toLocaleString("en")} ${part} ${count === 1 ? "row" : "rows"}`;
}
