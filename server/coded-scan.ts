import { dateFromMicroseconds } from "../data/column.ts";
import { quoteName, quoteText } from "../data/index.ts";
import { readExpression } from "../data/read-expression.ts";
import { parseSqlType } from "../data/sql-type.ts";
import type { Column } from "../data/table.ts";
import type { CodedRows } from "../engines/encode-rows.ts";
import { targetClasses } from "../engines/plan-shape.ts";
import type { Feature, Plan, Target } from "../engines/plan.ts";
import { doublesOf, type RowDatabase } from "./row-database.ts";

/** Rows that are coded and encoded at once. */
const blockRows = 32_768;

/** What a scan reads of the rows besides the target: the less, the faster. */
export interface CodedScan {
  /**
   * `split`: what parts the rows, `numbers`: the features that means are fitted to, `all`: all
   * features and the baseline. What is not wanted has no values in a block, or is not there.
   */
  readonly wanted: "split" | "numbers" | "all";
}

/**
 * The rows of a table as numbers, block by block in row order: what `codedRowsFromTable` gives of
 * rows in memory. Words become indices inside the database.
 *
 * What a block holds is good until the next one.
 *
 * @param table that `checkScannedRows` lets pass
 */
export async function* codedBlocks(
  database: RowDatabase,
  table: string,
  columns: readonly Column[],
  plan: Plan,
  { wanted }: CodedScan,
): AsyncGenerator<CodedRows> {
  const read = (name: string): Column => {
    const column = columns.find((column) => column.name === name);
    if (column === undefined) throw new Error(`there is no column ${name}`);
    return column;
  };
  const isCoded = ({ kind }: Feature): boolean =>
    wanted === "all" || (wanted === "numbers" && kind === "number");
  const coded = plan.features.filter(isCoded);
  const baselineColumn = wanted === "all" ? plan.baseline?.column : undefined;
  const timeColumn =
    wanted === "split" && plan.split.kind === "time" ? plan.split.column : undefined;
  const expressions = [
    ...coded.map((feature) => codeExpression(feature, read(feature.column))),
    codeExpression(plan.target, read(plan.target.column)),
    ...(baselineColumn === undefined ? [] : [numberExpression(read(baselineColumn))]),
    ...(timeColumn === undefined ? [] : [numberExpression(read(timeColumn))]),
  ];
  const blocks = numberBlocks(
    database,
    `select ${expressions.join(", ")} from ${table}`,
    expressions.length,
  );
  for await (const { numRows, values } of blocks) {
    const rest = values.slice(coded.length);
    const target = rest.shift() ?? nothing;
    // a word that is none of the classes is no label; among the features it is the unknown
    if (plan.target.kind !== "number")
      for (let row = 0; row < numRows; row++) if ((target[row] ?? -1) < 0) target[row] = NaN;
    const baseline = baselineColumn === undefined ? undefined : rest.shift();
    const time = timeColumn === undefined ? undefined : rest.shift()?.map(millisecondsOf);
    yield {
      numRows,
      features: plan.features.map((feature) =>
        isCoded(feature) ? (values[coded.indexOf(feature)] ?? nothing) : nothing,
      ),
      target,
      ...(baseline && { baseline }),
      ...(time && { time }),
    };
  }
}

const nothing = new Float64Array();

/** SQL that gives a word's index in a vocabulary, or null for a missing and an unknown one. */
export function wordIndexExpression(words: readonly string[], column: string): string {
  return `enum_code(try_cast(${quoteName(column)}::VARCHAR as enum(${words.map(quoteText).join(", ")})))`;
}

/** SQL that gives what `CodedRows` has for a feature or the target, as a DOUBLE that is never null. */
function codeExpression(feature: Feature | Target, column: Column): string {
  switch (feature.kind) {
    case "number":
      return numberExpression(column);
    case "boolean":
      return `coalesce(${quoteName(column.name)}::INTEGER::DOUBLE, 'NaN'::DOUBLE)`;
    case "category": {
      const words = targetClasses(feature) ?? [];
      return `coalesce(${wordIndexExpression(words, column.name)}::DOUBLE, -1)`;
    }
  }
}

/** SQL that gives a number, or a time as microseconds, NaN where it is missing. */
function numberExpression({ name, sqlType }: Column): string {
  return `coalesce((${readExpression(name, parseSqlType(sqlType))})::DOUBLE, 'NaN'::DOUBLE)`;
}

function millisecondsOf(microseconds: number): number {
  return dateFromMicroseconds(microseconds).getTime();
}

/** A result of DOUBLE columns in blocks of equal size, the last one shorter. */
async function* numberBlocks(
  database: RowDatabase,
  sql: string,
  width: number,
): AsyncGenerator<{ readonly numRows: number; readonly values: Float64Array[] }> {
  const block = Array.from({ length: width }, () => new Float64Array(blockRows));
  let filled = 0;
  for await (const chunk of database.scan(sql)) {
    for (let start = 0; start < chunk.rowCount;) {
      const end = Math.min(chunk.rowCount, start + blockRows - filled);
      block.forEach((into, i) => into.set(doublesOf(chunk, i).subarray(start, end), filled));
      filled += end - start;
      start = end;
      if (filled < blockRows) continue;
      yield { numRows: filled, values: [...block] };
      filled = 0;
    }
  }
  if (filled > 0)
    yield { numRows: filled, values: block.map((values) => values.subarray(0, filled)) };
}
