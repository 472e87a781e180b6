import { MemoryTable, quoteName } from "../data/index.ts";
import type { Column } from "../data/table.ts";
import { checkColumns } from "../engines/column-check.ts";
import { fault } from "../engines/fault.ts";
import { nearestName } from "../engines/nearest-name.ts";
import { targetClasses } from "../engines/plan-shape.ts";
import type { Plan } from "../engines/plan.ts";
import type { Check } from "../engines/receipt.ts";
import { countOf, listRows } from "../engines/row-list.ts";
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
  const name = quoteName(target.column);
  const checks: Check[] = [];
  const missing = await rows.where(`${name} is null`);
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
    const wild = await rows.where(`not isfinite(${name}::DOUBLE)`);
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
  const index = wordIndexExpression(classes, target.column);
  const strangers = await rows.words(
    `${name}::VARCHAR`,
    `${name} is not null and ${index} is null`,
  );
  for (const [word, at] of strangers.slice(0, mostStrangers))
    checks.push(
      fault(
        "labels",
        target.column,
        `the label \`${word.slice(0, 60)}\` is not in the vocabulary: ${listRows(at)}`,
        nearestHint(word, classes) ??
          `the plan knows ${classes.map((name) => `\`${name}\``).join(", ")}`,
      ),
    );
  if (strangers.length > mostStrangers)
    checks.push(
      fault(
        "labels",
        target.column,
        `${strangers.length - mostStrangers} more labels are not in the vocabulary`,
        "is this the right column?",
      ),
    );
  const there = new Set((await rows.words(`${index}::VARCHAR`, "true")).map(([code]) => code));
  const absent = classes.filter((_, code) => !there.has(String(code)));
  if (absent.length > 0)
    checks.push(
      fault(
        "labels",
        target.column,
        `no row has the ${absent.length === 1 ? "class" : "classes"} ${absent.map((name) => `\`${name}\``).join(", ")}`,
        "take a larger sample, or leave the class out of the vocabulary",
      ),
    );
  return checks;
}

/** Labels outside the vocabulary that are named one by one. */
const mostStrangers = 10;

async function valueFaults(rows: RowFinder, { features }: Plan): Promise<Check[]> {
  const checks: Check[] = [];
  for (const feature of features) {
    if (feature.kind === "category") continue;
    const name = quoteName(feature.column);
    const missing = feature.missing === "refuse" ? await rows.where(`${name} is null`) : [];
    if (missing.length > 0)
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
    if (feature.kind === "number") checks.push(...(await wildFaults(rows, feature.column)));
  }
  return checks;
}

async function timeFaults(rows: RowFinder, { split }: Plan): Promise<Check[]> {
  if (split.kind !== "time") return [];
  const name = quoteName(split.column);
  const missing = await rows.where(`${name} is null or not isfinite(${name})`);
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

async function baselineFaults(rows: RowFinder, { baseline, target }: Plan): Promise<Check[]> {
  if (baseline === undefined) return [];
  const { column } = baseline;
  const name = quoteName(column);
  if ((await rows.count(`count(${name})`)) === 0)
    return [
      fault(
        "values",
        column,
        `no row has a value in \`${column}\`, so there is no baseline to beat`,
        "leave the baseline out, or take other rows",
      ),
    ];
  if (target.kind === "number") return await wildFaults(rows, column);
  const wild = await rows.where(`not (${name}::DOUBLE between 0 and 1)`);
  if (wild.length === 0) return [];
  return [
    fault(
      "values",
      column,
      `${countOf(wild, "value of the baseline is no probability", "values of the baseline are no probabilities")}: ${listRows(wild)}`,
      "give each row the probability of the second class, in [0, 1], or null",
    ),
  ];
}

async function wildFaults(rows: RowFinder, column: string): Promise<Check[]> {
  const wild = await rows.where(`not isfinite(${quoteName(column)}::DOUBLE)`);
  if (wild.length === 0) return [];
  return [
    fault(
      "values",
      column,
      `${countOf(wild, "value is", "values are")} not finite: ${listRows(wild)}`,
      "leave them out, or make them null",
    ),
  ];
}

function nearestHint(word: string, words: readonly string[]): string | undefined {
  const nearest = nearestName(word, words);
  return nearest === undefined ? undefined : `did you mean \`${nearest}\`?`;
}
