// @vitest-environment jsdom
import { expect, test } from "vitest";
import type { Ladder } from "../../app/shell/api-schema.ts";
import { nodes } from "../../app/shell/dom.ts";
import { fullRunContent } from "../../app/shell/full-run-dialog.ts";
import { lineageDigest, type Lineage } from "../../data/index.ts";
import { runKey, type Receipt, type RunRequest } from "../../engines/index.ts";
import { somePlan } from "../engines/some-plan.ts";
import { someSpeed } from "./fake-services.ts";

const digest = "a".repeat(64);
const lineage: Lineage = {
  engine: "v1.5.6",
  statements: [
    {
      sql: "select * from 'flights.parquet'",
      tables: {},
      files: { "flights.parquet": digest },
      rows: {},
    },
    {
      sql: `select '<img src=x onerror=alert(1)>' as \u202Eevil from recorded`,
      tables: { recorded: 0 },
      files: { "flights.parquet": digest, "airports.csv": "b".repeat(64) },
      rows: {},
    },
  ],
};
const smallRun: Receipt = {
  kind: "tierbook.receipt",
  version: 1,
  id: digest,
  at: "2026-01-01T00:00:00Z",
  vouchedBy: "shell",
  stage: "smallRun",
  verdict: "pass",
  summary: "Small run succeeded",
  checks: [],
  subject: {},
  metrics: {},
  environment: { backend: "webgpu" },
};
const ladder: Ladder = {
  dryRun: null,
  smallRun,
  reasons: [],
  smallRunSpeed: { run: digest, speed: { ...someSpeed, stepSeconds: 1, rowSeconds: 0 } },
};

function shown(rows: RunRequest["rows"], of: Ladder = ladder): HTMLElement {
  const plan = somePlan({ epochs: 1, batch: 80 });
  const request: RunRequest = { tier: "full", plan, rows, engine: "tfjs", device: "auto" };
  const root = document.createElement("div");
  root.append(...nodes(...fullRunContent({ request, key: runKey(request) }, of)));
  return root;
}

/** What a list of facts says of a label. */
function fact(root: HTMLElement, label: string): string | undefined {
  const term = [...root.querySelectorAll("dt")].find((dt) => dt.textContent === label);
  return term?.nextElementSibling?.textContent ?? undefined;
}

const lineageRows = { digest: lineageDigest(lineage), numRows: 10_000, lineage };

test("rows that the runner makes are shown with their files and every statement in full", () => {
  const root = shown(lineageRows);
  expect(fact(root, "Rows")).toBe(
    `10,000, as the workbook counted them; table ${lineageRows.digest.slice(0, 12)}`,
  );
  const files = [...root.querySelectorAll(".lineage-files li")].map((li) => [
    li.querySelector("code")?.textContent,
    li.querySelector("small")?.title,
  ]);
  expect(files).toEqual([
    ["flights.parquet", digest],
    ["airports.csv", "b".repeat(64)],
  ]);
  const details = root.querySelector("details");
  expect(details?.open).toBe(false);
  expect(details?.querySelector("summary")?.textContent).toBe("2 SQL statements, DuckDB v1.5.6");
  expect(root.querySelector("ol li:last-child small")?.textContent).toBe(
    "recorded is statement 1; its result is the table",
  );
});

test("a stranger's SQL is text, and what would hide or turn a part of it is written out", () => {
  const root = shown(lineageRows);
  expect(root.querySelector("img")).toBeNull();
  const [, second] = [...root.querySelectorAll("pre")].map((pre) => pre.textContent);
  expect(second).toBe(
    String.raw`select '<img src=x onerror=alert(1)>' as \u{202e}evil from recorded`,
  );
});

test("rows that are sent have no such section", () => {
  const root = shown({ digest, numRows: 60, blob: digest });
  expect(fact(root, "Rows")).toBe("60; table aaaaaaaaaaaa");
  expect(root.querySelector("details, .lineage-files")).toBeNull();
});

test("what the run is expected to take stands there, as far as the small run can tell", () => {
  // 0.8 of 10,000 rows in batches of 80 are 100 steps of a second; validation takes 2,000 µs
  expect(fact(shown(lineageRows), "Expected duration")).toBe(
    "about 1 min 40 s (the runner's device may differ from webgpu)",
  );
  expect(fact(shown(lineageRows), "Expected memory")).toMatch(/^about \d+ MB$/);
  const without = shown(lineageRows, { ...ladder, smallRunSpeed: null });
  expect(fact(without, "Expected duration")).toBeUndefined();
});
