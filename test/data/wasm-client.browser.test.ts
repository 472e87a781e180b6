import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileTable } from "../../data/query-client.ts";
import { openModulePage, type ModulePage } from "../harness/module-page.ts";
import { makeContractFiles } from "./contract-files.ts";
import { contractCases } from "./query-contract.ts";
import type { WasmPage } from "./wasm-page.ts";

declare const wasmPage: WasmPage;

const duckdb = fileURLToPath(
  new URL("../../node_modules/@duckdb/duckdb-wasm/dist/", import.meta.url),
);

let folder: string;
let module: ModulePage;
const offOrigin: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-data-"));
  const files = await makeContractFiles(folder);
  module = await openModulePage("test/data/wasm-page.ts", async (path) => {
    if (path.startsWith("/duckdb/")) return await readFile(join(duckdb, basename(path)));
    if (path.startsWith("/b/")) return await readFile(join(folder, "databases", basename(path)));
    return undefined;
  });
  const { page, origin } = module;
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("blob:"))
      offOrigin.push(request.url());
  });
  const served = files.map((file): FileTable => ({
    ...file,
    location: `${origin}/b/${basename(file.location)}`,
  }));
  await page.evaluate(([origin, files]) => wasmPage.start(origin, files), [
    origin,
    served,
  ] as const);
});

afterAll(async () => {
  await module.close();
  await rm(folder, { recursive: true, force: true });
});

describe("DuckDB-WASM in Chromium keeps the contract of query clients:", () => {
  test("nothing of DuckDB is loaded before the first query", async () => {
    expect(await module.page.evaluate(() => wasmPage.loaded())).toEqual([]);
  });

  test.each(contractCases)("$title", async ({ title, expected }) => {
    const got = await module.page.evaluate((title) => wasmPage.run(title), title);
    expect(got).toEqual(expected);
  });

  test("it asks nobody but its own origin", () => {
    expect(offOrigin).toEqual([]);
  });
});
