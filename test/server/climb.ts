import { expect } from "vitest";
import type { Plan } from "../../engines/plan.ts";
import type { TrainingSpeed } from "../../engines/prediction.ts";
import { makeReceipt, makeRequest, makeResult, makeRows } from "./fixtures.ts";
import type { TestServer } from "./test-server.ts";

/**
 * Climbs to the full tier as the shell does.
 *
 * @param speed as the small run has measured it
 * @returns the small run's key
 */
export async function climb(
  server: TestServer,
  plan: Plan,
  speed?: TrainingSpeed,
): Promise<string> {
  const { key, request } = await makeRequest(server.workspace, "small", plan, makeRows(60));
  const send = async (path: string, method: string, body: object): Promise<void> =>
    expect([200, 201]).toContain(
      (await server.api(path, { method, body: JSON.stringify(body) })).status,
    );
  const at = new Date(0).toISOString();
  const result = { ...makeResult(key), ...(speed && { speed }) };
  const events = [{ seq: 1, at, type: "state", state: "succeeded" }];
  await send("/api/receipts", "POST", { body: makeReceipt("dryRun", request), vouchedBy: "shell" });
  await send(`/api/runs/${key}`, "PUT", { request, record: { events, result } });
  const receipt = makeReceipt("smallRun", request, { run: key });
  await send("/api/receipts", "POST", { body: receipt, vouchedBy: "shell" });
  return key;
}
