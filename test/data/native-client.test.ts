import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNativeClient } from "../../data/native-client.ts";
import { QueryError, type QueryClient } from "../../data/query-client.ts";
import { makeContractFiles } from "./contract-files.ts";
import { contractCases } from "./query-contract.ts";

let folder: string;
let client: QueryClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-data-"));
  const files = await makeContractFiles(folder);
  client = createNativeClient({
    resolveFile: async (path) => {
      const file = files.find((candidate) => candidate.path === path);
      if (!file) throw new QueryError(`there is no file ${path}`, "file");
      return file;
    },
    directories: [join(folder, "databases")],
  });
});

afterAll(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

describe("native DuckDB keeps the contract of query clients:", () => {
  test.each(contractCases)("$title", async ({ run, expected }) => {
    expect(await run(client)).toEqual(expected);
  });
});
