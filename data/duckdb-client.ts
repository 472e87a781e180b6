import { digestKey } from "../runtime/digest.ts";
import { AttachedFiles, type AttachedFile } from "./attached-files.ts";
import { cancelled, throwIfAborted, untilAborted } from "./cancellation.ts";
import type { Database } from "./database.ts";
import { missingTableError, queryErrorFrom } from "./duckdb-error.ts";
import { insertTable } from "./insert-table.ts";
import { lineageFrom, type Lineage, type LineageInputs } from "./lineage.ts";
import { MemoryTable, RemoteTable } from "./memory-table.ts";
import { checkSql, prepareSql, type PreparedSql } from "./prepare-sql.ts";
import {
  QueryError,
  type FileResolver,
  type QueryClient,
  type QueryOptions,
} from "./query-client.ts";
import { countRows, readColumns, readRows } from "./read-result.ts";
import { RestartableDatabase } from "./restartable-database.ts";
import { StoredResult } from "./stored-result.ts";
import type { Column, Table } from "./table.ts";
import { tableFromRows } from "./table-from-rows.ts";

/** The version of DuckDB on both sides; a client refuses to start with another. */
export const engineVersion = "v1.5.6";

const schema = "tierbook";

/** Rows above which a result stays in the database. */
const defaultRowLimit = 100_000;

/**
 * Values for each row of the limit that a result may have and still be kept as a table, though it is
 * made of something large: what is aggregated should not be aggregated again at each reading. With
 * the default limit these are four million values, some 40 MB.
 */
const valuesPerRowLimit = 40;

/** A query under way, and what becomes of its rows. */
interface Asked {
  readonly sql: string;
  readonly name: string;
  readonly rowLimit: number;
  readonly lineage: Lineage;
  /** the results that it reads, by the names that it gives them */
  readonly bound: ReadonlyMap<string, StoredResult>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The {@link QueryClient} over either DuckDB. Results are tables and views of a schema of their own,
 * which no name in a query reaches; files are databases, attached once for each content.
 */
export class DuckClient implements QueryClient {
  readonly engineVersion = engineVersion;
  private readonly engine: RestartableDatabase;
  private results = new WeakMap<Table, Promise<StoredResult>>();
  private readonly files: AttachedFiles;
  private readonly forgotten = new FinalizationRegistry<StoredResult>(
    (result) => void result.release(),
  );
  private lastName = 0;

  /**
   * @param open starts the engine; called at the first query. It calls `fail` when the engine
   *   breaks: queries under way reject with that, and the next one starts another. Tables whose rows
   *   are here are put into it again when they are named; what was only in the old one is lost.
   * @param resolveFile gives the files that SQL names
   */
  constructor(
    open: (fail: (reason: Error) => void) => Promise<Database>,
    resolveFile: FileResolver,
  ) {
    this.engine = new RestartableDatabase(
      async (fail) => await prepareDatabase(await open(fail)),
      () => {
        this.results = new WeakMap();
        this.files.clear();
      },
    );
    this.files = new AttachedFiles(this.engine, resolveFile);
  }

  async query(sql: string, options: QueryOptions = {}): Promise<Table> {
    try {
      return await this.ask(sql, options);
    } catch (error) {
      const { tables = {} } = options;
      // not its own fault, and all that it reads is here
      if (!wasStoppedForAnother(error) || Object.values(tables).some((table) => !table.isLocal))
        throw error;
      return await this.ask(sql, options);
    }
  }

  private async ask(sql: string, options: QueryOptions): Promise<Table> {
    const { tables = {}, name = "result", rowLimit = defaultRowLimit, signal } = options;
    const checked = checkSql(sql);
    throwIfAborted(signal);
    const files = await Promise.all(checked.files.map((path) => this.files.attach(path)));
    const bound = await this.bind(tables);
    const inputs = [...bound.values()];
    for (const input of inputs) input.hold();
    try {
      const readsMuch =
        files.some(({ file }) => file.numRows > rowLimit) ||
        Object.values(tables).some((table) => !table.isLocal);
      const bindings = {
        tables: new Map(Array.from(bound, ([input, result]) => [input, result.name])),
        files: new Map(files.map(({ path, source }) => [path, source])),
      };
      const kind = readsMuch && checked.canBeView ? "view" : "table";
      const prepared = prepareSql(checked, this.newName(), bindings, kind);
      const lineage = lineageFrom(sql, this.lineageInputs(tables, files));
      throwIfAborted(signal);
      return await this.answer(prepared, { sql, name, rowLimit, lineage, bound, signal });
    } finally {
      for (const input of inputs) void input.release();
    }
  }

  async adopt(table: Table): Promise<void> {
    await this.resultOf(table, table.name);
  }

  async release(table: Table): Promise<void> {
    const result = this.results.get(table);
    if (!result) return;
    this.results.delete(table);
    this.forgotten.unregister(table);
    await (await result).release();
  }

  async close(): Promise<void> {
    await this.engine.close();
  }

  private lineageInputs(
    tables: Readonly<Record<string, Table>>,
    files: readonly AttachedFile[],
  ): LineageInputs {
    return {
      engine: this.engineVersion,
      tables: Object.fromEntries(
        Object.entries(tables).map(([input, table]) => [
          input,
          table.lineage === undefined ? { digest: table[digestKey] } : { lineage: table.lineage },
        ]),
      ),
      files: Object.fromEntries(files.map(({ path, file }) => [path, file.digest])),
    };
  }

  private async answer(prepared: PreparedSql, asked: Asked): Promise<Table> {
    const { sql, bound, signal } = asked;
    try {
      return await untilAborted(this.make(prepared, asked), signal);
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      const said = queryErrorFrom(error, (byte) => prepared.offsetOf(byte));
      throw missingTableError(said, sql, [...bound.keys()]) ?? said;
    }
  }

  private async make(prepared: PreparedSql, asked: Asked): Promise<Table> {
    switch (prepared.makes) {
      case "rows":
        return await this.explain(prepared, asked);
      case "table":
        return await this.materialize(prepared, asked);
      case "view":
        return await this.look(prepared, asked);
    }
  }

  /** Runs the query into its table, and copies the rows out where there are not too many. */
  private async materialize(prepared: PreparedSql, asked: Asked): Promise<Table> {
    const stored = this.stored(prepared.target, "table");
    try {
      await this.engine.use((database) => database.run(prepared.text, asked.signal));
      const columns = await this.engine.use((database) => readColumns(database, stored.name));
      const numRows = await this.engine.use((database) => countRows(database, stored.name));
      if (numRows <= asked.rowLimit) return await this.copy(stored, columns, asked);
      return this.known(
        new RemoteTable(asked.name, columns, numRows, asked.lineage),
        stored,
        asked,
      );
    } finally {
      await stored.release();
    }
  }

  /**
   * Makes a view of the query, and a table of its first rows. Where those are all, the table is the
   * result, and its rows are copied out where they are few enough; else the view is, and only its
   * rows are counted.
   */
  private async look(prepared: PreparedSql, asked: Asked): Promise<Table> {
    const { name, rowLimit, lineage, signal } = asked;
    const view = this.stored(prepared.target, "view", [...asked.bound.values()]);
    const head = this.stored(this.newName(), "table");
    try {
      await this.engine.use((database) => database.run(prepared.text, signal));
      const columns = await this.engine.use((database) => readColumns(database, view.name));
      const most = Math.max(rowLimit, Math.floor((valuesPerRowLimit * rowLimit) / columns.length));
      const some = `create table ${head.name} as select * from ${view.name} limit ${most + 1}`;
      await this.running(asked, (database) => database.run(some, signal));
      const found = await this.engine.use((database) => countRows(database, head.name));
      if (found <= rowLimit) return await this.copy(head, columns, asked);
      if (found <= most)
        return this.known(new RemoteTable(name, columns, found, lineage), head, asked);
      const all = await this.running(asked, (database) => countRows(database, view.name, signal));
      return this.known(new RemoteTable(name, columns, all, lineage), view, asked);
    } finally {
      await head.release();
      await view.release();
    }
  }

  /**
   * What DuckDB says while a view runs has its place in the text of that view, or of one that it
   * reads; nobody knows which.
   */
  private async running<Result>(
    { bound }: Asked,
    work: (database: Database) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.engine.use(work);
    } catch (error) {
      const readsViews = [...bound.values()].some(({ kind }) => kind === "view");
      throw readsViews ? queryErrorFrom(error) : error;
    }
  }

  /** EXPLAIN gives rows that no table can be made of, so they come as rows. */
  private async explain(prepared: PreparedSql, { name, lineage, signal }: Asked): Promise<Table> {
    const { values, numRows } = await this.engine.use((database) =>
      database.read(prepared.text, [{ type: "string" }, { type: "string" }], signal),
    );
    const [keys = [], texts = []] = values;
    const rows = Array.from({ length: numRows }, (_, i) => ({
      explain_key: keys[i],
      explain_value: texts[i],
    }));
    return tableFromRows(name, rows, lineage);
  }

  private async copy(
    stored: StoredResult,
    columns: readonly Column[],
    asked: Asked,
  ): Promise<Table> {
    const { values, numRows } = await this.engine.use((database) =>
      readRows(database, stored.name, columns, asked.signal),
    );
    const own = columns.map((column, i) => ({ column, values: values[i] ?? [] }));
    return this.known(new MemoryTable(asked.name, own, numRows, asked.lineage), stored, asked);
  }

  /** What each table is inside the database; those that are new to it are put there. */
  private async bind(tables: Readonly<Record<string, Table>>): Promise<Map<string, StoredResult>> {
    const entries = Object.entries(tables).map(
      async ([name, table]) => [name, await this.resultOf(table, name)] as const,
    );
    return new Map(await Promise.all(entries));
  }

  private resultOf(table: Table, name: string): Promise<StoredResult> {
    const known = this.results.get(table);
    if (known) return known;
    if (!table.isLocal)
      return Promise.reject(
        new QueryError(
          `${name} has ${table.numRows} rows, which are in another database; run its query here`,
          "refused",
        ),
      );
    const adopted = this.insert(table);
    this.results.set(table, adopted);
    adopted.then(
      (result) => this.forgotten.register(table, result, table),
      () => this.results.delete(table),
    );
    return adopted;
  }

  /** The table, which holds its place in the database from now on. */
  private known(table: Table, result: StoredResult, { signal }: Asked): Table {
    throwIfAborted(signal);
    result.hold();
    this.results.set(table, Promise.resolve(result));
    this.forgotten.register(table, result, table);
    return table;
  }

  private stored(
    name: string,
    kind: StoredResult["kind"],
    inputs: readonly StoredResult[] = [],
  ): StoredResult {
    return new StoredResult(name, kind, inputs, (result) => this.drop(result.kind, result.name));
  }

  private async insert(table: Table): Promise<StoredResult> {
    const target = this.newName();
    try {
      const stage = `stage_${target.slice(target.indexOf(".") + 1)}`;
      await this.engine.use((database) => insertTable(database, table, target, stage));
      return this.stored(target, "table");
    } catch (error) {
      await this.drop("table", target);
      throw queryErrorFrom(error);
    }
  }

  private async drop(kind: "table" | "view", target: string): Promise<void> {
    if (!this.engine.isRunning) return;
    // what is gone already, or with the engine, needs no dropping
    await this.engine
      .use((database) => database.run(`drop ${kind} if exists ${target}`))
      .catch(() => undefined);
  }

  private newName(): string {
    return `${schema}.t${++this.lastName}`;
  }
}

/** Whether the engine was stopped because some query did not end when it was cancelled. */
function wasStoppedForAnother(error: unknown): boolean {
  return (
    error instanceof QueryError &&
    error.cause instanceof QueryError &&
    error.cause.code === "cancelled"
  );
}

async function prepareDatabase(database: Database): Promise<Database> {
  const { values } = await database.read("select version()", [{ type: "string" }]);
  const version = String(values[0]?.[0]);
  if (version !== engineVersion) {
    await database.close();
    throw new QueryError(`DuckDB is ${version}, and must be ${engineVersion}`, "other");
  }
  await database.run(`create schema ${schema}`);
  return database;
}
