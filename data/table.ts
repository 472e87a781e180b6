import { digestKey, type Digested } from "../runtime/digest.ts";
import type { Lineage } from "./lineage.ts";

/** What a column holds, as far as stages and engines care; `sqlType` keeps DuckDB's own word. */
export type ColumnType =
  "number" | "integer" | "boolean" | "string" | "date" | "timestamp" | "other";

/** One column of a {@link Table}. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** DuckDB's type, such as `DOUBLE`, `VARCHAR`, `ENUM('a','b')` */
  readonly sqlType: string;
}

/** A row, by column name. Integers past 2^53 are bigints; dates and timestamps are Dates (UTC). */
export type Row = Readonly<Record<string, unknown>>;

/**
 * The value of a SQL cell: an immutable table, iterable as an array of row objects is.
 *
 * `digest` names the content: equal schema and equal rows in equal order give the same digest in the
 * page, on the server and headless. A table past the row limit has no rows here; its digest is of
 * its lineage, and iterating it throws a {@link TooLargeError} that says how many rows there are.
 */
export interface Table extends Iterable<Row>, Digested {
  readonly [digestKey]: string;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly numRows: number;
  readonly lineage?: Lineage;
  /** whether the rows are here, not only in the database */
  readonly isLocal: boolean;
  /** the values of one column, in row order; null where a value is missing */
  column(name: string): readonly unknown[];
  /** one row, or undefined past the end */
  at(index: number): Row | undefined;
  /** the rows as an Arrow IPC stream; the only form in which a table crosses a border */
  toIPC(): Uint8Array;
}

/** What a large table answers when its rows are asked for: they are in the database, not here. */
export class TooLargeError extends Error {
  readonly code = "too-large";
  constructor(
    readonly table: string,
    readonly numRows: number,
  ) {
    super(
      `${table} has ${numRows.toLocaleString("en")} rows, which stay in the database. ` +
        `Aggregate or sample it in SQL first, for example with group by or limit.`,
    );
    this.name = "TooLargeError";
  }
}

/** Rows or columns that cannot make a table, and where: column and row where they are known. */
export class TableError extends Error {
  constructor(
    message: string,
    /** `not-rows`, `no-columns`, `unknown-column`, `mixed-types`, `unsupported-value`, `bad-arrow` */
    readonly code: string,
    readonly column?: string,
    /** 0-based */
    readonly row?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "TableError";
  }
}
