import { classSql, sampleSql, type Table } from "../data/index.ts";
import { quoteName } from "../data/sql-type.ts";
import { nearestName } from "../engines/nearest-name.ts";
import type { Check, ReceiptBody } from "../engines/receipt.ts";
import { isPassing, worstVerdict } from "../engines/verdict.ts";
import { digestKey } from "../runtime/digest.ts";
import type { Live } from "../runtime/live.ts";
import type { Card } from "./card.ts";
import type { Host } from "./host.ts";
import { count, formatShare, shortDigest } from "./number-format.ts";
import { describe, list, readCount, readOptions } from "./options.ts";
import { writeReceipt } from "./receipt-note.ts";
import { readTable } from "./rows.ts";
import { stage } from "./stage.ts";
import { StageError } from "./stage-error.ts";

/** How the development sample is taken. */
export interface SampleOptions {
  /** the column whose classes must all be there; without it the sample has no classes */
  readonly label?: string;
  /** rows in all; a table with no more comes whole */
  readonly rows?: number;
  /** the least rows of each class */
  readonly perClass?: number;
  /** a whole number in [0, 2^32); the same seed gives the same rows everywhere */
  readonly seed?: number;
  /** columns whose gaps, extremes and rare categories must be there; all by default */
  readonly edges?: readonly string[];
  /** why fewer rows than `perClass` of a class are good enough here */
  readonly waive?: string;
}

/** The most classes that a label may have. */
const maxClasses = 1000;

/**
 * The stage that takes the development sample: a hundred-odd rows with every class, the extremes
 * and the gaps, in their original order. It is a function of the table and the options alone.
 *
 * A class with fewer than `perClass` rows in the sample fails the stage, unless it is waived with
 * a reason, which the receipt keeps.
 */
export function sample(host: Host, table: unknown, options?: SampleOptions): Live<Table> {
  const rows = readTable("sample(table, options)", table);
  const meant = readSampleOptions(rows, options ?? {});
  let isRecorded = false;
  return stage<Table>(
    opening(rows, meant),
    async ({ show, signal }) => {
      const { taken, classes } = await takeSample(host, rows, meant, signal);
      const receipt = receiptBody(rows, taken, meant, classes);
      const found = finishedCard(rows, taken, meant, classes, receipt);
      const card = await writeReceipt(host, receipt, found);
      isRecorded = card.receipt !== undefined;
      if (!isPassing(receipt.verdict)) {
        show({ card });
        throw new StageError(
          receipt.checks
            .filter(({ verdict }) => !isPassing(verdict))
            .map(({ message }) => message)
            .join("\n"),
          "sample",
          'Take more rows of it, lower `perClass`, or say why it is enough: waive: "…"',
        );
      }
      show({ card, value: taken });
    },
    () => isRecorded,
  );
}

interface MeantOptions {
  readonly label?: string;
  readonly limit: number;
  readonly perClass: number;
  readonly seed: number;
  readonly edges?: readonly string[];
  readonly waive?: string;
}

interface ClassCount {
  readonly name: string;
  readonly inTable: number;
  readonly inSample: number;
}

function readSampleOptions(rows: Table, given: unknown): MeantOptions {
  const call = "sample(table, options)";
  const names = ["label", "rows", "perClass", "seed", "edges", "waive"];
  const options = readOptions(call, given, names);
  const { label, edges, waive } = options;
  if (label !== undefined) checkColumn(call, rows, "label", label);
  if (edges !== undefined && !Array.isArray(edges))
    throw new StageError(`${call}: \`edges\` is ${describe(edges)}`, "argument", "List columns");
  const edgeNames = Array.isArray(edges)
    ? edges.map((edge: unknown) => checkColumn(call, rows, "edges", edge))
    : undefined;
  if (waive !== undefined && (typeof waive !== "string" || waive.trim() === ""))
    throw new StageError(
      `${call}: \`waive\` is ${describe(waive)}`,
      "argument",
      "Give the reason why fewer rows of a class are enough",
    );
  const seed = readCount(call, options, "seed", 17, 0);
  if (seed > 0xffffffff)
    throw new StageError(`${call}: \`seed\` is ${seed}`, "argument", "Give one below 2^32");
  return {
    limit: readCount(call, options, "rows", 128, 1),
    perClass: readCount(call, options, "perClass", 10, 0),
    seed,
    ...(typeof label === "string" && { label }),
    ...(edgeNames !== undefined && { edges: edgeNames }),
    ...(typeof waive === "string" && { waive }),
  };
}

function checkColumn(call: string, rows: Table, option: string, value: unknown): string {
  const names = rows.columns.map(({ name }) => name);
  if (typeof value === "string" && names.includes(value)) return value;
  const nearest = typeof value === "string" ? nearestName(value, names) : undefined;
  throw new StageError(
    `${call}: \`${option}\` names ${describe(value)}, which is no column of the table`,
    "argument",
    nearest === undefined ? `It has ${list(names)}` : `Did you mean \`${nearest}\`?`,
  );
}

async function takeSample(
  host: Host,
  rows: Table,
  { label, perClass, limit, seed, edges }: MeantOptions,
  signal: AbortSignal,
): Promise<{ readonly taken: Table; readonly classes: readonly ClassCount[] }> {
  const { columns, numRows } = rows;
  const sampled = {
    table: "t",
    columns,
    numRows,
    perClass,
    limit,
    seed,
    ...(edges !== undefined && { edgeColumns: edges }),
  };
  if (label === undefined) {
    const ask = { tables: { t: rows }, signal, name: "sample", rowLimit: limit };
    return { taken: await host.query(sampleSql(sampled), ask), classes: [] };
  }
  const classes = await host.query(classSql({ ...sampled, label }), {
    tables: { t: rows },
    signal,
    name: "classes",
  });
  if (classes.numRows > maxClasses)
    throw new StageError(
      `\`${label}\` has more than ${maxClasses.toLocaleString("en")} different values, so it is no label`,
      "sample",
      "Name another column, or leave `label` out",
    );
  const taken = await host.query(sampleSql({ ...sampled, label, classes: "classes" }), {
    tables: { t: rows, classes },
    signal,
    name: "sample",
    rowLimit: limit,
  });
  return { taken, classes: await countClasses(host, classes, taken, label, signal) };
}

/** The classes of the table beside those of the sample, the largest first. */
async function countClasses(
  host: Host,
  classes: Table,
  taken: Table,
  label: string,
  signal: AbortSignal,
): Promise<ClassCount[]> {
  const counted = await host.query(
    `select cast(class as varchar) as name, n, coalesce(m, 0) as m
from classes left join (
  select ${quoteName(label)} as class, count(*) as m from taken group by 1
) using (class)
order by n desc, name`,
    { tables: { classes, taken }, signal, name: "classes" },
  );
  return Array.from(counted, ({ name, n, m }) => ({
    name: String(name),
    inTable: Number(n),
    inSample: Number(m),
  }));
}

function receiptBody(
  rows: Table,
  taken: Table,
  { label, perClass, seed, waive }: MeantOptions,
  classes: readonly ClassCount[],
): ReceiptBody {
  const scarce = classes.filter(({ inSample }) => inSample < perClass);
  const checks: Check[] = scarce.map(({ name, inTable, inSample }) => ({
    name: "classes",
    verdict: waive === undefined ? "fail" : "warn",
    ...(label !== undefined && { where: label }),
    message: `the class \`${name}\` has ${count(inSample, "row")} in the sample (${inTable.toLocaleString("en")} in the table), fewer than ${perClass}`,
    hint:
      waive === undefined
        ? 'Find more of it, lower `perClass`, or say why it is enough: waive: "…"'
        : `Waived: ${waive}`,
  }));
  if (label !== undefined && scarce.length === 0)
    checks.push({
      name: "classes",
      verdict: "pass",
      message: `each of ${count(classes.length, "class", "classes")} has at least ${perClass} rows`,
    });
  const all = `${count(taken.numRows, "row")} of ${rows.numRows.toLocaleString("en")}`;
  return {
    stage: "sample",
    verdict: worstVerdict(checks),
    summary:
      label === undefined
        ? `${all}, with the extremes and the gaps`
        : scarce.length === 0
          ? `${all}, with every class of ${label}`
          : `${all}; ${count(scarce.length, "class is", "classes are")} scarce${waive === undefined ? "" : ", waived"}`,
    checks,
    subject: { data: { rows: rows[digestKey], dev: taken[digestKey] } },
    metrics: { rows: taken.numRows, table_rows: rows.numRows, classes: classes.length, seed },
    environment: taken.lineage === undefined ? {} : { duckdb: taken.lineage.engine },
  };
}

function opening(rows: Table, { limit }: MeantOptions): Card {
  return {
    kind: "tierbook.card",
    stage: "sample",
    title: "Development sample",
    status: "running",
    summary: `Taking ${count(Math.min(limit, rows.numRows), "row")} of ${rows.numRows.toLocaleString("en")}`,
    parts: [],
    actions: [],
  };
}

function finishedCard(
  rows: Table,
  taken: Table,
  options: MeantOptions,
  classes: readonly ClassCount[],
  receipt: ReceiptBody,
): Card {
  const loud = receipt.checks.filter(({ verdict }) => verdict !== "pass");
  const shown = classes.slice(0, 12);
  const share = (n: number, all: number): string => formatShare(all === 0 ? 0 : n / all);
  return {
    ...opening(rows, options),
    status: receipt.verdict === "abort" ? "fail" : receipt.verdict,
    summary: receipt.summary,
    parts: [
      ...(loud.length === 0 ? [] : [{ type: "checks" as const, checks: loud }]),
      ...(shown.length === 0
        ? []
        : [
            {
              type: "table" as const,
              columns: [
                { name: options.label ?? "", align: "left" as const },
                { name: "Sample", align: "right" as const },
                { name: "Share", align: "right" as const },
                { name: "Table", align: "right" as const },
                { name: "Share", align: "right" as const },
              ],
              rows: shown.map(({ name, inTable, inSample }) => [
                name,
                inSample.toLocaleString("en"),
                share(inSample, taken.numRows),
                inTable.toLocaleString("en"),
                share(inTable, rows.numRows),
              ]),
              total: classes.length,
            },
          ]),
      {
        type: "facts",
        facts: [
          { label: "Seed", value: String(options.seed) },
          { label: "Table", value: shortDigest(rows[digestKey]) },
          { label: "Sample", value: shortDigest(taken[digestKey]) },
        ],
      },
    ],
  };
}
