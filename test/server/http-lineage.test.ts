import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { lineageDigest } from "../../data/index.ts";
import type { Lineage } from "../../data/lineage.ts";
import { recipeDigest } from "../../engines/plan-digest.ts";
import { predictRun } from "../../engines/prediction.ts";
import { runKey, type RunRequest, type RunResult } from "../../engines/run.ts";
import { builtCli } from "./build-cli.ts";
import { climb } from "./climb.ts";
import { eventually, makePlan, makeResult } from "./fixtures.ts";
import { lineageOf, lineageRequest, type NamedSql } from "./lineage-runs.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

const plan = makePlan();
const sqls: NamedSql = {
  rows: "select sin(i * 12.9898) + (if(i % 2 = 0, 1, -1)) as a, cos(i) as b, kind from 'data.csv'",
};
const csv = (rows: number): string =>
  [
    "i,kind",
    ...Array.from({ length: rows }, (_, i) => `${i},${i % 2 === 0 ? "even" : "odd"}`),
  ].join("\n");

let server: TestServer;
beforeAll(() => builtCli(), 120_000);
beforeEach(async () => {
  server = await startTestServer();
  await writeFile(join(server.workspace.root, "data.csv"), csv(200));
});
afterEach(() => server.dispose(), 30_000);

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly hint: string | undefined;
}

async function submit(request: RunRequest, key = runKey(request)): Promise<Answer> {
  const answer = await server.api(`/api/runs/${key}`, {
    method: "PUT",
    body: JSON.stringify({ request }),
  });
  const { error } = (await answer.json()) as { error?: Omit<Answer, "status"> };
  return { status: answer.status, code: error?.code, message: error?.message, hint: error?.hint };
}

const ended = async (key: string): Promise<RunResult> =>
  await eventually(
    async () =>
      ((await (await server.api(`/api/runs/${key}`)).json()) as { result?: RunResult }).result,
    30_000,
  );

/** A request for rows of a lineage that was changed by hand. */
function changed(lineage: Lineage, change: Partial<Lineage>): RunRequest {
  return lineageRequest({ ...lineage, ...change }, plan).request;
}

test("a full run of rows that nobody has seen comes to a receipt of what they were", async () => {
  await climb(server, plan);
  const { key, request } = lineageRequest(await lineageOf(server.workspace, sqls), plan, 200);
  expect((await submit(request)).status).toBe(201);
  const { state, data } = await ended(key);
  expect(state).toBe("succeeded");
  expect((await submit({ ...request, rows: { ...request.rows, numRows: 7 } })).status).toBe(200);
  const entries = await eventually(async () => {
    const entries = await server.workspace.ledger.entries();
    return entries.some(({ body }) => JSON.stringify(body).includes("fullRun"))
      ? entries
      : undefined;
  });
  expect(entries.at(-2)?.body).toMatchObject({ event: "ended", key, data });
  expect(entries.at(-1)?.body).toMatchObject({
    verdict: "pass",
    subject: { data: { rows: request.rows.digest, content: data?.digest } },
  });
});

test("what the small run measured is told, and predicts the full one from its first event", async () => {
  const speed = {
    stepSeconds: 0.001,
    rowSeconds: 1e-6,
    validationRowSeconds: 1e-7,
    trainingShare: 0.8,
    validationShare: 0.2,
  };
  const run = await climb(server, plan, speed);
  const ladder = await server.api(`/api/ladder/${recipeDigest(plan)}`);
  expect(await ladder.json()).toMatchObject({ reasons: [], smallRunSpeed: { run, speed } });
  const full = { ...plan, epochs: 2 };
  const { key, request } = lineageRequest(await lineageOf(server.workspace, sqls), full, 200);
  await submit(request);
  const [first] = (await server.workspace.runs.directory(key).readEvents()).events;
  expect(first).toMatchObject({
    state: "accepted",
    prediction: { ...predictRun(full, 200, speed), from: run },
  });
  await ended(key);
});

test("without a measurement there is no speed and no prediction", async () => {
  await climb(server, plan);
  const ladder = await server.api(`/api/ladder/${recipeDigest(plan)}`);
  expect(await ladder.json()).toMatchObject({ smallRunSpeed: null });
  const { key, request } = lineageRequest(await lineageOf(server.workspace, sqls), plan, 200);
  await submit(request);
  const [first] = (await server.workspace.runs.directory(key).readEvents()).events;
  expect(first).toMatchObject({ state: "accepted" });
  expect(first).not.toHaveProperty("prediction");
  await ended(key);
});

test("other rows of the same lineage than an earlier run had fail the receipt by both names", async () => {
  await climb(server, plan);
  const chance = { rows: "select random() as a, i as b, kind from 'data.csv'" };
  const lineage = await lineageOf(server.workspace, chance);
  const [one, two] = [plan, { ...plan, epochs: 4 }].map((plan) => lineageRequest(lineage, plan));
  if (one === undefined || two === undefined) throw new Error("there are no requests");
  await submit(one.request);
  const first = await ended(one.key);
  await submit(two.request);
  const second = await ended(two.key);
  expect(second.data?.digest).not.toBe(first.data?.digest);
  const receipt = await eventually(() => server.workspace.receipts.ofRun(two.key));
  expect(receipt.verdict).toBe("fail");
  const check = receipt.checks.find(({ name }) => name === "data");
  expect(check).toMatchObject({ verdict: "fail" });
  for (const named of [first.data?.digest, second.data?.digest, one.key])
    expect(check?.message).toContain(named);
  expect((await server.workspace.receipts.ofRun(one.key))?.verdict).not.toBe("fail");
}, 60_000);

test("a file that was changed or taken away, and never read, is named", async () => {
  await climb(server, plan);
  const lineage = await lineageOf(server.workspace, sqls);
  const { request } = lineageRequest(lineage, plan);
  await writeFile(join(server.workspace.root, "data.csv"), csv(201));
  expect(await submit(request)).toEqual({
    status: 422,
    code: "file",
    message: "data.csv is no longer what the workbook read",
    hint: "run the cell that reads it again",
  });
  await rm(join(server.workspace.root, "data.csv"));
  expect(await submit(request)).toMatchObject({
    status: 422,
    code: "file",
    message: "data.csv is no longer there",
  });
  expect(await server.workspace.runs.find(runKey(request))).toBeUndefined();
});

test("a lineage that is not what it says is refused with what is wrong", async () => {
  await climb(server, plan);
  const lineage = await lineageOf(server.workspace, sqls);
  const { request } = lineageRequest(lineage, plan);
  const other = { ...request, rows: { ...request.rows, digest: "0".repeat(64) } };
  expect(await submit(other)).toMatchObject({ status: 422, code: "lineage" });
  expect(await submit(changed(lineage, { engine: "v1.4.0" }))).toMatchObject({
    status: 422,
    code: "lineage",
    message: "the rows are made with DuckDB v1.4.0, and here is v1.5.6",
  });
  const statements = lineage.statements.map((statement) => ({
    ...statement,
    rows: { made: "0".repeat(64) },
  }));
  expect(await submit(changed(lineage, { statements }))).toMatchObject({
    code: "lineage",
    message: "the rows read made, which no SQL made",
  });
  const ahead = lineage.statements.map((statement) => ({ ...statement, tables: { x: 0 } }));
  expect(await submit(changed(lineage, { statements: ahead }))).toMatchObject({
    code: "sql",
    message: expect.stringContaining(
      "it reads `x` from statement 1, which does not come before it",
    ),
  });
  const unnamed = lineage.statements.map((statement) => ({ ...statement, files: {} }));
  expect(await submit(changed(lineage, { statements: unnamed }))).toMatchObject({
    code: "sql",
    message: expect.stringContaining(
      "it reads the file 'data.csv', which its lineage does not name",
    ),
  });
});

test("only the full tier takes rows by lineage", async () => {
  const { request } = lineageRequest(await lineageOf(server.workspace, sqls), plan);
  const small: RunRequest = { ...request, tier: "small" };
  const key = runKey(small);
  const record = { events: [], result: makeResult(key) };
  const answer = await server.api(`/api/runs/${key}`, {
    method: "PUT",
    body: JSON.stringify({ request: small, record }),
  });
  expect(answer.status).toBe(400);
  expect(lineageDigest(await lineageOf(server.workspace, sqls))).toBe(request.rows.digest);
});
