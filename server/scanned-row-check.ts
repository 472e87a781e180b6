import { MemoryTable, quoteName } from "../data/index.ts";
import type { Column } from "../data/table.ts";
import { checkColumns } from "../engines/column-check.ts";
import { targetClasses } from "../engines/plan-shape.ts";
import type { Plan } from "../engines/plan.ts";
import type { Check } from "../engines/receipt.ts";
import {
  absentClasses,
  emptyBaseline,
  missingLabels,
  missingTimes,
  missingValues,
  strangeLabels,
  wildLabels,
  wildProbabilities,
  wildValues,
} from "../engines/row-faults.ts";
import { wordIndexExpression } from "./coded-scan.ts";
import type { RowDatabase } from "./row-database.ts";

/**
 * Why a plan cannot be trained on the rows of a table in a database: the faults that `checkRows` finds
 * in rows in memory, in the same words, but for those of the split.
 */
export async function checkScannedRows(
  database: RowDatabase,
  table: string,
  columns: readonly Column[],
  plan: Plan,
): Promise<Check[]> {
  const wrongColumns = checkColumns(plan, emptyTable(columns));
  if (wrongColumns.length > 0) return wrongColumns;
  const rows = new RowFinder(database, table);
  return [
    ...(await labelFaults(rows, plan)),
    ...(await valueFaults(rows, plan)),
    ...(await timeFaults(rows, plan)),
    ...(await baselineFaults(rows, plan)),
  ];
}

function emptyTable(columns: readonly Column[]): MemoryTable {
  return new MemoryTable(
    "rows",
    columns.map((column) => ({ column, values: [] })),
    0,
  );
}

/** Finds rows in a table by a condition. */
class RowFinder {
  constructor(
    private readonly database: RowDatabase,
    private readonly table: string,
  ) {}

  /**
   * Numbers, from 1, of the rows for which something holds; only the first six are really there, the
   * length tells of all.
   */
  async where(condition: string): Promise<readonly number[]> {
    const [[count, first] = []] = await this.select(
      `select count(*)::DOUBLE, min(tierbook_row, 6) from numbered where ${condition}`,
    );
    return listed(count, first);
  }

  /** Words by the rows in which they stand, in the order in which they first come up. */
  async words(word: string, condition: string): Promise<[word: string, rows: readonly number[]][]> {
    const rows = await this.select(
      `select ${word}, count(*)::DOUBLE, min(tierbook_row, 6) from numbered where ${condition}
        group by 1 order by min(tierbook_row) limit 1000`,
    );
    return rows.map(([word, count, first]) => [String(word), listed(count, first)]);
  }

  async count(expression: string): Promise<number> {
    const [[count] = []] = await this.select(`select ${expression}::DOUBLE from numbered`);
    return Number(count);
  }

  private async select(sql: string): Promise<unknown[][]> {
    return await this.database.rows(
      `with numbered as (select row_number() over ()::DOUBLE as tierbook_row, * from ${this.table}) ${sql}`,
    );
  }
}

function listed(count: unknown, first: unknown): number[] {
  const rows = Array.isArray(first) ? first.map(Number) : [];
  rows.length = Number(count);
  return rows;
}

async function labelFaults(rows: RowFinder, { target }: Plan): Promise<Check[]> {
  const { column } = target;
  const name = quoteName(column);
  const checks = missingLabels(column, await rows.where(`${name} is null`));
  const classes = targetClasses(target);
  if (classes === undefined)
    return [...checks, ...wildLabels(column, await rows.where(isWild(column)))];
  const index = wordIndexExpression(classes, column);
  const strangers = await rows.words(
    `${name}::VARCHAR`,
    `${name} is not null and ${index} is null`,
  );
  const there = new Set((await rows.words(`${index}::VARCHAR`, "true")).map(([code]) => code));
  const absent = classes.filter((_, code) => !there.has(String(code)));
  return [
    ...checks,
    ...strangeLabels(column, classes, strangers),
    ...absentClasses(column, absent),
  ];
}

async function valueFaults(rows: RowFinder, { features }: Plan): Promise<Check[]> {
  const checks: Check[] = [];
  for (const feature of features) {
    if (feature.kind === "category") continue;
    const { column, kind, missing } = feature;
    if (missing === "refuse")
      checks.push(...missingValues(feature, await rows.where(`${quoteName(column)} is null`)));
    if (kind === "number") checks.push(...wildValues(column, await rows.where(isWild(column))));
  }
  return checks;
}

async function timeFaults(rows: RowFinder, { split }: Plan): Promise<Check[]> {
  if (split.kind !== "time") return [];
  const name = quoteName(split.column);
  return missingTimes(split.column, await rows.where(`${name} is null or not isfinite(${name})`));
}

async function baselineFaults(rows: RowFinder, { baseline, target }: Plan): Promise<Check[]> {
  if (baseline === undefined) return [];
  const { column } = baseline;
  const name = quoteName(column);
  if ((await rows.count(`count(${name})`)) === 0) return [emptyBaseline(column)];
  return target.kind === "number"
    ? wildValues(column, await rows.where(isWild(column)))
    : wildProbabilities(column, await rows.where(`not (${name}::DOUBLE between 0 and 1)`));
}

/** SQL that holds for a value that is there and is no finite number. */
function isWild(column: string): string {
  return `not isfinite(${quoteName(column)}::DOUBLE)`;
}
