import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { digestKey } from "../../runtime/digest.ts";
import type { RunDirectory } from "../../server/run-directory.ts";
import { identityOf } from "../../server/process-identity.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { builtCli } from "./build-cli.ts";
import { eventually, makePlan, makeRequest, temporaryFolder } from "./fixtures.ts";
import { makeLineageRun, rowsInMemory, type NamedSql } from "./lineage-runs.ts";

let cli: string;
let workspace: Workspace;
let remove: () => Promise<void>;

beforeAll(async () => (cli = await builtCli()), 120_000);
beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  workspace = await openWorkspace(folder.path);
  await writeFile(join(folder.path, "numbers.csv"), csv(400));
});
afterEach(() => remove());

const csv = (rows: number): string =>
  ["i,u", ...Array.from({ length: rows }, (_, i) => `${i},${Math.sin(i * 12.9898)}`)].join("\n");

/** Two classes that two numbers tell apart, from a file over an intermediate result. */
const sqls: NamedSql = {
  halves: "select *, case when i % 2 = 0 then 1 else -1 end as half from 'numbers.csv'",
  rows: "select u + half as a, cos(i) - half as b, case when i % 2 = 0 then 'even' else 'odd' end as kind from halves",
};

/** Takes a while, and little else. */
const slow: NamedSql = {
  rows: "select 1 as a, 1 as b, 'even' as kind from range(300000) x(i), range(300000) y(j) where i * j < 0",
};

function startWork(
  directory: RunDirectory,
  env: Record<string, string> = {},
): {
  readonly pid: number | undefined;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | string | null>;
} {
  const child = spawn(process.execPath, [cli, "work", directory.path], {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | string | null>((resolve) =>
    child.once("exit", (status, signal) => resolve(signal ?? status)),
  );
  return { pid: child.pid, kill: (signal) => child.kill(signal), ended };
}

const weightsOf = async (directory: RunDirectory): Promise<string> =>
  digestOfBytes(await readFile(join(directory.artifacts, "weights.safetensors")));

/** The process that makes a run's rows. */
async function makerOf(pid: number | undefined): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return children.trim() === "" ? undefined : Number(children.trim().split(" ")[0]);
}

test("rows named by lineage are made, told of, trained on, and taken away again", async () => {
  const directory = await makeLineageRun(workspace, sqls, makePlan(), 401);
  expect(await startWork(directory).ended).toBe(0);
  const rows = await rowsInMemory(workspace, sqls);
  const data = { digest: rows[digestKey], numRows: 400 };
  expect(await directory.readEnd()).toMatchObject({
    state: "succeeded",
    data,
    memoryBytes: expect.any(Number),
  });
  const { events } = await directory.readEvents();
  expect(events.filter(({ type }) => type === "state")).toMatchObject(
    ["accepted", "staging", "queued", "running", "succeeded"].map((state) => ({ state })),
  );
  expect(events.filter(({ type }) => type === "data")).toMatchObject([data]);
  expect(events.filter((event) => event.type === "log")).toMatchObject([
    { level: "info", text: "making the rows from 2 statements" },
    { level: "warn", text: "the rows are 400; whoever asked for the run had counted 401" },
  ]);
  expect(await readdir(join(directory.path, "data"))).toEqual(["files"]);
  expect((await readdir(directory.files)).length).toBe(1);
});

test("rows that are made train to the weights of the same rows sent", async () => {
  const made = await makeLineageRun(workspace, sqls, makePlan());
  const { key, request } = await makeRequest(
    workspace,
    "full",
    makePlan(),
    await rowsInMemory(workspace, sqls),
  );
  await workspace.runs.create(key, request);
  const sent = workspace.runs.directory(key);
  expect(await startWork(made).ended).toBe(0);
  expect(await startWork(sent).ended).toBe(0);
  expect(await weightsOf(made)).toBe(await weightsOf(sent));
});

test("a preempted run goes on with the rows that were made, to the weights of an uninterrupted one", async () => {
  const plan = makePlan({ epochs: 300 });
  const directory = await makeLineageRun(workspace, sqls, plan);
  const first = startWork(directory);
  await eventually(
    async () =>
      (await directory.readEvents()).events.some(({ type }) => type === "metric") || undefined,
  );
  first.kill("SIGTERM");
  expect(await first.ended).toBe(143);
  expect((await readdir(join(directory.path, "data"))).sort()).toEqual([
    "files",
    "rows.json",
    "training.rows",
    "validation.rows",
  ]);
  expect(await startWork(directory).ended).toBe(0);
  const { events } = await directory.readEvents();
  expect(events.filter(({ type }) => type === "data").length).toBe(1);
  const weights = await weightsOf(directory);

  await remove();
  const folder = await temporaryFolder();
  remove = folder.remove;
  workspace = await openWorkspace(folder.path);
  await writeFile(join(folder.path, "numbers.csv"), csv(400));
  const uninterrupted = await makeLineageRun(workspace, sqls, plan);
  expect(await startWork(uninterrupted).ended).toBe(0);
  expect(await weightsOf(uninterrupted)).toBe(weights);
}, 60_000);

test.each(["SIGTERM", "SIGKILL"] as const)(
  "%s while the rows are being made ends the process that makes them",
  async (signal) => {
    const directory = await makeLineageRun(workspace, slow, makePlan());
    const worker = startWork(directory);
    const maker = await eventually(() => makerOf(worker.pid));
    await eventually(
      async () =>
        (await readdir(join(directory.path, "data"))).includes("rows.duckdb") || undefined,
    );
    worker.kill(signal);
    expect(await worker.ended).toBe(signal === "SIGTERM" ? 143 : "SIGKILL");
    await eventually(() => (identityOf(maker) === undefined ? true : undefined), 3_000);
    expect(await directory.readEnd()).toBeUndefined();
    if (signal === "SIGTERM") expect(await directory.state()).toBe("preempted");
  },
);

test("a run that is cancelled while its rows are being made ends so", async () => {
  const directory = await makeLineageRun(workspace, slow, makePlan());
  const worker = startWork(directory);
  await eventually(() => makerOf(worker.pid));
  await directory.markCancelled();
  worker.kill("SIGTERM");
  expect(await worker.ended).toBe(0);
  expect(await directory.readEnd()).toMatchObject({ state: "cancelled" });
});

test.each([
  [
    "seconds",
    { TIERBOOK_ROWS_SECONDS: "1" },
    slow,
    /^statement 1 of 1 .*: it took longer than 1 s;/,
  ],
  [
    "memory",
    { TIERBOOK_ROWS_MEMORY: "64MB" },
    {
      rows: "select list(i order by hash(i)) as a, 1 as b, 'even' as kind from range(20000000) t(i)",
    },
    /^statement 1 of 1.*: .*(could not allocate|failed to (allocate|pin)|more than).*TIERBOOK_ROWS_MEMORY/is,
  ],
  [
    "disk for what does not fit into memory",
    { TIERBOOK_ROWS_MEMORY: "64MB", TIERBOOK_ROWS_DISK: "50MB" },
    {
      rows: "select i as a, hash(i) as b, 'even' as kind from range(60000000) t(i) order by hash(i)",
    },
    /^statement 1 of 1.*TIERBOOK_ROWS_DISK/s,
  ],
  [
    "disk for the rows",
    { TIERBOOK_ROWS_DISK: "20MB" },
    { rows: "select hash(i) as a, hash(i + 1) as b, 'even' as kind from range(100000000) t(i)" },
    /^statement 1 of 1.*: it took more than 20 MB of disk/,
  ],
])("more %s than allowed fails the run by its statement", async (_, env, sqls, reason) => {
  const directory = await makeLineageRun(workspace, sqls, makePlan());
  expect(await startWork(directory, env).ended).toBe(0);
  const end = await directory.readEnd();
  expect(end).toMatchObject({ state: "failed", reason: expect.stringMatching(reason) });
  expect(end?.reason).not.toMatch(/exception_type|\n\s+at /);
  expect(await readdir(join(directory.path, "data"))).not.toContain("rows.duckdb");
});

test("a statement that DuckDB refuses fails the run with its number, its place and DuckDB's words", async () => {
  const broken = {
    halves: sqls["halves"] ?? "",
    rows: "select a, half from halves",
  };
  const directory = await makeLineageRun(workspace, broken, makePlan());
  expect(await startWork(directory).ended).toBe(0);
  expect((await directory.readEnd())?.reason).toMatch(
    /^statement 2 of 2, at character 8 \(«a , half from halves»\): .*"a" not found/,
  );
});

test("rows that the plan refuses fail the run by column and row", async () => {
  const missing = {
    rows: "select case when i = 6 then null else i end as a, i as b, 'even' as kind from 'numbers.csv'",
  };
  const directory = await makeLineageRun(workspace, missing, makePlan());
  expect(await startWork(directory).ended).toBe(0);
  expect((await directory.readEnd())?.reason).toBe(
    "kind: no row has the class `odd`; take a larger sample, or leave the class out of the vocabulary (and 1 more)",
  );
});

test("a file that has changed since is read as it was, while its database is kept", async () => {
  const rows = await rowsInMemory(workspace, sqls);
  const { lineage } = rows;
  if (lineage === undefined) throw new Error("the rows have no lineage");
  await writeFile(join(workspace.root, "numbers.csv"), csv(100));
  const { lineageRequest } = await import("./lineage-runs.ts");
  const { key, request } = lineageRequest(lineage, makePlan(), 400);
  await workspace.runs.create(key, request);
  const directory = workspace.runs.directory(key);
  expect(await startWork(directory).ended).toBe(0);
  expect(await directory.readEnd()).toMatchObject({ data: { digest: rows[digestKey] } });
});
