import type { FileTable, QueryClient } from "../../data/query-client.ts";
import { QueryError } from "../../data/query-client.ts";
import { createWasmClient } from "../../data/wasm-client.ts";
import { contractCases } from "./query-contract.ts";

/** What the test calls in the page. */
export interface WasmPage {
  /** makes the client, with the parts of DuckDB and the files under the page's origin */
  start(origin: string, files: readonly FileTable[]): void;
  /** runs one case of the contract and gives what it gave, or its error */
  run(title: string): Promise<unknown>;
  /** the URLs of DuckDB's parts that were fetched so far */
  loaded(): string[];
  close(): Promise<void>;
}

let client: QueryClient;

const page: WasmPage = {
  start(origin, files) {
    client = createWasmClient({
      workerUrl: `${origin}/duckdb/duckdb-browser-eh.worker.js`,
      wasmUrl: `${origin}/duckdb/duckdb-eh.wasm`,
      extensionRepositoryUrl: `${origin}/duckdb-ext`,
      resolveFile: async (path) => {
        const file = files.find((candidate) => candidate.path === path);
        if (!file) throw new QueryError(`there is no file ${path}`, "file");
        return file;
      },
    });
  },
  async run(title) {
    const found = contractCases.find((candidate) => candidate.title === title);
    if (!found) throw new Error(`there is no case ${title}`);
    return await found.run(client);
  },
  loaded: () =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .filter((name) => name.includes("duckdb")),
  close: () => client.close(),
};

Object.assign(globalThis, { wasmPage: page });
