import { expect, test } from "vitest";
import { connectPort } from "../../../cells/port.ts";
import { mostOutput } from "../../../cells/report/frame-report.ts";
import { maxIndexKeys } from "../../../cells/result-index.ts";
import { frameApiSchema, type FrameApi } from "../../../cells/shell-api.ts";
import type { SharedWorkbook } from "../../../cells/share/shared-workbook.ts";
import { maxDocumentLength } from "../../../cells/wire-schema.ts";

/** What the shell gets of a frame that answers the question what it would share with a value. */
function answered(value: unknown): Promise<SharedWorkbook> {
  let hear = (_message: unknown): void => undefined;
  const endpoint = {
    post: (message: unknown) => {
      const { id } = message as { readonly id: number };
      hear({ type: "return", id, value });
    },
    listen: (receive: (message: unknown) => void) => void (hear = receive),
    close: () => undefined,
  };
  const port = connectPort<FrameApi, object>(endpoint, frameApiSchema, { schema: {}, api: {} });
  return port.remote.share();
}

const key = "a".repeat(64);
const cell = {
  id: 1,
  mode: "js",
  source: "",
  pinned: false,
  defines: [],
  state: "fresh",
  cached: false,
  volatile: false,
  fingerprint: key,
  outputs: [],
};
const report = { text: "<notebook>", cells: [cell], receipts: [key], runs: [key] };

test("what a workbook shows and its results come through", async () => {
  const honest = { report, results: [key] };
  expect(await answered(honest)).toEqual(honest);
});

const long = "x".repeat(maxDocumentLength + 1);
const half = "x".repeat(mostOutput / 2 + 1);

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["a text", "<notebook>"],
  ["more keys than a cache has", { report, results: Array(maxIndexKeys + 1).fill(key) }],
  ["a key that is a path", { report, results: ["../../other.html"] }],
  ["a text longer than a workbook may be", { report: { ...report, text: long }, results: [] }],
  [
    "outputs beyond what a report holds",
    {
      report: {
        ...report,
        cells: [
          { ...cell, outputs: [half] },
          { ...cell, outputs: [half] },
        ],
      },
      results: [],
    },
  ],
  ["a receipt in the place of its id", { report: { ...report, receipts: [{}] }, results: [] }],
  ["a name for the person", { report, results: [], by: "Somebody Else" }],
  ["data that nobody agreed to", { report, results: [], withData: true, files: ["other.csv"] }],
  ["where it is to be written", { report: { ...report, path: "other.html" }, results: [] }],
])("a frame that shares %s is refused at the border", async (_, value) => {
  await expect(answered(value)).rejects.toMatchObject({ code: "bad-answer" });
});
