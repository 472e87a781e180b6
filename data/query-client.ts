import type { Table } from "./table.ts";

/**
 * A DuckDB that answers queries: DuckDB-WASM in the frame's worker, native DuckDB on the server and
 * the command line. Both run the same engine version and pass the same contract tests.
 */
export interface QueryClient {
  /** what `select version()` says, such as `v1.5.6`; stored with every result */
  readonly engineVersion: string;

  /**
   * Runs one SELECT (or other statement that returns rows) and gives its result as a {@link Table}
   * that later queries can name.
   *
   * The result stays inside the database under a name of its own, so that it never changes when a
   * cell of the same name runs again: as a table; or, where it is far past the row limit
   * and made of something that large, as a view, which is a query that runs again at each reading
   * and takes no memory. Rows come in the same order at each reading.
   *
   * @throws {QueryError} with the position in `sql` that DuckDB names
   */
  query(sql: string, options?: QueryOptions): Promise<Table>;

  /** Makes rows that did not come from this client (another realm's table) known to it. */
  adopt(table: Table): Promise<void>;

  /** Forgets a result and frees its memory, once no view reads it; unknown tables are ignored. */
  release(table: Table): Promise<void>;

  /** Stops the engine. Queries under way reject. */
  close(): Promise<void>;
}

/** What a query may use, and how it is stopped. */
export interface QueryOptions {
  /** tables that the SQL may name after FROM and JOIN, by that name */
  readonly tables?: Readonly<Record<string, Table>>;
  /** the name that the result carries, for messages and cards */
  readonly name?: string;
  /** rows above which the result stays in the database and is not copied out; default 100,000 */
  readonly rowLimit?: number;
  /** cancels at the source: the engine stops, not only the waiting */
  readonly signal?: AbortSignal;
}

/** A workspace file as a database that a client can attach. */
export interface FileTable {
  /** the path in the workspace, as SQL names it: `data/penguins.csv` */
  readonly path: string;
  /** SHA-256 of the file's bytes */
  readonly digest: string;
  /** where the `.duckdb` file that holds it is: a URL in the page, a path headless */
  readonly location: string;
  /** the table's name inside that database */
  readonly table: string;
  readonly numRows: number;
}

/** A file as its host gives it: where the engine cannot reach its database, with the way to its bytes. */
export interface GivenFileTable extends FileTable {
  /** the whole database, in place of what is at `location`; asked for when an engine attaches it */
  readonly read?: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** Gives the file that SQL names between quotes after FROM: `from 'data/penguins.csv'`. */
export type FileResolver = (path: string) => Promise<GivenFileTable>;

/** A query that DuckDB or we refused. */
export class QueryError extends Error {
  /** the same place in the template that a SQL cell is: which of its strings, and where in it */
  templatePlace?: { readonly part: number; readonly offset: number };

  constructor(
    message: string,
    /**
     * `syntax`, `catalog`, `binder`, `cancelled`, `out-of-memory`, `refused`, `conversion`, `file`,
     * `closed`, `other`
     */
    readonly code: string,
    /** 0-based offset into the SQL that was given, in UTF-16 units, where it is known */
    readonly offset?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "QueryError";
  }
}
