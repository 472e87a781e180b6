import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { valueCodecs } from "../../cells/value-codecs.ts";
import type { FileRead } from "../../cells/report/files-read.ts";
import type { PreparedPublication } from "../../cells/share/publishing.ts";
import { tableFromRows } from "../../data/index.ts";
import { encodeResult } from "../../runtime/result-codec.ts";
import type { Publications } from "../../server/publications.ts";
import { mostRowsSearched } from "../../server/row-text.ts";
import { SecretSearch } from "../../server/secret-search.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import type { Workspace } from "../../server/workspace.ts";
import { makeReceipt, makeRequest, makeResult } from "./fixtures.ts";
import { notebookText, publishingWorkspace, somePublication } from "./some-publication.ts";
import { keyOf } from "./some-result.ts";

let workspace: Workspace;
let publications: Publications;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ workspace, publications, remove } = await publishingWorkspace());
});
afterAll(() => remove());

const mail = (name: string): string => `${name}@mail.org`;

async function found(
  ...given: Parameters<typeof somePublication>
): Promise<Pick<PreparedPublication, "foundMore" | "unsearched"> & { found: string[] }> {
  const prepared = await publications.prepare(somePublication(...given));
  const { found: all, foundMore, unsearched } = prepared;
  return {
    foundMore,
    unsearched,
    found: all.map(({ where, kind, excerpt }) => `${where}: ${kind} ${excerpt}`),
  };
}

async function dataFile(
  path: string,
  content: string | Uint8Array,
  ...asked: FileRead["asked"]
): Promise<FileRead> {
  const bytes = Buffer.from(content);
  await writeFile(join(workspace.root, path), bytes);
  return { path, digest: digestOfBytes(bytes), asked };
}

async function keep(key: string, value: unknown): Promise<string> {
  const result = { fingerprint: "f", files: {}, duration: 1, exports: { value }, displays: [] };
  const bytes = encodeResult(result, "js", valueCodecs);
  if (bytes === undefined) throw new Error("the result cannot be kept");
  await workspace.results.put("book.html", keyOf(key), bytes);
  return keyOf(key);
}

test("a publication without secrets has none", async () => {
  expect(await found()).toEqual({ found: [], foundMore: 0, unsearched: [] });
});

test("secrets are found in the workbook, in its outputs, and in what names them", async () => {
  const text = notebookText(
    `<script id="1" type="module">const api_key = "k3yIsInHere77"</script>`,
  );
  const outputs = [`<p>${mail("ada")}</p>`];
  const all = await found({ text, outputs, by: mail("eve"), path: `of ${mail("bob")}/x.html` });
  expect(all.found).toContain("workbook: password k3yI…77");
  expect(all.found).toContain("report: e-mail address ad…@mail.org");
  expect(all.found).toContain("publication: e-mail address ev…@mail.org");
  expect(all.found).toContain("publication: e-mail address bo…@mail.org");
});

test("secrets are found in kept results: in texts, tables and what cannot be read", async () => {
  const results = [
    await keep("text", { note: `write to ${mail("ada")}`, password: "hunter2222" }),
    await keep("table", tableFromRows("people", [{ who: mail("bob") }, { who: mail("cy") }])),
  ];
  await workspace.results.put("book.html", keyOf("odd"), Buffer.from(`odd ${mail("eve")} \0`));
  const all = await found({ results: [...results, keyOf("odd")] });
  expect(all.found.sort()).toEqual([
    "result: e-mail address ad…@mail.org",
    "result: e-mail address bo…@mail.org",
    "result: e-mail address cy…@mail.org",
    "result: e-mail address ev…@mail.org",
    "result: password h…",
  ]);
});

test("secrets are found in receipts and runs", async () => {
  const { key, request } = await makeRequest(workspace, "small");
  const event = { seq: 1, at: "2026-01-01T00:00:00Z", type: "log", level: "info" };
  const events = [{ ...event, text: `for "${mail("ada")}"` } as never];
  await workspace.runs.record(key, request, { events, result: makeResult(key) });
  const body = makeReceipt("dryRun", request, { summary: `says ${mail("bob")}` });
  const receipt = await workspace.receipts.add(body, "frame");
  const all = await found({ runs: [key], receipts: [receipt.id] });
  expect(all.found).toContain("run: e-mail address ad…@mail.org");
  expect(all.found).toContain("receipt: e-mail address bo…@mail.org");
});

test("secrets are found in data as text, and as rows beside the names of their columns", async () => {
  const card = "4539578763621486";
  const files = [
    await dataFile("a.txt", `IBAN DE89370400440532013000\n`, "bytes"),
    await dataFile("utf16.txt", Buffer.from(`\uFEFFtoken: ${mail("eve")}`, "utf16le"), "bytes"),
    await dataFile("rows.csv", `password,card,n\ns3cretive1,${card},1.5\n`, "table"),
    await dataFile("rows.json", `[{"mail": "ada\\u0040mail.org"}]`, "table"),
  ];
  const all = await found({ files, withData: true });
  expect(all.found.sort()).toEqual([
    "a.txt: IBAN DE89…00",
    "rows.csv: card number 4539…86",
    "rows.csv: password s…",
    "rows.json: e-mail address ad…@mail.org",
    "utf16.txt: e-mail address ev…@mail.org",
  ]);
  expect(all.unsearched).toEqual([]);
  expect((await found({ files, withData: false })).found).toEqual([]);
});

test("Parquet is searched by its rows, and what cannot be read is named", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const path = join(workspace.root, "a.parquet");
  await connection.run(
    `copy (select '${mail("ada")}' as who union all select 'nobody') to '${path}'`,
  );
  instance.closeSync();
  const { readFile } = await import("node:fs/promises");
  const files = [
    await dataFile("a.parquet", await readFile(path), "bytes"),
    await dataFile("b.bin", new Uint8Array([1, 0, 255, 3]), "bytes"),
  ];
  const all = await found({ files, withData: true });
  expect(all.found).toEqual(["a.parquet: e-mail address ad…@mail.org"]);
  expect(all.unsearched).toEqual([expect.stringMatching(/^b\.bin is no text/)]);
});

test("many findings are counted and the first ones listed; a long table is searched so far", async () => {
  const rows = Array.from({ length: mostRowsSearched + 1 }, (_, i) =>
    i < 50 || i === mostRowsSearched
      ? mail(`m${String.fromCharCode(97 + (i % 26), 97 + (i % 23))}${i}`)
      : "x",
  );
  const files = [await dataFile("long.csv", `who\n${rows.join("\n")}\n`, "table")];
  const all = await found({ files, withData: true });
  expect(all.found.length).toBe(20);
  expect(all.foundMore).toBeGreaterThan(0);
  expect(all.unsearched).toEqual([
    "Only the first 200,000 rows of the 200,001 in long.csv were searched.",
  ]);
});

test("nothing is missed where a long text is searched in pieces", async () => {
  const word = "lorem ipsum, ";
  for (const offset of [0, 5, 11, 17]) {
    const at = (1 << 20) - offset;
    const text = `${word.repeat(90_000).slice(0, at - 1)} ${mail("ada")} ${word.repeat(180_000)} `;
    const search = new SecretSearch();
    const pieces = text.match(/[^]{1,70000}/g) ?? [];
    await search.texts("x", pieces);
    const { found: all, unsearched } = search.outcome();
    expect(all.map(({ excerpt }) => excerpt)).toEqual(["ad…@mail.org"]);
    expect(unsearched).toEqual([]);
  }
});

test("a text past the bound is searched so far, and that is said", async () => {
  const search = new SecretSearch();
  const text = `${mail("ada")} ${"x ".repeat(100)} ${mail("bob")}`;
  await search.texts("notes", [text], 100);
  const { found: all, unsearched } = search.outcome();
  expect(all.map(({ excerpt }) => excerpt)).toEqual(["ad…@mail.org"]);
  expect(unsearched).toEqual(["Only the first 100 B of notes were searched."]);
});
