import {
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampValue,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBValue,
} from "@duckdb/node-api";
import { plainValue } from "./arrow-decode.ts";
import { throwIfAborted } from "./cancellation.ts";
import { dateFromMicroseconds, type StoredValues } from "./column.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { commonSettings, type Database, type ReadRows } from "./database.ts";
import { DuckClient } from "./duckdb-client.ts";
import {
  QueryError,
  type FileResolver,
  type GivenFileTable,
  type QueryClient,
} from "./query-client.ts";
import { quoteText } from "./sql-type.ts";
import type { StagedColumn } from "./staged-column.ts";
import type { Column } from "./table.ts";

/** What a native client may reach and use. */
export interface NativeClientOptions {
  /** gives the files that SQL names; their locations must lie under `directories` */
  readonly resolveFile: FileResolver;
  /** the only folders whose files the engine can open; without any it opens none */
  readonly directories?: readonly string[];
  /** such as `4GB`; DuckDB's own default without it */
  readonly memoryLimit?: string;
}

/**
 * A {@link QueryClient} over native DuckDB, for Node. It runs on one thread, because sums of
 * fractions change in their last digits with more; several queries may run at once.
 *
 * The engine reaches the given folders and nothing else: no other file, no network, no extension.
 */
export function createNativeClient(options: NativeClientOptions): QueryClient {
  return new DuckClient(() => NativeDatabase.open(options), options.resolveFile);
}

class NativeDatabase implements Database {
  /** the connections that have a query under way */
  private readonly busy = new Set<DuckDBConnection>();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly pool: ConnectionPool<DuckDBConnection>,
  ) {}

  static async open({ directories = [], memoryLimit }: NativeClientOptions): Promise<Database> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    const folders = directories.map(quoteText).join(", ");
    for (const setting of [
      ...commonSettings,
      "global TimeZone = 'UTC'",
      ...(memoryLimit === undefined ? [] : [`memory_limit = ${quoteText(memoryLimit)}`]),
      // nothing may spill next to where the process happens to stand
      "temp_directory = ''",
      `allowed_directories = [${folders}]`,
      "enable_external_access = false",
      "lock_configuration = true",
    ])
      await connection.run(`set ${setting}`);
    connection.closeSync();
    return new NativeDatabase(instance, new ConnectionPool(() => instance.connect(), 4));
  }

  async run(sql: string, signal?: AbortSignal): Promise<void> {
    await this.use(signal, async (connection) => {
      const { count } = await connection.extractStatements(sql);
      // a PIVOT alone is made of several
      if (count > 1 && !/\b(?:un)?pivot/i.test(sql))
        throw new QueryError("there is more than one statement", "refused");
      await connection.run(sql);
    });
  }

  async read(
    sql: string,
    columns: readonly Pick<Column, "type">[],
    signal?: AbortSignal,
  ): Promise<ReadRows> {
    return await this.use(signal, async (connection) => {
      const result = await connection.stream(sql);
      const values = columns.map((): unknown[] => []);
      let numRows = 0;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) break;
        numRows += chunk.rowCount;
        values.forEach((into, i) => appendValues(into, chunk, i));
      }
      return { numRows, values: values.map((own, i) => storedFrom(own, columns[i]?.type)) };
    });
  }

  async stage(table: string, columns: readonly StagedColumn[], numRows: number): Promise<void> {
    const definitions = columns.map(({ type }, i) => `c${i} ${type}`).join(", ");
    await this.run(`create table main."${table}" (${definitions})`);
    await this.pool.use(async (connection) => {
      const appender = await connection.createAppender(table, "main");
      const types = columns.map(({ type }) => stagedTypes[type]);
      const step = 2048;
      for (let start = 0; start < numRows; start += step) {
        const length = Math.min(step, numRows - start);
        const chunk = DuckDBDataChunk.create(types, length);
        columns.forEach(({ values }, i) =>
          chunk.setColumnValues(
            i,
            Array.from({ length }, (_, row) => duckValue(values[start + row])),
          ),
        );
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    });
  }

  async attach({ location }: GivenFileTable, name: string): Promise<void> {
    await this.run(`attach ${quoteText(location)} as ${name} (read_only)`);
  }

  async close(): Promise<void> {
    for (const connection of this.busy) connection.interrupt();
    this.instance.closeSync();
  }

  /** Works on a connection of its own; the signal stops its query. */
  private async use<Result>(
    signal: AbortSignal | undefined,
    work: (connection: DuckDBConnection) => Promise<Result>,
  ): Promise<Result> {
    return await this.pool.use(async (connection) => {
      throwIfAborted(signal);
      const interrupt = (): void => connection.interrupt();
      signal?.addEventListener("abort", interrupt, { once: true });
      this.busy.add(connection);
      try {
        return await work(connection);
      } finally {
        this.busy.delete(connection);
        signal?.removeEventListener("abort", interrupt);
      }
    });
  }
}

const stagedTypes = { DOUBLE, VARCHAR, BOOLEAN } as const;

function appendValues(into: unknown[], chunk: DuckDBDataChunk, column: number): void {
  const vector = chunk.getColumnVector(column);
  for (let i = 0; i < vector.itemCount; i++) into.push(vector.getItem(i));
}

function storedFrom(values: unknown[], type: Column["type"] | undefined): StoredValues {
  if (type === "other") return values.map(nestedValue);
  if (type === "string" || type === "boolean") return values;
  const numbers = type === "integer" ? values.map(plainValue) : values;
  return numbers.every((value) => typeof value === "number")
    ? Float64Array.from(numbers, Number)
    : numbers;
}

/** A value of a nested type, as native DuckDB gives it, in the form that a table keeps. */
export function nestedValue(value: unknown): unknown {
  return plainValue(unwrapped(value));
}

/** DuckDB's value objects as plain arrays, objects, Dates and bytes. */
function unwrapped(value: unknown): unknown {
  if (value instanceof DuckDBListValue) return value.items.map(unwrapped);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(
      Object.entries(value.entries).map(([name, member]) => [name, unwrapped(member)]),
    );
  if (value instanceof DuckDBTimestampValue) return dateFromMicroseconds(Number(value.micros));
  if (value instanceof DuckDBDateValue) return new Date(value.days * 86_400_000);
  if (value instanceof DuckDBBlobValue) return value.bytes;
  return value;
}

function duckValue(value: unknown): DuckDBValue {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean"
    ? value
    : null;
}
