import { digestKey } from "../runtime/digest.ts";
import { tableFromIPC } from "./arrow-decode.ts";
import { cancelled, throwIfAborted, untilAborted } from "./cancellation.ts";
import { columnOf } from "./column.ts";
import type { Database } from "./database.ts";
import { missingTableError, queryErrorFrom } from "./duckdb-error.ts";
import { lineageFrom, type Lineage } from "./lineage.ts";
import { MemoryTable, RemoteTable } from "./memory-table.ts";
import { checkSql, prepareSql, type CheckedSql, type PreparedSql } from "./prepare-sql.ts";
import {
  QueryError,
  type FileResolver,
  type FileTable,
  type QueryClient,
  type QueryOptions,
} from "./query-client.ts";
import { readExpression } from "./read-expression.ts";
import { RestartableDatabase } from "./restartable-database.ts";
import { parseSqlType, quoteName } from "./sql-type.ts";
import { stagedColumn } from "./staged-column.ts";
import type { Column, Table } from "./table.ts";
import { tableFromRows } from "./table-from-rows.ts";

/** The version of DuckDB on both sides; a client refuses to start with another. */
export const engineVersion = "v1.5.6";

const schema = "tierbook";

/**
 * The {@link QueryClient} over either DuckDB. Results are tables of a schema of their own, which no
 * name in a query reaches; files are databases, attached once for each content.
 */
export class DuckClient implements QueryClient {
  readonly engineVersion = engineVersion;
  private readonly engine: RestartableDatabase;
  private names = new WeakMap<Table, Promise<string>>();
  private readonly attached = new Map<string, Promise<void>>();
  private readonly forgotten = new FinalizationRegistry<string>((name) => void this.drop(name));
  private lastName = 0;

  /**
   * @param open starts the engine; called at the first query. It calls `fail` when the engine
   *   breaks: queries under way reject with that, and the next one starts another. Tables whose rows
   *   are here are put into it again when they are named; what was only in the old one is lost.
   * @param resolveFile gives the files that SQL names
   */
  constructor(
    open: (fail: (reason: Error) => void) => Promise<Database>,
    private readonly resolveFile: FileResolver,
  ) {
    this.engine = new RestartableDatabase(
      async (fail) => await prepareDatabase(await open(fail)),
      () => {
        this.names = new WeakMap();
        this.attached.clear();
      },
    );
  }

  async query(sql: string, options: QueryOptions = {}): Promise<Table> {
    const { tables = {}, name = "result", rowLimit = 200_000, signal } = options;
    const checked = checkSql(sql);
    throwIfAborted(signal);
    const files = await this.files(checked);
    const prepared = prepareSql(checked, this.newName(), {
      tables: await this.bind(tables),
      files: new Map(files.map(({ path, file }) => [path, sourceOf(file)])),
    });
    const lineage = lineageFrom(sql, {
      engine: this.engineVersion,
      tables: Object.fromEntries(
        Object.entries(tables).map(([input, table]) => [
          input,
          table.lineage === undefined ? { digest: table[digestKey] } : { lineage: table.lineage },
        ]),
      ),
      files: Object.fromEntries(files.map(({ path, file }) => [path, file.digest])),
    });
    throwIfAborted(signal);
    try {
      return await untilAborted(
        prepared.isMaterialized
          ? this.materialize(prepared, name, rowLimit, lineage, signal)
          : this.explain(prepared, name, lineage, signal),
        signal,
      );
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      const said = queryErrorFrom(error, (byte) => prepared.offsetOf(byte));
      throw missingTableError(said, sql, Object.keys(tables)) ?? said;
    }
  }

  async adopt(table: Table): Promise<void> {
    await this.nameOf(table, table.name);
  }

  async release(table: Table): Promise<void> {
    const name = this.names.get(table);
    if (!name) return;
    this.names.delete(table);
    this.forgotten.unregister(table);
    await this.drop(await name);
  }

  async close(): Promise<void> {
    await this.engine.close();
  }

  /** Runs the query into its table, and copies the rows out where there are not too many. */
  private async materialize(
    prepared: PreparedSql,
    name: string,
    rowLimit: number,
    lineage: Lineage,
    signal?: AbortSignal,
  ): Promise<Table> {
    const target = prepared.target;
    try {
      await this.engine.use((database) => database.run(prepared.text, signal));
      const { columns, numRows } = await this.describe(target);
      const table =
        numRows > rowLimit
          ? new RemoteTable(name, columns, numRows, lineage)
          : await this.copy(target, name, columns, lineage, signal);
      throwIfAborted(signal);
      this.know(table, target);
      return table;
    } catch (error) {
      await this.drop(target);
      throw error;
    }
  }

  /** EXPLAIN gives rows that no table can be made of, so they come as rows. */
  private async explain(
    prepared: PreparedSql,
    name: string,
    lineage: Lineage,
    signal?: AbortSignal,
  ): Promise<Table> {
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

  private async describe(target: string): Promise<{ columns: Column[]; numRows: number }> {
    const described = await this.engine.use((database) =>
      database.read(`select column_name, column_type from (describe ${target})`, [
        { type: "string" },
        { type: "string" },
      ]),
    );
    const counted = await this.engine.use((database) =>
      database.read(`select count(*)::DOUBLE from ${target}`, [{ type: "number" }]),
    );
    const [names = [], types = []] = described.values;
    const columns = Array.from(names, (column, i) => columnOf(String(column), String(types[i])));
    return { columns, numRows: Number(counted.values[0]?.[0] ?? 0) };
  }

  private async copy(
    target: string,
    name: string,
    columns: readonly Column[],
    lineage: Lineage,
    signal?: AbortSignal,
  ): Promise<Table> {
    const expressions = columns.map((column, i) => {
      const expression = readExpression(column.name, parseSqlType(column.sqlType));
      return `${expression} as c${i}`;
    });
    const { values, numRows } = await this.engine.use((database) =>
      database.read(`select ${expressions.join(", ")} from ${target}`, columns, signal),
    );
    const stored = columns.map((column, i) => ({ column, values: values[i] ?? [] }));
    return new MemoryTable(name, stored, numRows, lineage);
  }

  /** Where in the database each table is; those that are new to it are put there. */
  private async bind(tables: Readonly<Record<string, Table>>): Promise<Map<string, string>> {
    const entries = Object.entries(tables).map(
      async ([name, table]) => [name, await this.nameOf(table, name)] as const,
    );
    return new Map(await Promise.all(entries));
  }

  private nameOf(table: Table, name: string): Promise<string> {
    const known = this.names.get(table);
    if (known) return known;
    if (!table.isLocal)
      return Promise.reject(
        new QueryError(
          `${name} has ${table.numRows} rows, which are in another database; run its query here`,
          "refused",
        ),
      );
    const adopted = this.insert(table);
    this.names.set(table, adopted);
    adopted.then(
      (target) => this.forgotten.register(table, target, table),
      () => this.names.delete(table),
    );
    return adopted;
  }

  private know(table: Table, target: string): void {
    this.names.set(table, Promise.resolve(target));
    this.forgotten.register(table, target, table);
  }

  private async insert(table: Table): Promise<string> {
    const memory =
      table instanceof MemoryTable ? table : tableFromIPC(table.toIPC(), { name: table.name });
    const stored = memory instanceof MemoryTable ? memory.stored : [];
    const staged = stored.map(stagedColumn);
    const target = this.newName();
    const stage = `stage_${tableOf(target)}`;
    const expressions = staged.map((column, i) => {
      const name = quoteName(stored[i]?.column.name ?? "");
      return table.numRows > 0
        ? `${column.expression(`c${i}`)} as ${name}`
        : `${column.expression("x")} as ${name}`;
    });
    const source = table.numRows > 0 ? `main.${quoteName(stage)}` : "(select null as x) limit 0";
    try {
      if (table.numRows > 0)
        await this.engine.use((database) => database.stage(stage, staged, table.numRows));
      await this.engine.use((database) =>
        database.run(`create table ${target} as select ${expressions.join(", ")} from ${source}`),
      );
      const { numRows } = await this.describe(target);
      if (numRows !== table.numRows)
        throw new QueryError(
          `${table.name} has ${table.numRows} rows and ${numRows} of them arrived in DuckDB`,
          "other",
        );
      return target;
    } catch (error) {
      await this.drop(target);
      throw queryErrorFrom(error);
    } finally {
      if (table.numRows > 0) await this.drop(`main.${quoteName(stage)}`);
    }
  }

  private async files({
    files,
  }: CheckedSql): Promise<{ readonly path: string; readonly file: FileTable }[]> {
    return await Promise.all(
      files.map(async (path) => {
        const file = await this.resolveFile(path);
        const database = databaseOf(file);
        const known = this.attached.get(database);
        const attached =
          known ?? this.engine.use((engine) => engine.attach(file.location, database));
        this.attached.set(database, attached);
        try {
          await attached;
        } catch (cause) {
          this.attached.delete(database);
          const said = queryErrorFrom(cause);
          if (said.code === "closed") throw said;
          throw new QueryError(`${path} cannot be opened: ${said.message}`, "file", undefined, {
            cause,
          });
        }
        return { path, file };
      }),
    );
  }

  private async drop(target: string): Promise<void> {
    if (!this.engine.isRunning) return;
    // what is gone already, or with the engine, needs no dropping
    await this.engine
      .use((database) => database.run(`drop table if exists ${target}`))
      .catch(() => undefined);
  }

  private newName(): string {
    return `${schema}.t${++this.lastName}`;
  }
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

function sourceOf(file: FileTable): string {
  return `${databaseOf(file)}.${quoteName(file.table)}`;
}

/**
 * Content and format decide the name of a file's database, so two paths with one content share it,
 * and a file that changes gets another.
 */
function databaseOf({ path, digest }: FileTable): string {
  return quoteName(`file_${digest}_${path.slice(path.lastIndexOf(".") + 1).toLowerCase()}`);
}

function tableOf(target: string): string {
  return target.slice(target.indexOf(".") + 1);
}
