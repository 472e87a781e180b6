import type { FileTable, QueryClient } from "../../data/query-client.ts";
import { QueryError } from "../../data/query-client.ts";
import { createWasmClient } from "../../data/wasm-client.ts";
import { contractCases, type ContractCase } from "./query-contract.ts";

/** DuckDB's worker script and engine. */
export interface WasmParts {
  readonly worker: ArrayBuffer;
  readonly wasm: ArrayBuffer;
}

/** What the test calls in the page. */
export interface WasmPage {
  /** makes the client, with the parts of DuckDB and the files under the page's origin */
  start(origin: string, files: readonly FileTable[]): void;
  /** makes the client where there is no network: of what is here, with the files by their places */
  startAlone(parts: WasmParts, files: readonly (FileTable & { bytes: ArrayBuffer })[]): void;
  /** the files that it was started with */
  files(): readonly FileTable[];
  /** runs one case of the contract and gives what it gave, or its error */
  run(title: string): Promise<unknown>;
  /** the digest of one case's result */
  digest(title: string): Promise<string | undefined>;
  /** the URLs of DuckDB's parts that were fetched so far */
  loaded(): string[];
  close(): Promise<void>;
}

let client: QueryClient;
let known: readonly FileTable[] = [];

const page: WasmPage = {
  files: () => known,
  start(origin, files) {
    known = files;
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
  startAlone({ worker, wasm }, files) {
    const address = (bytes: ArrayBuffer, type: string): string =>
      URL.createObjectURL(new Blob([bytes], { type }));
    client = createWasmClient({
      workerUrl: address(worker, "text/javascript"),
      wasmUrl: address(wasm, "application/wasm"),
      extensionRepositoryUrl: "http://nowhere.invalid",
      resolveFile: async (path) => {
        const file = files.find((candidate) => candidate.path === path);
        if (!file) throw new QueryError(`there is no file ${path}`, "file");
        const { bytes, ...table } = file;
        return { ...table, read: async () => new Uint8Array(bytes.slice(0)) };
      },
    });
  },
  run: async (title) => await caseOf(title).run(client),
  digest: async (title) => await caseOf(title).digest?.(client),
  loaded: () =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .filter((name) => name.includes("duckdb")),
  close: () => client.close(),
};

function caseOf(title: string): ContractCase {
  const found = contractCases.find((candidate) => candidate.title === title);
  if (!found) throw new Error(`there is no case ${title}`);
  return found;
}

Object.assign(globalThis, { wasmPage: page });
