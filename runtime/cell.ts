/** How a cell's source is read. `node`, `python` and `r` are shown, never run. */
export type CellMode =
  "js" | "ts" | "ojs" | "md" | "html" | "tex" | "dot" | "sql" | "node" | "python" | "r";

/**
 * When a cell runs. `auto`: whenever its code or what it reads changes. `once`: by itself only if it
 * has not run yet. `manual`: only when a person says so. What is known from the result cache comes
 * back by itself whatever the policy; what changed otherwise makes the cell `stale`.
 */
export type CellPolicy = "auto" | "once" | "manual";

/** One cell of a notebook: source only, never results. */
export interface Cell {
  /** a positive integer, unique in the notebook */
  readonly id: number;
  readonly mode: CellMode;
  /** the source as the person wrote it, without the file's indentation and escapes */
  readonly source: string;
  /** whether the source is shown when nobody is editing */
  readonly pinned: boolean;
  /** whether an expression's value is kept from being displayed by itself */
  readonly hidden: boolean;
  /** the name under which a cell that is not JavaScript exposes its value */
  readonly output?: string;
  /** the database that a SQL cell asks; only the workbook's own is run */
  readonly database?: string;
  /** what an interpreter's output is read as; kept, not used */
  readonly format?: string;
  /** when the cell runs; `auto` where it is absent */
  readonly policy?: Exclude<CellPolicy, "auto">;
}

/** Where a cell stands. Exactly one of these at any time. */
export type CellState = "idle" | "queued" | "running" | "fresh" | "stale" | "blocked" | "error";

/** What is known about a cell now; sent to the observer at every change. */
export interface CellStatus {
  readonly id: number;
  readonly state: CellState;
  /** names that the cell defines */
  readonly defines: readonly string[];
  /** names that the cell reads from other cells and the builtins */
  readonly reads: readonly string[];
  /**
   * milliseconds of work of the last run, its stages included and waiting for a person left out;
   * absent before the first
   */
  readonly duration?: number;
  /** how often the body ran since the workbook was opened */
  readonly runs: number;
  /** whether the value came from the result cache, so that the body did not run for it */
  readonly cached?: boolean;
  /** the fingerprint of the last value, or of the run under way */
  readonly fingerprint?: string;
  /** why the cell waits, when it waits for a person or for another cell */
  readonly waitsFor?: string;
  /** whether its policy, or the hold on the workbook, keeps it from running on what it is made of now */
  readonly held?: boolean;
  /** whether the cell reads the clock, randomness or the network */
  readonly volatile: boolean;
  readonly disabled: boolean;
  readonly error?: CellError;
}

/** An error as the person who must mend it needs it. */
export interface CellError {
  readonly name: string;
  readonly message: string;
  /** a stable code where we made the error, such as `undefined-name`, `syntax`, `cycle` */
  readonly code?: string;
  /** 1-based line in the cell's own source */
  readonly line?: number;
  /** 1-based column in the cell's own source, in UTF-16 units */
  readonly column?: number;
  /** what to do next, where we know it */
  readonly hint?: string;
  /** the cell whose failure blocks this one, and the name it should have given */
  readonly blockedBy?: { readonly id: number; readonly name: string };
  /** the original error, for those who can use it */
  readonly cause?: unknown;
}
