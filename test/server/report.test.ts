import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Api } from "../../app/shell/api.ts";
import type { FrameReport } from "../../cells/report/frame-report.ts";
import { readReport } from "../../cells/report/read-report.ts";
import type { Report } from "../../cells/report/report.ts";
import { verifyReport } from "../../cells/report/verify-report.ts";
import { reportWorkbook, type ReportedWorkbook } from "../../server/headless/report-workbook.ts";
import { isKnownReport, noteReport } from "../../server/make-report.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import { builtCli, builtScript } from "./build-cli.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let child: string;
let command: readonly string[];

const points = `a,b,kind\n${Array.from({ length: 90 }, (_, i) => {
  const sign = i % 2 === 0 ? 1 : -1;
  return `${sign + Math.sin(i) / 4},${-sign + Math.cos(i) / 4},${sign > 0 ? "even" : "odd"}`;
}).join("\n")}\n`;

beforeAll(async () => {
  child = await builtScript(
    fileURLToPath(new URL("../../server/headless/child.ts", import.meta.url)),
  );
  command = [process.execPath, await builtCli()];
  server = await startTestServer();
  await mkdir(join(server.workspace.root, "data"));
  await writeFile(join(server.workspace.root, "data/points.csv"), points);
}, 120_000);

afterAll(() => server.dispose());

function workbook(...cells: readonly string[]): string {
  return `<!doctype html>\n<notebook>\n<title>Points &amp; lines</title>\n${cells.join("\n")}\n</notebook>\n`;
}

const pointsCell = `<script id="2" type="application/sql" output="points">select * from 'data/points.csv'</script>`;

/** Runs a workbook of cells and gives its report as somebody reads it from the file. */
async function reported(text: string): Promise<ReportedWorkbook & { readonly read: Report }> {
  const file = join(server.workspace.root, "book.html");
  await writeFile(file, text);
  const made = await reportWorkbook(server.workspace, file, {
    child,
    executor: { command },
    dryRun: { command },
  });
  const read = readReport(made.html);
  if (read === undefined) throw new Error("what was made is no report");
  return { ...made, read };
}

test("a report of text and SQL has the texts, the first rows, the true count and the file's digest", async () => {
  const text = workbook(
    `<script id="1" type="text/markdown"># Points\n\nThere are \${points.numRows}.</script>`,
    pointsCell,
    `<script id="3" type="module">({n: points.numRows, list: [1, 2]})</script>`,
  );
  const made = await reported(text);
  const { html, digest, read, reason } = made;
  expect(reason).toBeUndefined();
  expect(read).toMatchObject({ title: "Points & lines", path: "book.html", source: text });
  const [markdown, table, value] = read.cells;
  expect(markdown?.outputs.join()).toMatch(/<h1[^>]*>Points<\/h1>\s*<p>There are 90\.<\/p>/);
  expect(table?.outputs.join()).toContain("points: 90 rows × 3 columns; the first 20 rows");
  expect(table?.outputs.join().match(/<tr>/g)).toHaveLength(21);
  expect(value?.outputs.join()).toContain("inspect-members");
  expect(read.cells.map(({ state }) => state)).toEqual(["fresh", "fresh", "fresh"]);
  expect(read.provenance.files).toEqual([
    { path: "data/points.csv", digest: digestOfBytes(new TextEncoder().encode(points)) },
  ]);
  expect(verifyReport(html)).toMatchObject({ ok: true, digest });
  expect(await isKnownReport(server.workspace.ledger, digest)).toBe(false);
  await noteReport(server.workspace.ledger, made);
  expect(await isKnownReport(server.workspace.ledger, digest)).toBe(true);
  expect(await isKnownReport(server.workspace.ledger, "0".repeat(64))).toBe(false);
}, 60_000);

test("a cell that fails says so in the report, and so does what it blocks", async () => {
  const { read, reason } = await reported(
    workbook(
      `<script id="1" type="module">const n = nothing.at.all</script>`,
      `<script id="2" type="module">n + 1</script>`,
    ),
  );
  expect(reason).toContain("nothing");
  expect(read.cells.map(({ state }) => state)).toEqual(["error", "blocked"]);
  expect(read.cells[0]?.error?.message).toContain("nothing");
}, 60_000);

test("what a workbook draws is made safe before it is in a file", async () => {
  const { html } = await reported(
    workbook(
      `<script id="1" type="module">const div = document.createElement("div"); div.innerHTML = "<b onclick='x()'>hi</b><img src=x onerror=alert(1)><a href='javascript:y()'>go</a>"; display(div);</script>`,
    ),
  );
  const shown = readReport(html)?.cells[0]?.outputs.join("") ?? "";
  expect(shown).toContain("hi");
  expect(shown).not.toMatch(/onclick|onerror|javascript:/);
}, 60_000);

test("receipts and the run that the cards show come from the ledger", async () => {
  const { read } = await reported(
    workbook(
      pointsCell,
      `<script id="3" type="module">const shape = view(schema(points, {a: {type: "number"}, b: {type: "number"}, kind: {type: "category", values: ["even", "odd"]}}))</script>`,
      `<script id="4" type="module">const dev = view(sample(points, {label: "kind", rows: 40, perClass: 10, seed: 1}))</script>`,
      `<script id="5" type="module">const recipe = view(plan({schema: shape, features: ["a", "b"], target: "kind", network: [dense(4, "relu"), dense(2)], optimizer: {type: "adam", lr: 0.01}, split: {kind: "stratified", validation: 0.25}, epochs: 2, batch: 8, seed: 1}))</script>`,
      `<script id="6" type="module">const dry = view(dryRun(recipe, dev))</script>`,
      `<script id="7" type="module">const small = view(smallRun(recipe, dev))</script>`,
    ),
  );
  const { receipts, runs, ledgerHead } = read.provenance;
  expect(receipts.map(({ stage }) => stage)).toEqual([
    "schema",
    "sample",
    "plan",
    "dryRun",
    "smallRun",
  ]);
  const [run, ...others] = runs;
  expect(others).toEqual([]);
  expect(run).toMatchObject({ tier: "small", state: "succeeded", engine: "tfjs", rows: 40 });
  expect(run?.metrics).toHaveProperty("validation_loss");
  expect(receipts.at(-1)?.subject.run).toBe(run?.key);
  expect((await server.workspace.ledger.head()).hash).toBe(ledgerHead);
  expect(read.cells[5]?.outputs.join()).toContain("Small run");
}, 120_000);

function shown(more: Partial<FrameReport> = {}): FrameReport {
  const text = workbook(`<script id="1" type="text/markdown">hi</script>`);
  const cell = { id: 1, mode: "md", source: "hi", pinned: false, defines: [], state: "fresh" };
  const rest = { cached: false, volatile: false, fingerprint: "f", outputs: ["<p>hi</p>"] };
  return { text, cells: [{ ...cell, ...rest } as never], receipts: [], runs: [], ...more };
}

async function post(body: unknown): Promise<Response> {
  return await server.api("/api/report", { method: "POST", body: JSON.stringify(body) });
}

test("the page posts what it shows and gets the file, which the ledger knows once it leaves", async () => {
  const evil = { ...shown().cells[0], outputs: ["<p>hi</p><script>1</script>"] } as never;
  const shell = new Api(server.token, server.origin);
  const before = await server.workspace.ledger.head();
  const asked = { path: "book.html", shown: shown({ cells: [evil] }), files: [] };
  const { html, digest } = await shell.makeReport(asked);
  expect(verifyReport(html)).toMatchObject({ ok: true, digest });
  expect(readReport(html)?.cells[0]?.outputs).toEqual(["<p>hi</p>"]);
  expect(await server.workspace.ledger.head()).toEqual(before);
  for (const _ of [1, 2]) await shell.noteReport(digest);
  expect(await isKnownReport(server.workspace.ledger, digest)).toBe(true);
  expect((await server.workspace.ledger.head()).seq).toBe(before.seq + 1);
});

test("a report that this server has not made cannot be noted", async () => {
  const before = await server.workspace.ledger.head();
  for (const digest of ["1".repeat(64), "x", "..%2f"]) {
    const answer = await server.api(`/api/reports/${digest}/export`, { method: "POST" });
    expect(answer.status).toBe(404);
  }
  expect(await server.workspace.ledger.head()).toEqual(before);
});

test.each([
  ["a path out of the workspace", { path: "../x.html", shown: shown(), files: [] }],
  ["a text that is no workbook", { path: "x.html", shown: shown({ text: "no" }), files: [] }],
  ["a receipt that is no digest", { path: "x.html", shown: shown({ receipts: ["x"] }), files: [] }],
  ["a file without a digest", { path: "x.html", shown: shown(), files: [{ path: "x" }] }],
  ["provenance of its own", { path: "x.html", shown: shown(), files: [], provenance: {} }],
])("%s makes no report", async (_, body) => {
  const before = await server.workspace.ledger.head();
  expect((await post(body)).status).toBe(400);
  expect(await server.workspace.ledger.head()).toEqual(before);
});

test("a receipt or a run that the ledger does not have is not in the report", async () => {
  const made = { receipts: ["1".repeat(64)], runs: ["2".repeat(64)] };
  const answer = await post({ path: "book.html", shown: shown(made), files: [] });
  const read = readReport(await answer.text());
  expect(read?.provenance).toMatchObject({ receipts: [], runs: [] });
});
