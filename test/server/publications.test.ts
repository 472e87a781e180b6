import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isKnownReport } from "../../server/make-report.ts";
import { openFile } from "../../cells/report/report-file.ts";
import { partsOf } from "../../cells/share/publication.ts";
import type { FileAsk, FileRead } from "../../cells/report/files-read.ts";
import { Publications } from "../../server/publications.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import type { Workspace } from "../../server/workspace.ts";
import { makeReceipt, makeRequest, makeResult } from "./fixtures.ts";
import { notebookText, publishingWorkspace, somePublication } from "./some-publication.ts";
import { keyOf } from "./some-result.ts";

let workspace: Workspace;
let publications: Publications;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ workspace, publications, remove } = await publishingWorkspace());
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await remove();
});

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const at = (...names: readonly string[]): string => join(workspace.state, "publications", ...names);
const namesAt = async (name: string): Promise<string[]> =>
  (await readdir(at(name)).catch(() => [])).sort();

/** Writes a data file and says how a workbook has read it. */
async function dataFile(
  path: string,
  content: string,
  ...asked: readonly FileAsk[]
): Promise<FileRead> {
  await mkdir(join(workspace.root, path, ".."), { recursive: true });
  await writeFile(join(workspace.root, path), content);
  return { path, digest: digestOfBytes(utf8(content)), asked };
}

async function published(...given: Parameters<typeof somePublication>): Promise<string> {
  const { digest } = await publications.prepare(somePublication(...given));
  await publications.publish(digest);
  return digest;
}

/** The bytes of a part of something public. */
async function bytesOf(digest: string, part: { readonly digest: string }): Promise<Buffer> {
  const path = (await publications.find(digest)).part(part.digest);
  if (path === undefined) throw new Error(`there is no part ${part.digest}`);
  return await readFile(path);
}

test("a prepared publication is nobody else's, and a published one is whole", async () => {
  const { digest, bytes } = await publications.prepare(somePublication());
  expect(await publications.list()).toEqual([]);
  await expect(publications.find(digest)).rejects.toMatchObject({ status: 404 });
  expect((await workspace.ledger.entries()).length).toBe(0);

  const line = await publications.publish(digest);
  expect(line).toMatchObject({ digest, bytes, title: "Points & lines", path: "book.html" });
  expect(line).toMatchObject({ by: "Ada", withData: false });
  expect(await publications.list()).toEqual([line]);
  const { publication, file } = await publications.find(digest);
  expect(digestOfBytes(await readFile(file))).toBe(digest);
  for (const part of partsOf(publication)) {
    const content = await bytesOf(digest, part);
    expect([digestOfBytes(content), content.length]).toEqual([part.digest, part.size]);
  }
  const text = somePublication().shown.report.text;
  expect((await bytesOf(digest, publication.workbook)).toString()).toBe(text);
});

test("the ledger hears of report and publication when they leave, once", async () => {
  const { digest } = await publications.prepare(somePublication());
  for (const _ of [1, 2]) await publications.publish(digest);
  const { publication } = await publications.find(digest);
  const report = openFile((await bytesOf(digest, publication.report)).toString())?.digest ?? "";
  expect(await isKnownReport(workspace.ledger, report)).toBe(true);
  for (const _ of [1, 2]) await publications.takeBack(digest);
  const { path, by, at: when } = publication;
  expect((await workspace.ledger.entries()).map(({ type, body }) => [type, body])).toEqual([
    ["report", { digest: report, path, at: when }],
    ["publication", { digest, path, at: when, by }],
    ["publication-taken-back", { digest }],
  ]);
});

test("what was taken back is gone for good, and its content too", async () => {
  const digest = await published();
  const before = await publications.find(digest);
  await publications.takeBack(digest);
  for (const again of [publications, new Publications(workspace)]) {
    await expect(again.find(digest)).rejects.toMatchObject({ status: 410, code: "gone" });
    await expect(again.publish(digest)).rejects.toMatchObject({ status: 410, code: "gone" });
    expect(await again.list()).toEqual([]);
  }
  expect(await stat(before.file).catch(() => undefined)).toBeUndefined();
  // an edit, or only another time, makes a link of its own
  expect(await published()).not.toBe(digest);
});

test("what is no digest, and what nobody has published, is not there", async () => {
  for (const name of ["", "..", "../published", "x", "A".repeat(64), "a".repeat(64)])
    for (const ask of [
      () => publications.find(name),
      () => publications.publish(name),
      () => publications.takeBack(name),
    ])
      await expect(ask()).rejects.toMatchObject({ status: 404, code: "publication" });
});

test("a publication answers for no part that it does not name", async () => {
  const digest = await published();
  const found = await publications.find(digest);
  await writeFile(at("published", digest, "parts", "b".repeat(64)), "not named");
  for (const name of ["b".repeat(64), "../publication.json", "", "x"])
    expect(found.part(name)).toBeUndefined();
});

test("the kept results that are named go with it, as far as they are there", async () => {
  const [kept, other, lost] = ["kept", "other", "lost"].map(keyOf);
  for (const key of [kept, other])
    await workspace.results.put("book.html", key ?? "", utf8(`of ${key}`));
  const digest = await published({ results: [kept ?? "", lost ?? "", kept ?? ""] });
  const { results } = (await publications.find(digest)).publication;
  expect(results.map(({ key }) => key)).toEqual([kept]);
  for (const { key, part } of results)
    expect((await bytesOf(digest, part)).toString()).toBe(`of ${key}`);
});

test("receipts and finished runs that are named come from the workspace", async () => {
  const { key, request } = await makeRequest(workspace, "small");
  const result = makeResult(key);
  const event = { seq: 1, at: "2026-01-01T00:00:00Z", type: "log", level: "info", text: "t" };
  await workspace.runs.record(key, request, { events: [event as never], result });
  const receipt = await workspace.receipts.add(makeReceipt("dryRun", request), "shell");
  const { key: unfinished, request: other } = await makeRequest(workspace, "full");
  await workspace.runs.create(unfinished, other);
  const nobodys = keyOf("nobody's");
  const digest = await published({
    receipts: [receipt.id, nobodys],
    runs: [key, unfinished, nobodys],
  });
  const { receipts, runs } = (await publications.find(digest)).publication;
  expect(receipts).toEqual([receipt]);
  expect(runs.map((run) => run.key)).toEqual([key]);
  const [run] = runs;
  const read: unknown = JSON.parse((await bytesOf(digest, run?.part ?? workspaceless)).toString());
  expect(read).toEqual({ request, events: [event], result });
});

const workspaceless = { digest: "" };

test("of files only the digests leave where the person does not agree", async () => {
  const file = await dataFile("data/a.csv", "a\n1\n", "table", "bytes");
  const { digest, files } = await publications.prepare(somePublication({ files: [file] }));
  expect(files).toEqual([{ path: "data/a.csv", size: 4, isIncluded: false }]);
  await publications.publish(digest);
  const { publication } = await publications.find(digest);
  expect(publication.files).toEqual([
    { path: "data/a.csv", digest: file.digest, mediaType: "text/csv; charset=utf-8", size: 4 },
  ]);
  expect((await publications.list())[0]?.withData).toBe(false);
});

test("with the data goes what the workbook has read of it, and no more", async () => {
  const files = [
    await dataFile("sql.csv", "a\n1\n2\n", "table", "digest"),
    await dataFile("both.csv", "a\n1\n", "table", "bytes"),
    await dataFile("kept.csv", "a\n1\n2\n3\n", "digest"),
    await dataFile("cells.csv", "b\n1\n", "bytes"),
    await dataFile("notes.txt", "hello", "digest"),
    await dataFile("odd.json", "{", "digest"),
  ];
  const digest = await published({ files, withData: true });
  const { publication } = await publications.find(digest);
  const parts = publication.files.map(({ path, bytes, table }) => [
    path,
    bytes === undefined ? "" : "bytes",
    table === undefined ? "" : `table of ${table.numRows}`,
  ]);
  expect(parts).toEqual([
    ["sql.csv", "", "table of 2"],
    ["both.csv", "bytes", "table of 1"],
    ["kept.csv", "", "table of 3"],
    ["cells.csv", "bytes", ""],
    ["notes.txt", "bytes", ""],
    ["odd.json", "bytes", ""],
  ]);
  expect((await publications.list())[0]?.withData).toBe(true);
  const notes = publication.files.find(({ path }) => path === "notes.txt");
  expect((await bytesOf(digest, notes?.bytes ?? workspaceless)).toString()).toBe("hello");
});

test("a kept result of a workbook with FileAttachment may have read bytes", async () => {
  const text = notebookText(`<script id="1" type="module">FileAttachment("a.csv").text()</script>`);
  const files = [await dataFile("a.csv", "a\n1\n", "digest", "table")];
  const digest = await published({ files, withData: true, text });
  const [file] = (await publications.find(digest)).publication.files;
  expect([file?.bytes?.digest, file?.table?.numRows]).toEqual([files[0]?.digest, 1]);
});

test("a file that is no longer what was read stays at home, and is said to", async () => {
  const changed = await dataFile("changed.csv", "a\n1\n", "table");
  await dataFile("changed.csv", "a\n2\n");
  const gone: FileRead = { path: "gone.csv", digest: keyOf("gone"), asked: ["bytes"] };
  const files = [changed, gone];
  const prepared = await publications.prepare(somePublication({ files, withData: true }));
  expect(prepared.files.map(({ size, isIncluded }) => [size, isIncluded])).toEqual([
    [0, false],
    [0, false],
  ]);
  expect(prepared.files[0]?.reason).toContain("no longer what the workbook has read");
  await publications.publish(prepared.digest);
  const { publication } = await publications.find(prepared.digest);
  expect(publication.files.map(({ digest }) => digest)).toEqual([changed.digest, gone.digest]);
  expect(partsOf(publication).length).toBe(2);
});

test("what is published stays what it was, whatever becomes of the file", async () => {
  const file = await dataFile("a.txt", "before", "bytes");
  const digest = await published({ files: [file], withData: true });
  await writeFile(join(workspace.root, "a.txt"), "AFTER!", { flag: "r+" });
  const { publication } = await publications.find(digest);
  const part = publication.files[0]?.bytes ?? workspaceless;
  expect((await bytesOf(digest, part)).toString()).toBe("before");
});

test.each([
  ["a workbook out of the workspace", { path: "../book.html" }],
  ["a hidden workbook", { path: ".tierbook/book.html" }],
  ["a workbook that is none by its name", { path: "book.txt" }],
  ["a text that is no workbook", { text: "no" }],
  ["another workbook as data", { files: ["other.html"] }],
  ["a file out of the workspace", { files: ["../../etc/passwd"] }],
  ["the ledger", { files: [".tierbook/ledger.jsonl"] }],
  ["a file by its absolute path", { files: ["/etc/passwd"] }],
])("%s is not published", async (_, { files = [], ...more }: Record<string, unknown>) => {
  const read = (files as string[]).map((path) => ({ path, digest: keyOf(path), asked: [] }));
  const asked = somePublication({ ...more, files: read, withData: true });
  await expect(publications.prepare(asked)).rejects.toMatchObject({ status: 400 });
  expect(await namesAt("prepared")).toEqual([]);
});

test("a publication past the limit names what is biggest, and leaves nothing behind", async () => {
  vi.stubEnv("TIERBOOK_PUBLICATION", "1MB");
  const files = [
    await dataFile("big.txt", "x".repeat(2_000_000), "bytes"),
    await dataFile("bigger.txt", "y".repeat(4_000_000), "bytes"),
  ];
  const asked = publications.prepare(somePublication({ files, withData: true }));
  await expect(asked).rejects.toMatchObject({
    status: 413,
    code: "too-large",
    message: expect.stringMatching(
      /biggest parts: bigger\.txt \(3\.8 MiB\), big\.txt \(1\.9 MiB\)/,
    ),
  });
  expect(await namesAt("prepared")).toEqual([]);
  await published({ files, withData: false });
});

test("several prepare and publish at once, from several processes' stores", async () => {
  const others = [publications, new Publications(workspace), publications];
  const prepared = await Promise.all(
    others.map((each, i) => each.prepare(somePublication({ by: `person ${i}` }))),
  );
  const digests = prepared.map(({ digest }) => digest);
  await Promise.all([...digests, ...digests].map((digest, i) => others[i % 3]?.publish(digest)));
  expect((await publications.list()).map(({ digest }) => digest).sort()).toEqual(digests.sort());
  const entries = await workspace.ledger.entries();
  expect(entries.filter(({ type }) => type === "publication").length).toBe(3);
  await Promise.all(digests.flatMap((digest) => others.map((each) => each.takeBack(digest))));
  expect(await publications.list()).toEqual([]);
  expect(await namesAt("published")).toEqual([]);
});

test("prepared ones are kept for a day, and only the newest", async () => {
  const age = async (name: string, hours: number): Promise<void> => {
    const then = Date.now() / 1000 - hours * 3600;
    await utimes(at("prepared", name), then, then);
  };
  const digests: string[] = [];
  for (let i = 0; i < 10; i++)
    digests.push((await publications.prepare(somePublication({ by: String(i) }))).digest);
  for (const [i, digest] of digests.entries())
    if ((await namesAt("prepared")).includes(digest)) await age(digest, 20 - i);
  for (const name of [".draft-old", ".draft-new"]) await mkdir(at("prepared", name));
  await age(".draft-old", 2);
  await publications.clean();
  expect(await namesAt("prepared")).toEqual([".draft-new", ...digests.slice(6).sort()]);
  await age(digests[9] ?? "", 25);
  await publications.clean();
  expect(await namesAt("prepared")).toEqual([".draft-new", ...digests.slice(6, 9).sort()]);
  await expect(publications.publish(digests[9] ?? "")).rejects.toMatchObject({ status: 404 });
});

test("a manifest that was changed on the disk is not published or shown", async () => {
  const { digest } = await publications.prepare(somePublication());
  const file = at("prepared", digest, "publication.json");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("Ada", "Eve"));
  await expect(publications.publish(digest)).rejects.toMatchObject({ status: 500 });
  await writeFile(file, text);
  await publications.publish(digest);
  await writeFile(at("published", digest, "publication.json"), "{}");
  const fresh = new Publications(workspace);
  await expect(fresh.find(digest)).rejects.toMatchObject({ status: 500, code: "publication" });
  const whole = await published();
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  expect((await fresh.list()).map((line) => line.digest)).toEqual([whole]);
  expect(said.mock.calls.join()).toContain("is damaged");
  said.mockRestore();
  // and ends as any other
  await fresh.takeBack(digest);
  await expect(fresh.find(digest)).rejects.toMatchObject({ status: 410 });
});
