import * as v from "valibot";
import { digestSchema } from "../../engines/receipt-schema.ts";
import type { Cell, CellStatus } from "../../runtime/cell.ts";
import { cellTypes } from "../../runtime/notebook.ts";
import { isCard } from "../card.ts";
import { countSchema, documentTextSchema, textSchema } from "../wire-schema.ts";
import type { ReportCell } from "./report.ts";

/**
 * What whoever runs a workbook's cells can say of it for a report. Where the numbers come from is
 * not theirs to say: the server knows it by the receipts and runs that the cards name.
 */
export interface FrameReport {
  /** the workbook's text, as it would be saved */
  readonly text: string;
  readonly cells: readonly ReportCell[];
  /** ids of receipts that shown cards name */
  readonly receipts: readonly string[];
  /** keys of runs that shown cards are of */
  readonly runs: readonly string[];
}

/** The most that all outputs of a report may have, in UTF-16 units. */
export const mostOutput = 64 << 20;

/** A cell as a report shows it, from what the runtime says of it. */
export function reportCell(
  cell: Cell,
  status: CellStatus | undefined,
  outputs: readonly string[],
): ReportCell {
  const { waitsFor, error, duration } = status ?? {};
  return {
    id: cell.id,
    mode: cell.mode,
    source: cell.source,
    pinned: cell.pinned,
    defines: status?.defines ?? [],
    state: status?.state ?? "idle",
    cached: status?.cached ?? false,
    volatile: status?.volatile ?? false,
    fingerprint: status?.fingerprint ?? "",
    outputs,
    ...(duration !== undefined && { duration }),
    ...(waitsFor !== undefined && { waitsFor: waitsFor.slice(0, 20_000) }),
    ...(error !== undefined && { error: reportError(error) }),
  };
}

/** The receipts and runs that cards among shown values name. */
export function namedByCards(values: Iterable<unknown>): Pick<FrameReport, "receipts" | "runs"> {
  const cards = [...values].filter(isCard);
  const distinct = (names: readonly (string | undefined)[]): readonly string[] => [
    ...new Set(names.filter((name) => name !== undefined)),
  ];
  return {
    receipts: distinct(cards.map(({ receipt }) => receipt)),
    runs: distinct(cards.map(({ run }) => run)),
  };
}

function reportError({
  name,
  message,
  line,
  column,
  hint,
}: NonNullable<CellStatus["error"]>): NonNullable<ReportCell["error"]> {
  return {
    name: name.slice(0, 20_000),
    message: message.slice(0, 20_000),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(hint !== undefined && { hint: hint.slice(0, 20_000) }),
  };
}

const modes = Object.keys(cellTypes) as (keyof typeof cellTypes)[];

const reportCellSchema: v.GenericSchema<unknown, ReportCell> = v.strictObject({
  id: v.pipe(countSchema, v.minValue(1)),
  mode: v.picklist(modes),
  source: documentTextSchema,
  pinned: v.boolean(),
  defines: v.array(textSchema),
  state: v.picklist(["idle", "queued", "running", "fresh", "stale", "blocked", "error"]),
  cached: v.boolean(),
  volatile: v.boolean(),
  duration: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  fingerprint: v.pipe(v.string(), v.maxLength(256)),
  waitsFor: v.exactOptional(textSchema),
  error: v.exactOptional(
    v.strictObject({
      name: textSchema,
      message: textSchema,
      line: v.exactOptional(countSchema),
      column: v.exactOptional(countSchema),
      hint: v.exactOptional(textSchema),
    }),
  ),
  outputs: v.array(v.string()),
});

/** What is taken for a {@link FrameReport}: the frame runs a stranger's code. */
export const frameReportSchema: v.GenericSchema<unknown, FrameReport> = v.strictObject({
  text: documentTextSchema,
  cells: v.pipe(
    v.array(reportCellSchema),
    v.maxLength(10_000),
    v.check(
      (cells) => outputLength(cells) <= mostOutput,
      "the outputs have more than the 64 MiB that a report holds",
    ),
  ),
  receipts: v.pipe(v.array(digestSchema), v.maxLength(10_000)),
  runs: v.pipe(v.array(digestSchema), v.maxLength(10_000)),
});

function outputLength(cells: readonly ReportCell[]): number {
  return cells.reduce(
    (sum, { outputs }) => outputs.reduce((all, { length }) => all + length, sum),
    0,
  );
}
