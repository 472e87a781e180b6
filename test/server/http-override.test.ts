import { afterAll, beforeAll, expect, test } from "vitest";
import { reasonLength } from "../../engines/run-override.ts";
import type { RunEvent } from "../../engines/run.ts";
import { builtCli } from "./build-cli.ts";
import { eventually, makePlan, makeRequest, makeResult } from "./fixtures.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  await builtCli();
  server = await startTestServer();
}, 120_000);
afterAll(() => server.dispose(), 30_000);

const put = (key: string, body: object): Promise<Response> =>
  server.api(`/api/runs/${key}`, { method: "PUT", body: JSON.stringify(body) });
const json = async <Value>(path: string): Promise<Value> =>
  (await (await server.api(path)).json()) as Value;

test("a reason that says nothing or too much is refused before anything else", async () => {
  const { key, request } = await makeRequest(server.workspace, "full", makePlan({ seed: 2 }));
  const reasons = [
    "",
    "          ",
    "too short",
    "\u200B".repeat(40),
    "1234567890 !?",
    "a".repeat(reasonLength.most + 1),
  ];
  for (const reason of reasons) {
    const answer = await put(key, { request, override: { reason } });
    expect(answer.status, reason).toBe(400);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toContain("give a reason in words, 10 to 2,000 characters long");
  }
  for (const override of [true, "because it is late", {}, { reason: "it is late now", who: "me" }])
    expect((await put(key, { request, override })).status).toBe(400);
  expect((await put(key, { request })).status).toBe(403);
  expect(await server.workspace.ledger.entries()).toEqual([]);
  expect((await server.api(`/api/runs/${key}`)).status).toBe(404);
});

test("a small run has nothing to override", async () => {
  const { key, request } = await makeRequest(server.workspace, "small");
  const record = { events: [], result: makeResult(key) };
  const override = { reason: "The slot on the cluster ends tonight" };
  expect((await put(key, { request, record, override })).status).toBe(400);
  expect((await put(key, { request, override })).status).toBe(400);
});

test("a full run with a reason runs to its end, and says so wherever it is asked for", async () => {
  const { key, request } = await makeRequest(server.workspace, "full");
  const reason = "  The slot on\nthe cluster\u202E ends tonight ";
  const answer = await put(key, { request, override: { reason } });
  expect(answer.status).toBe(201);
  const override = {
    reason: "The slot on the cluster ends tonight",
    lacking: ["this plan has had no dry run", "this plan has had no small run"],
  };
  expect(await answer.json()).toMatchObject({ key, override });
  await eventually(async () => {
    const { result } = await json<{ result?: { state: string } }>(`/api/runs/${key}`);
    return result;
  });
  expect(await json(`/api/runs/${key}`)).toMatchObject({ state: "succeeded", override });
  expect(await json("/api/runs")).toMatchObject({ runs: [{ key, override }] });
  const again = await put(key, { request });
  expect(again.status).toBe(200);
  expect(await again.json()).toMatchObject({ override });
  const { events } = await json<{ events: RunEvent[] }>(`/api/runs/${key}/events`);
  expect(events[0]).toMatchObject({ state: "accepted", override });
  // the process that trained it knows as well
  expect(events.find(({ type }) => type === "receipt")).toMatchObject({
    receipt: { verdict: "warn", subject: { override: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  });
});
