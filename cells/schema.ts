import type { Table } from "../data/index.ts";
import type { Check, ReceiptBody } from "../engines/receipt.ts";
import { isPassing, worstVerdict } from "../engines/verdict.ts";
import { digestKey } from "../runtime/digest.ts";
import type { Live } from "../runtime/live.ts";
import type { Card, CardPart, CardTable } from "./card.ts";
import type { Host } from "./host.ts";
import { count, formatNumber, formatShare, shortDigest } from "./number-format.ts";
import { writeReceipt } from "./receipt-note.ts";
import { readTable } from "./rows.ts";
import { checkColumns, checkFacts, passes } from "./schema-check.ts";
import {
  readDeclarations,
  type ColumnDeclaration,
  type DeclaredColumn,
} from "./schema-declaration.ts";
import { columnFacts, fitsType, type ColumnFacts } from "./schema-query.ts";
import { stage } from "./stage.ts";
import { StageError } from "./stage-error.ts";
import type { TableSchema } from "./table-schema.ts";

/**
 * The stage that checks what a table holds: types, ranges, missing values, vocabularies. All of it
 * is counted in the database, so the size of the table does not matter here. Every violation is
 * reported at once, and then the stage fails.
 *
 * @param table the value of a SQL cell, or an array of row objects
 * @param columns what each column must be, by its name; columns that are not named are not checked
 */
export function schema(
  host: Host,
  table: unknown,
  columns: Readonly<Record<string, ColumnDeclaration | ColumnDeclaration["type"]>>,
): Live<TableSchema> {
  const rows = readTable("schema(table, columns)", table);
  const declared = readDeclarations(columns);
  let isRecorded = false;
  return stage<TableSchema>(
    opening(rows, declared),
    async ({ show, signal }) => {
      const columnChecks = checkColumns(rows, declared);
      const pairs = declared.flatMap((one) => {
        const column = rows.columns.find(({ name }) => name === one.name);
        return column !== undefined && fitsType(one, column) ? [{ declared: one, column }] : [];
      });
      const facts = await columnFacts(host, rows, pairs, signal);
      const checks = [...columnChecks, ...checkFacts(rows, facts)];
      const value = schemaValue(rows, facts);
      const receipt = receiptBody(rows, declared, [...checks, ...passes(checks, facts)]);
      const found = finishedCard(rows, declared, facts, receipt);
      const card = await writeReceipt(host, receipt, found);
      isRecorded = card.receipt !== undefined;
      if (!isPassing(receipt.verdict)) {
        show({ card });
        throw new StageError(
          violations(rows, checks),
          "schema",
          "Mend the data or the declaration",
        );
      }
      show({ card, value });
    },
    () => isRecorded,
  );
}

function opening(rows: Table, declared: readonly DeclaredColumn[]): Card {
  return {
    kind: "tierbook.card",
    stage: "schema",
    title: "Schema",
    status: "running",
    summary: `Checking ${count(declared.length, "column")} of ${count(rows.numRows, "row")}`,
    parts: [],
    actions: [],
  };
}

function schemaValue(rows: Table, facts: readonly ColumnFacts[]): TableSchema {
  return {
    kind: "tierbook.schema",
    version: 1,
    table: rows[digestKey],
    columns: facts.map(({ declared, min, max, words }) => ({
      name: declared.name,
      type: declared.type,
      nullable: declared.maxNulls > 0,
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(declared.type === "category" && {
        vocabulary: declared.values ?? (words ?? []).map(({ word }) => word).sort(),
      }),
      ...(declared.unique && { unique: true as const }),
      ...(declared.description !== undefined && { description: declared.description }),
    })),
  };
}

function receiptBody(
  rows: Table,
  declared: readonly DeclaredColumn[],
  checks: readonly Check[],
): ReceiptBody {
  const verdict = worstVerdict(checks);
  const faults = checks.filter((check) => check.verdict === "fail").length;
  const subject = `${count(declared.length, "column")} of ${count(rows.numRows, "row")}`;
  return {
    stage: "schema",
    verdict,
    summary:
      faults === 0
        ? `${subject} hold what they promise`
        : `${count(faults, "promise is", "promises are")} broken in ${subject}`,
    checks,
    subject: { data: { rows: rows[digestKey] } },
    metrics: { rows: rows.numRows, columns: declared.length, faults },
    environment: rows.lineage === undefined ? {} : { duckdb: rows.lineage.engine },
  };
}

function finishedCard(
  rows: Table,
  declared: readonly DeclaredColumn[],
  facts: readonly ColumnFacts[],
  receipt: ReceiptBody,
): Card {
  const others = rows.columns.filter(({ name }) => !declared.some((one) => one.name === name));
  const loud = receipt.checks.filter(({ verdict }) => verdict !== "pass");
  const parts: CardPart[] = [];
  if (loud.length > 0) parts.push({ type: "checks", checks: loud });
  parts.push(columnTable(rows, declared, facts));
  if (others.length > 0)
    parts.push({
      type: "note",
      verdict: "pass",
      text: `Not declared, so not checked: ${others.map(({ name }) => name).join(", ")}`,
    });
  parts.push({ type: "facts", facts: [{ label: "Table", value: shortDigest(rows[digestKey]) }] });
  return {
    ...opening(rows, declared),
    status: receipt.verdict === "abort" ? "fail" : receipt.verdict,
    summary: receipt.summary,
    parts,
  };
}

function columnTable(
  rows: Table,
  declared: readonly DeclaredColumn[],
  facts: readonly ColumnFacts[],
): CardTable {
  return {
    type: "table",
    columns: [
      { name: "Column", align: "left" },
      { name: "Type", align: "left" },
      { name: "Missing", align: "right" },
      { name: "Min", align: "right" },
      { name: "Mean", align: "right" },
      { name: "Max", align: "right" },
      { name: "Values", align: "left" },
    ],
    rows: declared.map((one) => {
      const fact = facts.find(({ declared: { name } }) => name === one.name);
      if (fact === undefined) return [one.name, one.type, "", "", "", "", ""];
      return [
        one.name,
        one.type,
        fact.nulls === 0
          ? "0"
          : `${formatNumber(fact.nulls)} (${formatShare(fact.nulls / Math.max(1, rows.numRows))})`,
        bound(fact.min),
        one.type === "boolean" || fact.mean === undefined ? "" : formatNumber(fact.mean),
        bound(fact.max),
        values(fact),
      ];
    }),
  };
}

function values({ declared, mean, words, distinct }: ColumnFacts): string {
  if (declared.type === "boolean") return mean === undefined ? "" : `true ${formatShare(mean)}`;
  if (words !== undefined) {
    const shown = words
      .slice(0, 6)
      .map(({ word, count: n }) => `${word} ${n.toLocaleString("en")}`);
    return shown.join(" · ") + (words.length > 6 ? ` · ${words.length - 6} more` : "");
  }
  return distinct === undefined
    ? (declared.description ?? "")
    : `${distinct.toLocaleString("en")} different`;
}

function bound(value: number | string | undefined): string {
  return typeof value === "number" ? formatNumber(value) : (value ?? "");
}

function violations(rows: Table, checks: readonly Check[]): string {
  const faults = checks.filter(({ verdict }) => verdict === "fail");
  const lines = faults.map(({ where, message }) => `${where ?? ""}: ${message}`);
  return `${rows.name} breaks its schema in ${count(faults.length, "place")}:\n${lines.join("\n")}`;
}
