import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PublishedFile } from "../../cells/share/publication.ts";
import { copyPublication } from "../../server/copy-publication.ts";
import { heldCopy, releaseCopy } from "../../server/held-copies.ts";
import type { Publications, PublicPublication } from "../../server/publications.ts";
import { digestOfBytes } from "../../server/workspace-files.ts";
import type { Workspace } from "../../server/workspace.ts";
import { temporaryFolder } from "./fixtures.ts";
import { publishingWorkspace, somePublication } from "./some-publication.ts";
import { keyOf } from "./some-result.ts";

let workspace: Workspace;
let publications: Publications;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ workspace, publications, remove } = await publishingWorkspace());
});
afterEach(() => remove());

const at = (path: string): string => join(workspace.root, path);

async function published(...given: Parameters<typeof somePublication>): Promise<PublicPublication> {
  const { digest } = await publications.prepare(somePublication(...given));
  await publications.publish(digest);
  return await publications.find(digest);
}

/** A publication as a stranger may have made it, whose files all have one content. */
async function withFiles(...paths: readonly string[]): Promise<PublicPublication> {
  const content = Buffer.from("of a stranger");
  await writeFile(at("stranger.txt"), content);
  const digest = digestOfBytes(content);
  const own = { path: "stranger.txt", digest, asked: ["bytes"] as const };
  const found = await published({ files: [own], withData: true });
  const [file] = found.publication.files;
  if (file === undefined) throw new Error("there is no file");
  const files = paths.map((path): PublishedFile => ({ ...file, path }));
  return { ...found, publication: { ...found.publication, files } };
}

test("a copy has the first name that is free, and replaces nothing", async () => {
  await writeFile(at("book.html"), "mine");
  const found = await published();
  const paths: string[] = [];
  for (let i = 0; i < 3; i++) paths.push((await copyPublication(workspace, found)).path);
  expect(paths).toEqual(["book-copy.html", "book-copy-2.html", "book-copy-3.html"]);
  expect(await readFile(at("book.html"), "utf8")).toBe("mine");
  const { text } = somePublication().shown.report;
  for (const path of paths) expect(await readFile(at(path), "utf8")).toBe(text);
  // so it is in every browser, and until a person says otherwise
  expect(await heldCopy(workspace, "book.html")).toBeUndefined();
  for (const path of paths) expect((await heldCopy(workspace, path))?.from).toContain("published");
  await releaseCopy(workspace, "book-copy.html");
  expect(await heldCopy(workspace, "book-copy.html")).toBeUndefined();
});

test("copies that are made at once have names of their own", async () => {
  const found = await published({ path: "a folder/é.html" });
  const made = await Promise.all([1, 2, 3, 4].map(() => copyPublication(workspace, found)));
  expect(new Set(made.map(({ path }) => path)).size).toBe(4);
  expect((await readdir(at("a folder"))).length).toBe(4);
});

test("a copy has the kept results under its own name", async () => {
  await workspace.results.put("book.html", keyOf("a"), Buffer.from("kept"));
  const found = await published({ results: [keyOf("a")] });
  await writeFile(at("book.html"), "mine");
  const { path } = await copyPublication(workspace, found);
  expect(Buffer.from((await workspace.results.get(path, keyOf("a"))) ?? []).toString()).toBe(
    "kept",
  );
});

test("data is written where nothing is, and what is there is left and compared", async () => {
  const found = await withFiles("new/deep.txt", "same.txt", "other.csv");
  await writeFile(at("same.txt"), "of a stranger");
  await writeFile(at("other.csv"), "mine");
  const { files } = await copyPublication(workspace, found);
  expect(files).toEqual([
    { path: "new/deep.txt", state: "written" },
    { path: "same.txt", state: "same" },
    { path: "other.csv", state: "differs" },
  ]);
  expect(await readFile(at("new/deep.txt"), "utf8")).toBe("of a stranger");
  expect(await readFile(at("other.csv"), "utf8")).toBe("mine");
});

test("a folder where data belongs is left", async () => {
  const found = await withFiles("x.csv");
  await mkdir(at("x.csv"));
  expect((await copyPublication(workspace, found)).files).toEqual([
    { path: "x.csv", state: "differs" },
  ]);
});

test("a part that was damaged becomes nothing of one's own", async () => {
  const found = await withFiles("x.csv");
  const { workbook, files } = found.publication;
  const before = (await readdir(workspace.root)).sort();
  for (const { digest } of [workbook, ...files.flatMap(({ bytes }) => bytes ?? [])]) {
    const whole = await readFile(found.part(digest) ?? "");
    await writeFile(
      found.part(digest) ?? "",
      whole.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
    );
    await expect(copyPublication(workspace, found)).rejects.toMatchObject({ code: "publication" });
    expect((await readdir(workspace.root)).sort()).toEqual(before);
    await writeFile(found.part(digest) ?? "", whole);
  }
});

test("a copy whose results are lost is there all the same, so that it is marked", async () => {
  await workspace.results.put("book.html", keyOf("a"), Buffer.from("kept"));
  const found = await published({ results: [keyOf("a")] });
  await rm(found.part(found.publication.results[0]?.part.digest ?? "") ?? "");
  const { path } = await copyPublication(workspace, found);
  expect(await readdir(workspace.root)).toContain(path);
  expect(await workspace.results.get(path, keyOf("b"))).toBeUndefined();
});

test("data that was not published is missing, unless it is here", async () => {
  const content = "a\n1\n";
  await writeFile(at("a.csv"), content);
  const digest = digestOfBytes(Buffer.from(content));
  const files = [
    { path: "a.csv", digest, asked: ["table"] as const },
    { path: "b.csv", digest, asked: ["table"] as const },
  ];
  const found = await published({ files, withData: false });
  expect((await copyPublication(workspace, found)).files).toEqual([
    { path: "a.csv", state: "same" },
    { path: "b.csv", state: "missing" },
  ]);
});

test("a stranger's names lead nowhere but to data of the workspace", async () => {
  const outside = await temporaryFolder();
  await symlink(outside.path, at("out"));
  await mkdir(at("real"));
  await symlink(at("nowhere.csv"), at("dangling.csv"));
  const hostile = [
    ["../x.csv", "/etc/x.csv", "a/../../x.csv", "out/x.csv", "./x.csv", "a//x.csv", "C:\\x.csv"],
    [
      ".env",
      ".git/hooks.txt",
      ".tierbook/ledger.jsonl",
      "a/.x.csv",
      "．git/x.csv",
      "\u200c.git/x.csv",
    ],
    ["x.html", "x.js", "x.sh", "x", "x.csv.exe", "Makefile", "x.svg", "dangling.csv"],
    ["package.json", "sub/tsconfig.json", "node_modules/x/data.json", "docker-compose.yml"],
    ["AGENTS.md", "sub/CLAUDE.md", "vite.config.json", "azure-pipelines.yml", "pom.xml"],
    ["a\0.csv", "a\n.csv", `${"a".repeat(300)}.csv`, "stranger.txt/x.csv"],
  ].flat();
  const before = (await readdir(workspace.root)).sort();
  const found = await withFiles(...hostile);
  const { files, path } = await copyPublication(workspace, found);
  expect(files).toEqual(hostile.map((name) => ({ path: name, state: "refused" })));
  expect((await readdir(workspace.root)).sort()).toEqual([...before, "stranger.txt", path].sort());
  expect(await readdir(outside.path)).toEqual([]);
  await outside.remove();
});

test.each(["../book.html", "/tmp/book.html", ".tierbook/book.html", "a/../book.html", "x.js"])(
  "a workbook named %s is not written",
  async (path) => {
    const found = await published();
    const hostile = { ...found, publication: { ...found.publication, path } };
    const before = await readdir(workspace.root, { recursive: true });
    await expect(copyPublication(workspace, hostile)).rejects.toMatchObject({
      code: "path",
    });
    const after = await readdir(workspace.root, { recursive: true });
    expect(after.filter((name) => !name.startsWith(".tierbook"))).toEqual(
      before.filter((name) => !name.startsWith(".tierbook")),
    );
  },
);

test("a hostile path keeps the workbook's data at home too", async () => {
  const found = await withFiles("data.csv");
  const hostile = { ...found, publication: { ...found.publication, path: "../x.html" } };
  await expect(copyPublication(workspace, hostile)).rejects.toMatchObject({ code: "path" });
  expect(await readdir(workspace.root)).not.toContain("data.csv");
});

test("names that anybody makes up lead to no file outside the workspace", async () => {
  const segment = fc.constantFrom("..", ".", "", "a", "b.csv", ".c", "~", "\\", "é", "%2e%2e");
  const found = await withFiles();
  const [file] = (await published()).publication.files;
  expect(file).toBeUndefined();
  const parent = join(workspace.root, "..");
  const before = (await readdir(parent)).filter((name) => name.endsWith(".csv"));
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 6 }), async (segments) => {
      const path = `${segments.join("/")}.csv`;
      const { digest, size } = found.publication.workbook;
      const bytes = { digest, size };
      const files = [{ path, digest, size, mediaType: "text/csv", bytes }];
      const publication = { ...found.publication, path: "copies/book.html", files };
      await copyPublication(workspace, { ...found, publication });
    }),
    { numRuns: 60 },
  );
  expect((await readdir(parent)).filter((name) => name.endsWith(".csv"))).toEqual(before);
});
