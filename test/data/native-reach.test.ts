import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNativeClient } from "../../data/native-client.ts";
import type { QueryClient } from "../../data/query-client.ts";

let folder: string;
let client: QueryClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-reach-"));
  await writeFile(join(folder, "secret.csv"), "a\n1\n");
  client = createNativeClient({
    resolveFile: () => Promise.reject(new Error("there is no file here")),
  });
});
afterAll(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

describe("SQL on native DuckDB", () => {
  test.each([
    ["reads a file", () => `from read_csv('${folder}/secret.csv')`],
    ["reads a file's text", () => "from read_text('/etc/passwd')"],
    ["lists a folder", () => "from glob('/etc/*')"],
    ["reads the network", () => "from read_csv('http://127.0.0.1:9/x.csv')"],
    ["reads the environment", () => "select getenv('HOME')"],
  ])("does not reach out when it %s", async (_, sql) => {
    await expect(client.query(sql())).rejects.toMatchObject({ name: "QueryError" });
  });

  test("cannot change its own settings through a query", async () => {
    await expect(client.query("from query('set threads = 8')")).rejects.toMatchObject({
      name: "QueryError",
    });
    expect([...(await client.query("select current_setting('threads')::INTEGER n"))]).toEqual([
      { n: 1 },
    ]);
  });

  test("passes on what the resolver says of a file", async () => {
    await expect(client.query("from 'x.csv'")).rejects.toThrow("there is no file here");
  });

  test("keeps within its memory", async () => {
    const small = createNativeClient({
      resolveFile: () => Promise.reject(new Error("no")),
      memoryLimit: "20MB",
    });
    await expect(small.query("select list(i) l from range(20000000) t(i)")).rejects.toMatchObject({
      code: "out-of-memory",
    });
    expect([...(await small.query("select 1 a"))]).toEqual([{ a: 1 }]);
    await small.close();
  });

  test("rejects what is under way when the client is closed, and everything after", async () => {
    const closing = createNativeClient({ resolveFile: () => Promise.reject(new Error("no")) });
    await closing.query("select 1");
    const long = closing.query("select sum(i * i % 7) from range(40000000000) t(i)");
    const ended = expect(long).rejects.toMatchObject({ code: "closed" });
    await closing.close();
    await ended;
    await expect(closing.query("select 1")).rejects.toMatchObject({ code: "closed" });
  });
});
