import wasmUrl from "@duckdb/duckdb-wasm/dist/duckdb-eh.wasm?url";
import workerUrl from "@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url";
import type { ShellApi } from "../../cells/shell-api.ts";
import type { QueryClient } from "../../data/query-client.ts";
import { createWasmClient } from "../../data/wasm-client.ts";
import { assetAddress } from "./asset-address.ts";
import { givenTables } from "./given-tables.ts";

/**
 * The workbook's DuckDB, in a worker of this frame. It is loaded at the first query, which takes a
 * second or so.
 *
 * @param starting is told when the engine begins to load and when its first query is answered
 */
export function openDatabase(
  shell: Pick<ShellApi, "table" | "fileDigest">,
  starting: (isStarting: boolean) => void,
): QueryClient {
  const client = createWasmClient({
    workerUrl: absolute(workerUrl),
    wasmUrl: absolute(wasmUrl),
    locate: assetAddress,
    extensionRepositoryUrl: absolute("/duckdb-ext"),
    resolveFile: givenTables(shell, absolute),
  });
  return announced(client, starting);
}

/** The client, with its start made known: nobody should wonder why the first query is slow. */
function announced(client: QueryClient, starting: (isStarting: boolean) => void): QueryClient {
  let isFirst = true;
  return {
    get engineVersion() {
      return client.engineVersion;
    },
    query: async (sql, options) => {
      if (!isFirst) return await client.query(sql, options);
      isFirst = false;
      starting(true);
      try {
        return await client.query(sql, options);
      } finally {
        starting(false);
      }
    },
    adopt: (table) => client.adopt(table),
    release: (table) => client.release(table),
    close: () => client.close(),
  };
}

/** An opaque origin resolves nothing against itself; the frame's own address has our origin. */
function absolute(path: string): string {
  return new URL(path, location.href).href;
}
