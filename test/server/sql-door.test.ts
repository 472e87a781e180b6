import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { canonicalSql } from "../../runtime/sql.ts";
import type { Lineage } from "../../data/lineage.ts";
import { engineVersion } from "../../data/index.ts";
import { runKey, type RunResult } from "../../engines/run.ts";
import { RowDatabase } from "../../server/row-database.ts";
import { builtCli } from "./build-cli.ts";
import { climb } from "./climb.ts";
import { eventually, makePlan } from "./fixtures.ts";
import { lineageRequest } from "./lineage-runs.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

const plan = makePlan();
let server: TestServer;

beforeAll(async () => {
  vi.stubEnv("TIERBOOK_ROWS_MEMORY", "150MB");
  vi.stubEnv("TIERBOOK_ROWS_SECONDS", "5");
  vi.stubEnv("TIERBOOK_ROWS_DISK", "100MB");
  await builtCli();
}, 120_000);
afterAll(() => vi.unstubAllEnvs());
beforeEach(async () => {
  server = await startTestServer();
  await climb(server, plan);
});
afterEach(async () => {
  const session = await server.api("/api/session");
  await server.dispose();
  expect(session.status).toBe(200);
}, 30_000);

/** A lineage of one statement, as somebody who means harm would write it. */
function lineageOf(sql: string, files: Record<string, string> = {}): Lineage {
  return { engine: engineVersion, statements: [{ sql, tables: {}, files, rows: {} }] };
}

async function submit(
  lineage: Lineage,
): Promise<{ key: string; status: number; code?: string; message?: string; hint?: string }> {
  const { request } = lineageRequest(lineage, plan);
  const key = runKey(request);
  const answer = await server.api(`/api/runs/${key}`, {
    method: "PUT",
    body: JSON.stringify({ request }),
  });
  const { error } = (await answer.json()) as { error?: object };
  return { key, status: answer.status, ...error };
}

const secret = (): string => join(server.workspace.state, "ledger.jsonl");

/** Where nothing may be written. */
const elsewhere = (): string => join(server.workspace.root, "elsewhere");

const atTheDoor: readonly (readonly [string, string, RegExp])[] = [
  [
    "another file",
    "select * from '/etc/passwd'",
    /character \d+ .*reads the file '\/etc\/passwd', which its lineage does not name/,
  ],
  ["a file above the workspace", "from '../secrets.csv'", /reads the file '..\/secrets.csv'/],
  [
    "a URL",
    "from 'https://example.com/data.csv'",
    /reads the file 'https:\/\/example.com\/data.csv'/,
  ],
  ["ATTACH", "attach '/tmp/other.duckdb' as other", /ATTACH is not a query/],
  ["COPY", "copy (select 1) to '/tmp/out.csv'", /COPY is not a query/],
  ["PRAGMA", "pragma database_list", /PRAGMA is not a query/],
  ["INSTALL", "install httpfs", /INSTALL is not a query/],
  ["LOAD", "load httpfs", /LOAD is not a query/],
  ["SET", "set lock_configuration = false", /SET is not a query/],
  ["RESET", "reset enable_external_access", /RESET is not a query/],
  [
    "CALL",
    "call enable_logging(storage = 'file', storage_path = '/tmp/log')",
    /CALL is not a query/,
  ],
  ["EXPORT", "export database '/tmp/out'", /EXPORT is not a query/],
  ["CREATE", "create table x as select 1", /CREATE is not a query/],
  ["a second statement", "select 1; select 2", /more than one statement/],
  [
    "a second statement behind a comment",
    "select 1 /* ; */ ; attach ':memory:' as x --",
    /more than one statement/,
  ],
  ["EXPLAIN ANALYZE", "explain analyze select 1", /EXPLAIN gives a plan/],
  [
    "a log written to a file",
    "from enable_logging(storage = 'file', storage_path = '/tmp/log')",
    /enable_logging changes the engine/,
  ],
  [
    "a profile written to a file",
    `from "enable_profiling"(save_location = '/tmp/profile.json')`,
    /enable_profiling changes the engine/,
  ],
  ["nothing", "  ", /there is no query/],
  [
    "very many columns",
    `select ${Array.from({ length: 70_000 }, (_, i) => `1 as c${i}`).join(", ")}`,
    /200,000 are the most/,
  ],
  [
    "deep brackets",
    `select ${"(".repeat(5_000)}1${")".repeat(5_000)}`,
    /brackets stand more than 200 deep/,
  ],
  [
    "deep queries",
    `${"(select * from ".repeat(5_000)}(select 1)${")".repeat(5_000)}`,
    /brackets stand more than 200 deep/,
  ],
  ["a very long operator", `select 1 ${"+".repeat(100_000)} 1`, /operator is too long/],
];

test.each(atTheDoor)("%s is refused at once, with its place", async (_, sql, message) => {
  const began = performance.now();
  const answer = await submit(lineageOf(sql));
  expect(answer).toMatchObject({
    status: 422,
    code: "sql",
    message: expect.stringMatching(message),
  });
  expect(answer.hint).not.toBe("");
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await server.workspace.runs.find(answer.key)).toBeUndefined();
});

test.each([
  "/etc/passwd",
  "../x.csv",
  ".tierbook/blobs/x.csv",
  "https://example.com/x.csv",
  "no.csv",
])("the file %s is no file of the workspace, even if the lineage names it", async (path) => {
  const lineage = lineageOf(`from '${path}'`, { [path]: "0".repeat(64) });
  expect(await submit(lineage)).toMatchObject({ status: 422, code: "file" });
});

const inside: readonly (readonly [string, () => string, RegExp])[] = [
  ["read_csv", () => "from read_csv('/etc/passwd')", /file system operations are disabled/],
  ["read_text", () => "from read_text('/etc/passwd')", /file system operations are disabled/],
  [
    "read_blob of our own state",
    () => `from read_blob('${secret()}')`,
    /file system operations are disabled/,
  ],
  [
    "read_json of a URL",
    () => "from read_json('https://example.com/x.json')",
    /disabled|does not exist/,
  ],
  ["glob", () => "from glob('/etc/*')", /file system operations are disabled/],
  ["sniff_csv", () => "from sniff_csv('/etc/passwd')", /file system operations are disabled/],
  ["query_table", () => "from query_table('/etc/passwd')", /./],
  [
    "a query in a text",
    () => "from query('select * from read_text(''/etc/passwd'')')",
    /file system operations are disabled/,
  ],
  ["a change in a text", () => "from query('create table x as select 1')", /SELECT/i],
  [
    "a log in a text",
    () =>
      `from query('from enable_logging(storage = ''file'', storage_path = ''${elsewhere()}'')')`,
    /./,
  ],
  ["getenv", () => "select getenv('HOME') as a", /getenv does not exist/],
  [
    "INSERT in a CTE",
    () => "with x as (insert into y values (1) returning 1) select * from x",
    /CTE needs a SELECT|syntax/i,
  ],
  ["DELETE after a CTE", () => "with x as (select 1) delete from y", /syntax/i],
  ["CREATE after a CTE", () => "with x as (select 1) create table y as from x", /syntax/i],
  [
    "a table of ours by its full name",
    () => "from tierbook_rows.tierbook.t0",
    /there is no table t0/,
  ],
  [
    "a cross join to sort",
    () =>
      "select a.i as a, b.i as b, 'even' as kind from range(100000) a(i), range(100000) b(i) order by hash(a.i + b.i)",
    /statement 1 of 1.*(TIERBOOK_ROWS_DISK|TIERBOOK_ROWS_MEMORY|longer than 5 s)/s,
  ],
  [
    "a list of everything",
    () =>
      "select list(a.i) as a, list(b.i) as b, 'even' as kind from range(100000) a(i), range(100000) b(i)",
    /statement 1 of 1.*(TIERBOOK_ROWS_MEMORY|longer than 5 s)/s,
  ],
  [
    "rows without end",
    () => "select a.i as a, b.i as b, 'even' as kind from range(1000000) a(i), range(1000000) b(i)",
    /statement 1 of 1.*(TIERBOOK_ROWS_DISK|longer than 5 s)/,
  ],
  [
    "a recursion without end",
    () => "with recursive r as (select 1 as n union all select n from r) select n as a from r",
    /statement 1 of 1.*(longer than 5 s|TIERBOOK_ROWS)/s,
  ],
  [
    "a join without end and without rows",
    () => "select 1 as a from range(10000000) a(i), range(10000000) b(i) where a.i * b.i < 0",
    /longer than 5 s/,
  ],
  ["a pivot of very many columns", () => "pivot (from range(60000) t(i)) on i using count(*)", /./],
  [
    "a very deep expression",
    () => `select ${"not ".repeat(40_000)}true as a`,
    /memory exhausted|depth|too much for the database/,
  ],
  [
    "a very long sum",
    () => `select ${Array.from({ length: 45_000 }, () => "1").join("+")} as a`,
    /depth/,
  ],
  [
    "a very long union",
    () => Array.from({ length: 8_000 }, () => "select 1 as a").join(" union all "),
    /./,
  ],
  [
    "very many columns",
    () => `select ${Array.from({ length: 9_000 }, (_, i) => `1 as c${i}`).join(", ")}`,
    /there is no column `a`|TIERBOOK_ROWS_MEMORY/,
  ],
];

test.each(inside)(
  "%s is stopped in the process that makes the rows, with a reason",
  async (_, sql, reason) => {
    const { key, status } = await submit(lineageOf(canonicalSql(sql())));
    expect(status).toBe(201);
    const directory = server.workspace.runs.directory(key);
    // the server answers while the statement is at its worst
    expect((await server.api("/api/session")).status).toBe(200);
    const result = await eventually(
      async () => (await directory.readEnd()) as RunResult | undefined,
      25_000,
    );
    expect(result).toMatchObject({ state: "failed", reason: expect.stringMatching(reason) });
    expect(result.reason).not.toMatch(/\n\s+at |exception_type|root:|node_modules/);
    await eventually(async () =>
      (await processesOf(directory.path)).length === 0 ? true : undefined,
    );
    expect(await readdir(join(directory.path, "data"))).toEqual(["files"]);
    expect(existsSync(elsewhere())).toBe(false);
  },
  40_000,
);

/** Processes that were started on a run's directory and are still there. */
async function processesOf(path: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(path));
}

test("a database for rows reaches nothing else, whatever statement gets to it", async () => {
  const { key } = await submit(lineageOf("select 1 as a"));
  const directory = server.workspace.runs.directory(key);
  await eventually(() => directory.readEnd());
  await mkdir(elsewhere());
  await writeFile(join(elsewhere(), "data.csv"), "a\n1\n");
  const statements = [
    `attach '${elsewhere()}/x.duckdb' as x`,
    `copy (select 1) to '${elsewhere()}/x.csv'`,
    `export database '${elsewhere()}/x'`,
    `create table main.x as from '${elsewhere()}/data.csv'`,
    `create table main.x as from read_csv('${elsewhere()}/data.csv')`,
    `create table main.x as from read_text('${secret()}')`,
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set temp_directory = '/tmp'",
    "set memory_limit = '100GB'",
    "set threads = 8",
    "reset memory_limit",
    "set custom_extension_repository = 'http://localhost:1'",
    "pragma memory_limit = '100GB'",
  ];
  for (const statement of statements) {
    const limits = { memoryBytes: 100e6, seconds: 10, diskBytes: 50e6 };
    await directory.discardMadeRows();
    const database = await RowDatabase.open(directory, [], limits);
    await expect(database.run(statement), statement).rejects.toThrow();
    database.close();
  }
  expect(await readdir(elsewhere())).toEqual(["data.csv"]);
}, 60_000);
