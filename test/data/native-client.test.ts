import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNativeClient } from "../../data/native-client.ts";
import { QueryError, type FileTable, type QueryClient } from "../../data/query-client.ts";
import type { Table } from "../../data/table.ts";
import { digestKey } from "../../runtime/digest.ts";
import { makeContractFiles } from "./contract-files.ts";
import { contractCases } from "./query-contract.ts";

let folder: string;
let files: readonly FileTable[];
let client: QueryClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-data-"));
  files = await makeContractFiles(folder);
  client = makeClient();
});

function makeClient(): QueryClient {
  return createNativeClient({
    resolveFile: async (path) => {
      const file = files.find((candidate) => candidate.path === path);
      if (!file) throw new QueryError(`there is no file ${path}`, "file");
      return file;
    },
    directories: [join(folder, "databases")],
  });
}

afterAll(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

describe("native DuckDB keeps the contract of query clients:", () => {
  test.each(contractCases)("$title", async ({ run, expected }) => {
    expect(await run(client)).toEqual(expected);
  });
});

describe("a result that is too large", () => {
  const rowLimit = 5000;

  test("is no copy: the database keeps its query, not its rows", async () => {
    const fresh = makeClient();
    const numbers = await fresh.query("from 'data/numbers.parquet'", { rowLimit });
    expect(numbers.isLocal).toBe(false);
    const tables = await fresh.query(
      "select table_name from duckdb_tables() where schema_name = 'tierbook' and estimated_size > 1",
    );
    expect([...tables]).toEqual([]);
    await fresh.release(numbers);
    await fresh.close();
  });

  test("leaves nothing behind, and neither do those that it reads", async () => {
    const left = async () =>
      Array.from(
        await client.query(
          "select (select count(*) from duckdb_views() where schema_name = 'tierbook') v",
        ),
        ({ v }) => Number(v),
      );
    const before = await left();
    const all = await client.query("from 'data/numbers.parquet'", { rowLimit });
    const some = await client.query("from a where i > 9", { tables: { a: all }, rowLimit });
    const few = await client.query("from b where i < 20", { tables: { b: some }, rowLimit });
    expect(few.numRows).toBe(10);
    await expect(client.query("select x::DATE from b", { tables: { b: some } })).rejects.toThrow();
    await client.release(all);
    expect(await left()).toEqual(before.map((views) => views + 2));
    await client.release(some);
    expect(await left()).toEqual(before);
  });

  test("has a lineage, and so have results of it, without a look at what the rows are", async () => {
    const rows = await client.query("select 1 a");
    const watched = Object.create(rows, {
      [digestKey]: { get: () => expect.unreachable("the content's digest was computed") },
      lineage: { value: rows.lineage },
    }) as Table;
    await client.adopt(watched);
    const { lineage } = await client.query("from watched", { tables: { watched } });
    expect(lineage?.statements.map(({ sql }) => sql)).toEqual(["select 1 a", "from watched"]);
  });
});
