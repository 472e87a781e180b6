import { namedByCards, reportCell, type FrameReport } from "../../../cells/report/frame-report.ts";
import { staticOutput, type StaticTools } from "../../../cells/report/static-output.ts";
import type { ReportCell } from "../../../cells/report/report.ts";
import type { Cell, CellStatus } from "../../../runtime/cell.ts";
import type { Shown } from "../cell-output.ts";

/** A cell on the page, as a report needs it. */
export interface CellOnPage {
  /** the cell as it last ran: what it shows comes from that */
  readonly ran: Cell;
  readonly status: CellStatus | undefined;
  /** whether it is written otherwise by now */
  readonly isEdited: boolean;
  /** why it waits, in words */
  readonly waitsFor: string | undefined;
  readonly shown: readonly Shown[];
}

/** What the page shows of a workbook, for a report. */
export async function frameReport(
  text: string,
  cells: readonly CellOnPage[],
  tools: StaticTools,
): Promise<FrameReport> {
  return {
    text,
    cells: await Promise.all(cells.map((cell) => cellOf(cell, tools))),
    ...namedByCards(cells.flatMap(({ shown }) => shown.map(({ value }) => value))),
  };
}

async function cellOf(
  { ran, status, isEdited, waitsFor, shown }: CellOnPage,
  tools: StaticTools,
): Promise<ReportCell> {
  const outputs = await Promise.all(
    shown.map(({ value, root }) => staticOutput(value, tools, root)),
  );
  const cell = reportCell(ran, status, outputs);
  const why = isEdited ? "its text was edited after it ran" : waitsFor;
  return {
    ...cell,
    ...(why !== undefined && { waitsFor: why }),
    // what it shows is not what its text, which the report holds too, would come to
    ...(isEdited && cell.state === "fresh" && { state: "stale" }),
  };
}
