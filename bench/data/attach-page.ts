import { createWasmClient } from "../../data/wasm-client.ts";

/** What the benchmark calls in the page. */
export interface AttachPage {
  /**
   * Milliseconds from a query that names a file to its result, by a client of its own whose engine
   * has started.
   */
  firstResult(
    origin: string,
    file: { readonly location: string; readonly numRows: number },
    sql: string,
  ): Promise<number>;
}

const page: AttachPage = {
  async firstResult(origin, { location, numRows }, sql) {
    const client = createWasmClient({
      workerUrl: `${origin}/duckdb/duckdb-browser-eh.worker.js`,
      wasmUrl: `${origin}/duckdb/duckdb-eh.wasm`,
      extensionRepositoryUrl: `${origin}/duckdb-ext`,
      resolveFile: (path) =>
        Promise.resolve({ path, digest: "flights", location, table: "data", numRows }),
    });
    try {
      await client.query("select 1");
      const began = performance.now();
      await client.query(sql);
      return performance.now() - began;
    } finally {
      await client.close();
    }
  },
};

Object.assign(globalThis, { attachPage: page });
