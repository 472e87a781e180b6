import { CellFault, noSqlFault } from "./cell-fault.ts";
import type { CellRun } from "./cell-run.ts";
import type { SqlStatement } from "./compiled-cell.ts";
import type { ResultKeeper } from "./result-keeper.ts";
import type { WorkbookOptions } from "./workbook-options.ts";
import type { RunOwner } from "./run-owner.ts";

/** The cell whose runs are surrounded. */
export interface SurroundedCell {
  readonly id: number;
  /** names that it defines */
  readonly defines: readonly string[];
  /** names that it reads */
  readonly reads: readonly string[];
  /** by the names as its SQL writes them: the names of the cells' values that they stand for */
  readonly tables: Readonly<Record<string, string>>;
  /** something about a run changed */
  changed(run: CellRun): void;
}

/** What the runs of a cell have around them: who watches them, the screen, and the database. */
export class RunSurroundings implements RunOwner {
  constructor(
    private readonly cell: SurroundedCell,
    private readonly options: WorkbookOptions,
    private readonly keeper: ResultKeeper | undefined,
  ) {}

  changed(run: CellRun): void {
    this.cell.changed(run);
  }

  clear(): void {
    this.options.observer?.clear?.(this.cell.id);
  }

  display(slot: number, value: unknown): void {
    this.options.observer?.display?.(this.cell.id, slot, value);
  }

  running(isRunning: boolean): void {
    this.options.observer?.running?.(isRunning ? this.cell.id : null);
  }

  wentOn(run: CellRun): void {
    this.keeper?.retract(run);
  }

  async inSight(): Promise<void> {
    await this.options.inSight?.(this.cell.id);
  }

  runSql(statement: unknown, values: readonly unknown[], signal: AbortSignal): unknown {
    const { runSql } = this.options;
    if (runSql === undefined) throw new CellFault(noSqlFault);
    const { id, defines, reads, tables } = this.cell;
    const [name] = defines;
    return runSql({
      ...(statement as SqlStatement),
      tables: Object.fromEntries(
        Object.entries(tables).map(([written, read]) => [written, values[reads.indexOf(read)]]),
      ),
      ...(name === undefined ? {} : { name }),
      cell: id,
      signal,
    });
  }
}
