import type { CellStatus } from "./cell.ts";
import type { SqlStatement } from "./compiled-cell.ts";
import type { ValueCodec } from "./result-codec.ts";
import type { ResultStore } from "./result-store.ts";
import type { MemoryLimits } from "./run-memory.ts";

/** What a workbook needs of the place where it runs. */
export interface WorkbookOptions {
  /** values that cells may use by name, each made when a cell first reads it */
  readonly builtins?: Readonly<Record<string, () => unknown>>;
  /** in the fingerprint of each cell that uses a builtin or SQL: raise it when their behaviour changes */
  readonly builtinsVersion?: string;
  /** names of globals that cells may use; anything else undefined is an error */
  readonly globals?: ReadonlySet<string>;
  /** runs the SQL of a cell; without it SQL cells are errors */
  readonly runSql?: (request: SqlRequest) => Promise<unknown>;
  readonly observer?: WorkbookObserver;
  /** resolves when a cell is on the screen, for cells that ask for `visibility`; by default at once */
  readonly inSight?: (cell: number) => Promise<void>;
  /**
   * whether no body runs by itself until `release`: what is known comes back, texts without `${}` are
   * drawn, and all else waits. What a person runs runs.
   */
  readonly held?: boolean;
  /** how much of earlier results stays in memory, so that what is undone need not run again */
  readonly memory?: MemoryLimits;
  /** where results outlive the workbook; without it only memory is asked */
  readonly results?: ResultStore | Promise<ResultStore>;
  /** for values that are no plain data, in the results that outlive the workbook */
  readonly codecs?: readonly ValueCodec[];
}

/** SQL that a cell asks to run. */
export interface SqlRequest extends SqlStatement {
  /** values of the cells that the SQL names as tables, by the name as the cell defines it */
  readonly tables: Readonly<Record<string, unknown>>;
  /** the name under which the result will be known, where there is one */
  readonly name?: string;
  readonly cell: number;
  /** fires when the result is wanted no more */
  readonly signal: AbortSignal;
}

/** What a workbook tells as it runs. Calls come in order; an observer must not throw. */
export interface WorkbookObserver {
  /** a cell's state or what is known about it changed; told once a wave, with what came of it */
  status?(status: CellStatus): void;
  /** what the cell displayed before is over */
  clear?(cell: number): void;
  /** the cell displays a value in a slot; a slot that is shown again is replaced */
  display?(cell: number, slot: number, value: unknown): void;
  /** just before a body runs, and null just after its synchronous part */
  running?(cell: number | null): void;
}
