import type { CellRun } from "./cell-run.ts";
import type { Screen } from "./run-displays.ts";

/** What a run needs of the cell that it belongs to. Nothing is told after the run was disposed. */
export interface RunOwner extends Screen {
  /** what the run came to, or what goes on in it, changed */
  changed(run: CellRun): void;
  /** the run did something after its end that would not come back with its result */
  wentOn(run: CellRun): void;
  /** just before the body runs, and just after its synchronous part */
  running(isRunning: boolean): void;
  /** resolves when the cell is on the screen; at once where there is none */
  inSight(): Promise<void>;
  /** asks the database; `values` are those of the run's inputs */
  runSql(statement: unknown, values: readonly unknown[], signal: AbortSignal): unknown;
}
