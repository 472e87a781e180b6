import * as v from "valibot";
import { receiptSchema } from "../../engines/receipt-schema.ts";
import type { Provenance, Report, ReportCell } from "./report.ts";

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const cellSchema: v.GenericSchema<unknown, ReportCell> = v.strictObject({
  id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  mode: v.picklist(["js", "ts", "ojs", "md", "html", "tex", "dot", "sql", "node", "python", "r"]),
  source: v.string(),
  pinned: v.boolean(),
  defines: v.array(v.string()),
  state: v.picklist(["idle", "queued", "running", "fresh", "stale", "blocked", "error"]),
  cached: v.boolean(),
  volatile: v.boolean(),
  duration: v.exactOptional(finite),
  fingerprint: v.string(),
  waitsFor: v.exactOptional(v.string()),
  error: v.exactOptional(
    v.strictObject({
      name: v.string(),
      message: v.string(),
      line: v.exactOptional(count),
      column: v.exactOptional(count),
      hint: v.exactOptional(v.string()),
    }),
  ),
  outputs: v.array(v.string()),
});

const provenanceSchema: v.GenericSchema<unknown, Provenance> = v.strictObject({
  tierbook: v.string(),
  builtins: v.string(),
  duckdb: v.string(),
  files: v.array(v.strictObject({ path: v.string(), digest: v.string() })),
  receipts: v.array(receiptSchema),
  overrides: v.exactOptional(
    v.array(v.strictObject({ at: v.string(), what: v.string(), reason: v.string() })),
  ),
  runs: v.array(
    v.strictObject({
      key: v.string(),
      tier: v.picklist(["small", "full"]),
      state: v.string(),
      plan: v.string(),
      engine: v.string(),
      device: v.string(),
      rows: count,
      metrics: v.record(v.string(), finite),
    }),
  ),
  ledgerHead: v.nullable(v.string()),
});

/** What a report holds, for one that comes from a stranger. */
export const reportSchema: v.GenericSchema<unknown, Report> = v.strictObject({
  title: v.string(),
  path: v.string(),
  at: v.string(),
  source: v.string(),
  cells: v.array(cellSchema),
  provenance: provenanceSchema,
});
