import type { AsyncDuckDB } from "@duckdb/duckdb-wasm";
import {
  bool,
  columnFromArray,
  float64,
  tableFromColumns,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import { decodeArrow, valuesFromArrow } from "./arrow-decode.ts";
import { throwIfAborted } from "./cancellation.ts";
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

/** Where DuckDB-WASM's parts are; all absolute, all on our own origin or `blob:`. */
export interface WasmClientOptions {
  /** `duckdb-browser-eh.worker.js` */
  readonly workerUrl: string;
  /** `duckdb-eh.wasm` */
  readonly wasmUrl: string;
  /** gives the address under which one of these two can be loaded; by default it is its own */
  readonly locate?: (url: string) => Promise<string>;
  /**
   * The folder that DuckDB asks for extensions, and that answers a plain 404 for those that are not
   * there. Without one of our own a missing extension breaks the engine.
   */
  readonly extensionRepositoryUrl: string;
  /** gives the files that SQL names: under URLs that answer range requests, or as bytes */
  readonly resolveFile: FileResolver;
}

/**
 * A {@link QueryClient} over DuckDB-WASM in a worker of its own. Nothing of DuckDB is loaded before
 * the first query.
 *
 * The worker is a classic one that starts from a blob and imports the script, which is the only way
 * inside a sandboxed frame: an opaque origin cannot start a worker from a URL.
 */
export function createWasmClient(options: WasmClientOptions): QueryClient {
  return new DuckClient((fail) => WasmDatabase.open(options, fail), options.resolveFile);
}

class WasmDatabase implements Database {
  private readonly pool: ConnectionPool<number>;

  private constructor(
    private readonly duckdb: AsyncDuckDB,
    private readonly fail: (reason: Error) => void,
  ) {
    this.pool = new ConnectionPool(() => duckdb.connectInternal(), 4);
  }

  static async open(options: WasmClientOptions, fail: (reason: Error) => void): Promise<Database> {
    const { workerUrl, wasmUrl, locate = (url: string) => Promise.resolve(url) } = options;
    const [{ AsyncDuckDB, VoidLogger }, workerAddress, wasmAddress] = await Promise.all([
      import("@duckdb/duckdb-wasm"),
      locate(workerUrl),
      locate(wasmUrl),
    ]);
    const worker = startWorker(workerAddress);
    const duckdb = new AsyncDuckDB(new VoidLogger(), worker);
    try {
      await Promise.race([duckdb.instantiate(wasmAddress), failedWorker(worker)]);
      await duckdb.open({ filesystem: rangeReads });
      const connection = await duckdb.connectInternal();
      for (const setting of [
        `custom_extension_repository = ${quoteText(options.extensionRepositoryUrl)}`,
        ...commonSettings,
        "lock_configuration = true",
      ])
        await duckdb.runQuery(connection, `set ${setting}`);
      await duckdb.disconnect(connection);
      const stop = (reason: Error): void => {
        worker.terminate();
        fail(reason);
      };
      worker.addEventListener("error", (event) => stop(new Error(event.message)));
      return new WasmDatabase(duckdb, stop);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  async run(sql: string, signal?: AbortSignal): Promise<void> {
    await this.send(sql, signal);
  }

  async read(
    sql: string,
    columns: readonly Pick<Column, "type">[],
    signal?: AbortSignal,
  ): Promise<ReadRows> {
    const data = decodeArrow(await this.send(sql, signal));
    return {
      numRows: data.numRows,
      values: columns.map(({ type }, i) => valuesFromArrow(data.getChildAt(i), type)),
    };
  }

  async stage(table: string, columns: readonly StagedColumn[]): Promise<void> {
    const arrow = tableFromColumns(
      columns.map(({ type, values }, i) => [
        `c${i}`,
        columnFromArray(Array.from(values), stagedTypes[type]()),
      ]),
    );
    const bytes = tableToIPC(arrow, { format: "stream" });
    if (!bytes) throw new Error("Arrow gave no bytes");
    await this.pool.use((connection) =>
      this.duckdb.insertArrowFromIPCStream(connection, bytes, { name: table, schema: "main" }),
    );
  }

  async attach({ location, read }: GivenFileTable, name: string): Promise<void> {
    if (read === undefined)
      return await this.run(`attach ${quoteText(location)} as ${name} (read_only)`);
    // a name of our own: the engine takes what looks like a URL for one
    const file = `${name.replaceAll('"', "")}.duckdb`;
    await this.duckdb.registerFileBuffer(file, await read());
    await this.run(`attach ${quoteText(file)} as ${name} (read_only)`);
  }

  async close(): Promise<void> {
    await this.duckdb.terminate();
  }

  /**
   * Runs one statement so that it can be cancelled, and gives its result as the messages of an Arrow
   * stream. The engine works in slices, so other connections get their turn.
   */
  private async send(sql: string, signal?: AbortSignal): Promise<Uint8Array[]> {
    return await this.pool.use(async (connection) => {
      throwIfAborted(signal);
      let deadline: ReturnType<typeof setTimeout> | undefined;
      const cancel = (): void => {
        void this.duckdb.cancelPendingQuery(connection);
        deadline = setTimeout(() => {
          this.fail(new QueryError("a cancelled query did not end", "cancelled"));
        }, cancelPatience);
      };
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        const messages = [await this.header(connection, sql, signal)];
        for (;;) {
          throwIfAborted(signal);
          const message = await this.duckdb.fetchQueryResults(connection);
          if (message?.length === 0) return messages;
          if (message) messages.push(message);
        }
      } finally {
        signal?.removeEventListener("abort", cancel);
        clearTimeout(deadline);
      }
    });
  }

  private async header(
    connection: number,
    sql: string,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    let header = await this.duckdb.startPendingQuery(connection, sql, false);
    while (!header) {
      throwIfAborted(signal);
      header = await this.duckdb.pollPendingQuery(connection);
    }
    return header;
  }
}

/**
 * Milliseconds that a cancelled query has to end. The engine looks up only between slices of work,
 * and a slice of a large cross join can last for hours; then only ending the worker helps.
 */
const cancelPatience = 2000;

/**
 * Files are read by ranges: a HEAD with `Range: bytes=0-` must answer 206 and the length. A server
 * that does not is read whole.
 */
const rangeReads = {
  forceFullHTTPReads: false,
  reliableHeadRequests: true,
  allowFullHTTPReads: true,
} as const;

const stagedTypes = { DOUBLE: float64, VARCHAR: utf8, BOOLEAN: bool } as const;

function startWorker(scriptUrl: string): Worker {
  const script = new Blob([`importScripts(${JSON.stringify(scriptUrl)});`], {
    type: "text/javascript",
  });
  const url = URL.createObjectURL(script);
  const worker = new Worker(url, { name: "duckdb" });
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

/** Rejects when the worker cannot even start, which its client would wait for without end. */
function failedWorker(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.addEventListener("error", (event) =>
      reject(new Error(`its worker does not start: ${event.message}`)),
    );
  });
}
