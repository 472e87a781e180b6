import * as v from "valibot";
import { describe, expect, test } from "vitest";
import {
  runUpdateSchema,
  submitRequestSchema,
  trainRequestSchema,
} from "../../cells/wire-schema.ts";
import { lineageDigest, lineageFrom } from "../../data/index.ts";
import { somePlan } from "../engines/some-plan.ts";

const digest = "a".repeat(64);
const lineage = lineageFrom("select * from t join 'b.csv' using (id)", {
  engine: "v1.5.6",
  tables: {
    t: {
      lineage: lineageFrom("select * from 'a.csv'", {
        engine: "v1.5.6",
        tables: {},
        files: { "a.csv": digest },
      }),
    },
  },
  files: { "b.csv": "b".repeat(64) },
});
const lineageRows = { digest: lineageDigest(lineage), numRows: 3_000_000, lineage };
const sentRows = { digest, numRows: 2, ipc: new Uint8Array([1, 2]) };
const choices = { plan: somePlan(), engine: "tfjs", device: "auto" } as const;

describe("a request for a full run", () => {
  test("crosses with rows that are sent, and with rows that are named by their lineage", () => {
    for (const rows of [sentRows, lineageRows])
      expect(v.parse(submitRequestSchema, { ...choices, rows })).toEqual({ ...choices, rows });
  });

  test("keeps the digest of its lineage, though the lineage is another object", () => {
    const { rows } = v.parse(submitRequestSchema, { ...choices, rows: lineageRows });
    expect("lineage" in rows && lineageDigest(rows.lineage)).toBe(lineageRows.digest);
  });

  test.each([
    ["both kinds of rows at once", { ...sentRows, lineage }],
    ["neither bytes nor a lineage", { digest, numRows: 2 }],
    ["a count that is no count", { ...lineageRows, numRows: -1 }],
    ["a digest that is none", { ...lineageRows, digest: "x" }],
    ["a lineage without statements", { ...lineageRows, lineage: { engine: "v1", statements: [] } }],
    ["a lineage with a field of its own", { ...lineageRows, lineage: { ...lineage, more: 1 } }],
  ])("does not cross with %s", (_, rows) => {
    expect(v.safeParse(submitRequestSchema, { ...choices, rows }).success).toBe(false);
  });

  test("does not cross with a word against its ladder: that is a person's to give", () => {
    const asked = { ...choices, rows: sentRows };
    const override = { reason: "The workbook itself wants it so" };
    expect(v.safeParse(submitRequestSchema, asked).success).toBe(true);
    expect(v.safeParse(submitRequestSchema, { ...asked, override }).success).toBe(false);
  });
});

test("a request for a small run crosses only with rows that are sent", () => {
  expect(v.safeParse(trainRequestSchema, { ...choices, rows: sentRows }).success).toBe(true);
  expect(v.safeParse(trainRequestSchema, { ...choices, rows: lineageRows }).success).toBe(false);
});

test("what a run is expected to take, and over what, crosses back with its first event", () => {
  const prediction = { seconds: 100, memoryBytes: 3.2e8, from: digest };
  const at = "2026-01-01T00:00:00Z";
  const override = { reason: "It must be tonight", lacking: ["no dry run"], at, entry: digest };
  const updates = [
    { type: "waiting", key: digest, reasons: [], canStart: true, prediction },
    {
      type: "event",
      event: { seq: 1, at, type: "state", state: "accepted", prediction, override },
    },
  ];
  for (const update of updates) expect(v.parse(runUpdateSchema, update)).toEqual(update);
});
