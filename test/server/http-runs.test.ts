import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { recipeDigest } from "../../engines/plan-digest.ts";
import type { Plan } from "../../engines/plan.ts";
import type { ReceiptBody } from "../../engines/receipt.ts";
import type { RunEvent, RunRequest, RunResult } from "../../engines/run.ts";
import { verifyLedger } from "../../server/ledger.ts";
import { identityOf } from "../../server/process-identity.ts";
import { builtCli } from "./build-cli.ts";
import {
  eventually,
  makePlan,
  makeReceipt,
  makeRequest,
  makeResult,
  makeRows,
} from "./fixtures.ts";
import { collect, startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(() => builtCli(), 120_000);
beforeEach(async () => (server = await startTestServer()));
afterEach(() => server.dispose(), 30_000);

const put = (key: string, body: object): Promise<Response> =>
  server.api(`/api/runs/${key}`, { method: "PUT", body: JSON.stringify(body) });
const post = async (body: ReceiptBody, vouchedBy: string): Promise<Response> =>
  await server.api("/api/receipts", { method: "POST", body: JSON.stringify({ body, vouchedBy }) });

const at = new Date(0).toISOString();
const eventsOf = (state: RunResult["state"]): RunEvent[] => [
  { seq: 1, at, type: "state", state: "running" },
  { seq: 2, at, type: "metric", split: "training", columns: { step: [1], loss: [0.5] } },
  { seq: 3, at, type: "state", state },
];

/** Keeps a small run as the shell does. */
async function keepSmallRun(plan: Plan, state: RunResult["state"] = "succeeded"): Promise<string> {
  const { key, request } = await makeRequest(server.workspace, "small", plan, makeRows(60));
  const record = { events: eventsOf(state), result: makeResult(key, state) };
  expect([200, 201]).toContain((await put(key, { request, record })).status);
  return key;
}

/** Climbs to the full tier as the shell does. */
async function climb(plan: Plan): Promise<void> {
  const { request } = await makeRequest(server.workspace, "small", plan, makeRows(60));
  expect((await post(makeReceipt("dryRun", request), "shell")).status).toBe(201);
  const run = await keepSmallRun(plan);
  expect((await post(makeReceipt("smallRun", request, { run }), "shell")).status).toBe(201);
}

const fullRun = (
  plan: Plan,
  rows?: ReturnType<typeof makeRows>,
): Promise<{ key: string; request: RunRequest }> =>
  makeRequest(server.workspace, "full", plan, rows);

async function refused(plan: Plan): Promise<string[]> {
  const { key, request } = await fullRun(plan);
  const answer = await put(key, { request });
  expect(answer.status).toBe(403);
  const { error } = (await answer.json()) as {
    error: { code: string; reasons: { stage: string; code: string; message: string }[] };
  };
  expect(error.code).toBe("ladder");
  expect(error.reasons.every(({ message, stage }) => message !== "" && stage !== "")).toBe(true);
  expect((await server.api(`/api/runs/${key}`)).status).toBe(404);
  return error.reasons.map(({ code }) => code);
}

const ended = async (key: string): Promise<RunResult> =>
  await eventually(async () => {
    const { result } = (await (await server.api(`/api/runs/${key}`)).json()) as {
      result?: RunResult;
    };
    return result;
  });

test("a full run without receipts is refused with all that it lacks", async () => {
  expect(await refused(makePlan())).toEqual(["no-dry-run", "no-small-run"]);
});

test("what the frame claims opens nothing", async () => {
  const plan = makePlan();
  const { request } = await makeRequest(server.workspace, "small", plan, makeRows(60));
  const run = await keepSmallRun(plan);
  await post(makeReceipt("dryRun", request), "frame");
  await post(makeReceipt("smallRun", request, { run }), "frame");
  expect(await refused(plan)).toEqual(["no-dry-run", "no-small-run"]);
});

test("nobody can post a receipt as the server", async () => {
  const { request } = await fullRun(makePlan());
  expect((await post(makeReceipt("dryRun", request), "server")).status).toBe(400);
});

test("receipts of a plan open the same plan at another scale and no other plan", async () => {
  const plan = makePlan();
  await climb(plan);
  expect(await refused(makePlan({ seed: 18 }))).toEqual(["no-dry-run", "no-small-run"]);
  expect(await refused(makePlan({ schedule: { type: "cosine", warmup: 0.1 } }))).toEqual([
    "no-dry-run",
    "no-small-run",
  ]);
  const { key, request } = await fullRun({ ...plan, epochs: 2, batch: 32 });
  expect((await put(key, { request })).status).toBe(201);
  expect(await ended(key)).toMatchObject({ state: "succeeded" });
});

test("the small run that a receipt names must be there, of this plan, and have succeeded", async () => {
  const plan = makePlan();
  const { request } = await makeRequest(server.workspace, "small", plan, makeRows(60));
  const claim = async (run: string): Promise<string[]> => {
    await post(makeReceipt("smallRun", request, { run }), "shell");
    return await refused(plan);
  };
  await post(makeReceipt("dryRun", request), "shell");
  expect(await claim("0".repeat(64))).toEqual(["small-run-unknown"]);
  expect(await claim(await keepSmallRun(makePlan({ seed: 99 })))).toEqual(["small-run-other"]);
  expect(await claim(await keepSmallRun(plan, "failed"))).toEqual(["small-run-unfinished"]);
});

test("a small run that succeeds takes the place of one that did not", async () => {
  const plan = makePlan();
  const key = await keepSmallRun(plan, "cancelled");
  expect(await ended(key)).toMatchObject({ state: "cancelled" });
  expect(await keepSmallRun(plan, "succeeded")).toBe(key);
  expect(await ended(key)).toMatchObject({ state: "succeeded" });
  await keepSmallRun(plan, "failed");
  expect(await ended(key)).toMatchObject({ state: "succeeded" });
});

test("a later dry run that fails closes the full tier again", async () => {
  const plan = makePlan();
  await climb(plan);
  const { request } = await makeRequest(server.workspace, "small", plan, makeRows(60));
  await post(makeReceipt("dryRun", request, { verdict: "fail" }), "frame");
  const ladder = async (): Promise<{ reasons: { code: string }[] }> =>
    (await (await server.api(`/api/ladder/${recipeDigest(plan)}`)).json()) as never;
  expect((await ladder()).reasons).toEqual([]);
  await post(makeReceipt("dryRun", request, { verdict: "fail" }), "shell");
  expect((await ladder()).reasons.map(({ code }) => code)).toEqual(["dry-run-failed"]);
  expect(await refused(plan)).toEqual(["dry-run-failed"]);
});

test("faked receipts do not help a broken plan: the server repeats the dry run", async () => {
  const plan = makePlan({
    features: [{ column: "nowhere", kind: "number", scale: "standard", missing: "refuse" }],
  });
  await climb(plan);
  expect(new Set(await refused(plan))).toEqual(new Set(["dry-run-repeated"]));
  // what it found is in the ledger and closes the tier by itself
  expect(await refused(plan)).toEqual(["dry-run-failed"]);
  const { entries } = (await (await server.api("/api/ledger")).json()) as {
    entries: { type: string; body: { stage?: string; vouchedBy?: string; verdict?: string } }[];
  };
  expect(entries.at(-1)?.body).toMatchObject({
    stage: "dryRun",
    vouchedBy: "server",
    verdict: "fail",
  });
});

test("a dry run that cannot be repeated, because its rows are gone, opens nothing", async () => {
  const plan = makePlan();
  const { request } = await makeRequest(server.workspace, "small", plan, makeRows(60));
  const rows = { ...request.rows, blob: "0".repeat(64) };
  await post(makeReceipt("dryRun", { ...request, rows }), "shell");
  const run = await keepSmallRun(plan);
  await post(makeReceipt("smallRun", request, { run }), "shell");
  expect(await refused(plan)).toEqual(["dry-run-rows"]);
});

test("submitting one run twice at once starts one process", async () => {
  const plan = makePlan({ epochs: 60 });
  await climb(plan);
  const { key, request } = await fullRun(plan);
  const answers = await Promise.all(
    ["a.html", "b.html", "c.html"].map((workbook) =>
      put(key, { request: { ...request, workbook } }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
  expect(await ended(key)).toMatchObject({ state: "succeeded" });
  expect((await put(key, { request })).status).toBe(200);
  const { events } = (await (await server.api(`/api/runs/${key}/events`)).json()) as {
    events: RunEvent[];
  };
  const states = events.flatMap((event) => (event.type === "state" ? [event.state] : []));
  expect(states).toEqual(["accepted", "staging", "queued", "running", "succeeded"]);
});

test("under a known key another request is a 409, and a key that does not fit a 400", async () => {
  const plan = makePlan();
  await climb(plan);
  const { key, request } = await fullRun(plan);
  const other = await fullRun({ ...plan, epochs: 9 });
  expect((await put(other.key, { request })).status).toBe(400);
  expect((await put(key, { request })).status).toBe(201);
  const rows = { ...request.rows, numRows: 1 };
  expect((await put(key, { request: { ...request, rows } })).status).toBe(409);
  expect((await put(key, { request: other.request })).status).toBe(409);
  await ended(key);
});

test("rows that were not sent are a 422, a request that is none a 400", async () => {
  const plan = makePlan();
  await climb(plan);
  const { key, request } = await fullRun(plan);
  const rows = { ...request.rows, blob: "1".repeat(64) };
  expect((await put(key, { request: { ...request, rows } })).status).toBe(422);
  expect((await put(key, { request: { ...request, tier: "huge" } })).status).toBe(400);
  expect((await put(key, { request: { ...request, tier: "small" } })).status).toBe(400);
  expect((await put(key, {})).status).toBe(400);
  expect((await put("abc", { request })).status).toBe(404);
});

test("a finished full run is in the ledger with a receipt that the server vouches for", async () => {
  const plan = makePlan();
  await climb(plan);
  const { key, request } = await fullRun(plan);
  await put(key, { request });
  await ended(key);
  const receipt = await eventually(async () => {
    const entries = await server.workspace.ledger.entries();
    return entries
      .map(({ body }) => body as Record<string, unknown>)
      .find(({ stage }) => stage === "fullRun");
  });
  expect(receipt).toMatchObject({ vouchedBy: "server", verdict: "pass", subject: { run: key } });
  const entries = await server.workspace.ledger.entries();
  const runs = entries.filter(({ type }) => type === "run").map(({ body }) => body);
  expect(runs).toMatchObject([
    { event: "ended", tier: "small" },
    { event: "submitted", key },
    { event: "ended", key, state: "succeeded" },
  ]);
  expect(await verifyLedger(server.workspace.ledger.path)).toMatchObject({ seq: entries.length });
});

test("weights are given by name, and no path is a name", async () => {
  const plan = makePlan();
  await climb(plan);
  const { key, request } = await fullRun(plan);
  await put(key, { request });
  await ended(key);
  const path = join(server.workspace.runs.directory(key).artifacts, "weights.safetensors");
  const answer = await server.api(`/api/runs/${key}/artifacts/weights.safetensors`);
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(await readFile(path));
  for (const name of ["nothing", "..%2frun.json", "%2e%2e%2frun.json", ".", "%00"])
    expect((await server.api(`/api/runs/${key}/artifacts/${name}`)).status).toBe(404);
});

test("cancelling ends the run and leaves no process, however often it is asked", async () => {
  const plan = makePlan({ epochs: 100_000 });
  await climb(plan);
  const { key, request } = await fullRun(plan);
  await put(key, { request });
  const directory = server.workspace.runs.directory(key);
  const worker = await eventually(() => directory.worker());
  await eventually(async () => (await directory.state()) === "running" || undefined);
  const cancel = (): Promise<Response> => server.api(`/api/runs/${key}/cancel`, { method: "POST" });
  expect((await Promise.all([cancel(), cancel()])).map(({ status }) => status)).toEqual([202, 202]);
  expect(await ended(key)).toMatchObject({ state: "cancelled" });
  await eventually(() => identityOf(worker.pid) === undefined || undefined);
  expect((await cancel()).status).toBe(202);
  expect(await directory.state()).toBe("cancelled");
  expect((await server.api(`/api/runs/${"0".repeat(64)}/cancel`, { method: "POST" })).status).toBe(
    404,
  );
});

test("a cancelled run stays what it is until it is asked for again", async () => {
  const plan = makePlan({ epochs: 100_000 });
  await climb(plan);
  const { key, request } = await fullRun(plan);
  await put(key, { request });
  await server.api(`/api/runs/${key}/cancel`, { method: "POST" });
  expect(await ended(key)).toMatchObject({ state: "cancelled" });
  expect((await put(key, { request })).status).toBe(200);
  const again = await Promise.all([
    put(key, { request, again: true }),
    put(key, { request, again: true }),
  ]);
  expect(again.map(({ status }) => status).sort()).toEqual([200, 201]);
  const directory = server.workspace.runs.directory(key);
  await eventually(async () => (await directory.state()) === "running" || undefined);
  expect(
    (await readdir(server.workspace.runs.folder)).filter((name) => name.includes("cancelled")),
  ).toHaveLength(1);
}, 60_000);

test("full runs wait for each other, in order, and a waiting one can be cancelled", async () => {
  const plans = [100_000, 100_001, 3].map((epochs) => makePlan({ epochs }));
  await climb(makePlan());
  const keys: string[] = [];
  for (const plan of plans) {
    const { key, request } = await fullRun(plan);
    expect((await put(key, { request })).status).toBe(201);
    keys.push(key);
  }
  const [first = "", second = "", third = ""] = keys;
  const state = async (key: string): Promise<string> =>
    await server.workspace.runs.directory(key).state();
  await eventually(async () => (await state(first)) === "running" || undefined);
  expect([await state(second), await state(third)]).toEqual(["queued", "queued"]);
  const { runs } = (await (await server.api("/api/runs")).json()) as {
    runs: { key: string; tier: string; workbook: string }[];
  };
  expect(runs.filter(({ tier }) => tier === "full").map(({ key }) => key)).toEqual(keys);
  expect(runs[0]).toMatchObject({ workbook: "test.html", state: "succeeded", tier: "small" });
  await server.api(`/api/runs/${second}/cancel`, { method: "POST" });
  expect(await ended(second)).toMatchObject({ state: "cancelled" });
  await server.api(`/api/runs/${first}/cancel`, { method: "POST" });
  expect(await ended(third)).toMatchObject({ state: "succeeded" });
}, 60_000);

test("a run's events come as JSON after any number, and as a stream that replays", async () => {
  const plan = makePlan();
  const key = await keepSmallRun(plan);
  const json = (await (await server.api(`/api/runs/${key}/events?after=1`)).json()) as {
    events: RunEvent[];
    result: RunResult;
  };
  expect(json).toEqual({ events: eventsOf("succeeded").slice(1), result: makeResult(key) });
  const stream = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
    const answer = await server.api(path, { headers: { Accept: "text/event-stream", ...headers } });
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    return await answer.text();
  };
  const all = await stream(`/api/runs/${key}/events`);
  const messages = all.split("\n\n").filter((message) => message.startsWith("id:"));
  expect(messages).toHaveLength(3);
  expect(messages[1]).toBe(`id: 2\ndata: ${JSON.stringify(eventsOf("succeeded")[1])}`);
  expect(all.endsWith(`event: result\ndata: ${JSON.stringify(makeResult(key))}\n\n`)).toBe(true);
  const later = await stream(`/api/runs/${key}/events?after=0`, { "Last-Event-ID": "2" });
  expect(later).not.toContain("id: 2");
  expect(later).toContain("id: 3");
});

test("a reader that comes back misses no event and hears none twice", async () => {
  const plan = makePlan({ epochs: 150 });
  await climb(plan);
  const { key, request } = await fullRun(plan);
  await put(key, { request });
  const seen: number[] = [];
  for (let connection = 0; ; connection++) {
    const leave = new AbortController();
    const answer = await server.api(`/api/runs/${key}/events`, {
      signal: leave.signal,
      headers: { Accept: "text/event-stream", "Last-Event-ID": String(seen.at(-1) ?? 0) },
    });
    const text = await readUntil(
      answer,
      (text) => ids(text).length >= 3 || /event: result/.test(text),
    );
    leave.abort();
    seen.push(...ids(text));
    if (text.includes("event: result")) break;
  }
  const { events } = await server.workspace.runs.directory(key).readEvents();
  expect(seen).toEqual(events.map(({ seq }) => seq));
}, 60_000);

test("one stream carries several runs and the ledger", async () => {
  const [one, two] = [await keepSmallRun(makePlan()), await keepSmallRun(makePlan({ seed: 5 }))];
  const leave = new AbortController();
  const answer = await server.api(`/api/events?run=${one}:1&run=${two}:0`, {
    signal: leave.signal,
  });
  const complete = (text: string): boolean =>
    (text.match(/"result":/g) ?? []).length === 2 && /"head":.*\n\n/.test(text);
  const text = await readUntil(answer, complete);
  const data = text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)) as { run?: string; event?: RunEvent; head?: object });
  const seqs = (key: string): (number | undefined)[] =>
    data
      .filter(({ run, event }) => run === key && event !== undefined)
      .map(({ event }) => event?.seq);
  expect(seqs(one)).toEqual([2, 3]);
  expect(seqs(two)).toEqual([1, 2, 3]);
  const head = await server.workspace.ledger.head();
  expect(text).toContain(`event: ledger\ndata: ${JSON.stringify({ head })}`);
  const { request } = await fullRun(makePlan());
  const after = readUntil(answer, (more) => more.includes("event: ledger"));
  await post(makeReceipt("dryRun", request), "frame");
  expect(await after).toContain(`"seq":${head.seq + 1}`);
  leave.abort();
  expect((await server.api(`/api/events?run=${"0".repeat(64)}:0`)).status).toBe(404);
  expect((await server.api("/api/events?run=x")).status).toBe(400);
});

test("a record that is not the run's is refused", async () => {
  const { key, request } = await makeRequest(server.workspace, "small");
  const events = eventsOf("succeeded");
  const status = async (record: object): Promise<number> =>
    (await put(key, { request, record })).status;
  expect(await status({ events, result: makeResult("0".repeat(64)) })).toBe(400);
  expect(await status({ events: events.slice(1), result: makeResult(key) })).toBe(400);
  expect(await status({ events, result: makeResult(key, "failed") })).toBe(400);
  expect(await status({ events, result: makeResult(key) })).toBe(201);
});

test("a stream ends when its server stops", async () => {
  const other = await startTestServer();
  const answer = await other.api("/api/events");
  const text = answer.text();
  await other.close();
  expect(await text).toContain(": hello");
  expect(
    await collect(other.workspace.runs.directory("0".repeat(64)).follow(0, AbortSignal.abort())),
  ).toEqual([]);
});

const ids = (text: string): number[] =>
  [...text.matchAll(/^id: (\d+)\ndata: .*\n\n/gm)].map(([, id]) => Number(id));

const readers = new WeakMap<Response, ReadableStreamDefaultReader<Uint8Array>>();

/** Reads what comes until it is enough; a later call on the same answer goes on from there. */
async function readUntil(answer: Response, isEnough: (text: string) => boolean): Promise<string> {
  const reader = readers.get(answer) ?? answer.body?.getReader();
  if (reader === undefined) throw new Error("the answer has no body");
  readers.set(answer, reader);
  const decoder = new TextDecoder();
  let text = "";
  while (!isEnough(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  return text;
}
