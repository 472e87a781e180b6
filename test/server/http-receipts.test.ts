import { afterAll, beforeAll, expect, test } from "vitest";
import { Api } from "../../app/shell/api.ts";
import type { ReceiptBody } from "../../engines/receipt.ts";
import { vouchFor } from "../../engines/vouching.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let shell: Api;
const body: ReceiptBody = {
  stage: "schema",
  verdict: "warn",
  summary: "3 columns hold what they promise",
  checks: [{ name: "nulls", verdict: "warn", message: "many" }],
  subject: { data: { rows: "a".repeat(64) } },
  metrics: { rows: 3 },
  environment: {},
};

beforeAll(async () => {
  server = await startTestServer();
  shell = new Api(server.token, server.origin);
}, 120_000);
afterAll(() => server.dispose());

test("a receipt is had again by its id, as it was written", async () => {
  const one = await shell.postReceipt(body, "frame");
  const two = await shell.postReceipt({ ...body, summary: "another" }, "shell");
  expect(await shell.receipt(one.id)).toEqual(one);
  expect(await shell.receipt(two.id)).toEqual(two);
  expect(await shell.receipt("0".repeat(64))).toBeUndefined();
});

test("what is no receipt, or not the one that it says, is not found", async () => {
  const forged = { ...vouchFor(body, "frame"), summary: "changed since" };
  const strange = { id: "1".repeat(64), stage: "schema" };
  const misplaced = vouchFor({ ...body, summary: "in the wrong place" }, "shell");
  const { ledger } = server.workspace;
  await ledger.append([
    { type: "receipt", body: forged },
    { type: "receipt", body: strange },
    { type: "run", body: misplaced },
    { type: "receipt", body: null },
  ]);
  for (const { id } of [forged, strange, misplaced])
    expect(await shell.receipt(id)).toBeUndefined();
  await ledger.append([
    { type: "receipt", body: misplaced },
    { type: "receipt", body: { ...misplaced, verdict: "pass" } },
  ]);
  expect(await shell.receipt(misplaced.id)).toEqual(misplaced);
});

test("a name that is no id is refused, and nothing is told without the token", async () => {
  for (const wrong of ["abc", "A".repeat(64), `${"a".repeat(64)}0`])
    expect((await server.api(`/api/receipts/${wrong}`)).status).toBe(400);
  const { id } = await shell.postReceipt(body, "frame");
  expect((await fetch(`${server.origin}/api/receipts/${id}`)).status).toBe(401);
});
