import { join } from "node:path";
import { expect, test } from "vitest";
import { Ledger } from "../../server/ledger.ts";
import { MadeReports } from "../../server/made-reports.ts";
import { temporaryFolder } from "./fixtures.ts";
import { keyOf } from "./some-result.ts";

test("of many reports that never leave the oldest are forgotten", async () => {
  const folder = await temporaryFolder();
  const ledger = new Ledger(join(folder.path, "ledger.jsonl"));
  const made = new MadeReports(ledger);
  const digests = Array.from({ length: 101 }, (_, i) => keyOf(String(i)));
  for (const digest of digests)
    made.remember({ digest, path: "book.html", at: "2026-01-01T00:00:00Z" });
  const [oldest = "", next = ""] = digests;
  await expect(made.note(oldest)).rejects.toMatchObject({ status: 404, code: "report" });
  for (const _ of [1, 2]) await made.note(next);
  expect((await ledger.entries()).map(({ type, body }) => [type, body])).toEqual([
    ["report", { digest: next, path: "book.html", at: "2026-01-01T00:00:00Z" }],
  ]);
  await folder.remove();
});
