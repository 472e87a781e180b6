import { namedByCards, reportCell, type FrameReport } from "../../cells/report/frame-report.ts";
import { staticOutput, type StaticTools } from "../../cells/report/static-output.ts";
import type { Cell, CellStatus } from "../../runtime/cell.ts";

/** What cells show where there is no page: the last value of each slot. */
export class ShownValues {
  private readonly cells = new Map<number, Map<number, unknown>>();

  set(cell: number, slot: number, value: unknown): void {
    const slots = this.cells.get(cell) ?? new Map<number, unknown>();
    this.cells.set(cell, slots.set(slot, value));
  }

  /** What a cell has shown before is over. */
  clear(cell: number): void {
    this.cells.delete(cell);
  }

  /** All that is shown now, for a report. */
  async report(
    text: string,
    cells: readonly Cell[],
    statuses: ReadonlyMap<number, CellStatus>,
    tools: StaticTools,
  ): Promise<FrameReport> {
    const values = cells.map(({ id }) => this.of(id));
    return {
      text,
      cells: await Promise.all(
        cells.map(async (cell, i) => {
          const outputs = (values[i] ?? []).map((value) => staticOutput(value, tools));
          return reportCell(cell, statuses.get(cell.id), await Promise.all(outputs));
        }),
      ),
      ...namedByCards(values.flat()),
    };
  }

  private of(cell: number): readonly unknown[] {
    return [...(this.cells.get(cell) ?? [])].sort(([a], [b]) => a - b).map(([, value]) => value);
  }
}
