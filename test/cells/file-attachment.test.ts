import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileAttachment, type WorkspaceFile } from "../../cells/file-attachment.ts";
import { convertToDatabase } from "../../data/file-database.ts";
import { createNativeClient } from "../../data/native-client.ts";
import type { FileTable, QueryClient } from "../../data/query-client.ts";
import { runSql } from "../../data/run-sql.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { Workbook } from "../../runtime/workbook.ts";
import type { Cell } from "../../runtime/cell.ts";
import { installDom, type HeadlessDom } from "../../server/headless/dom.ts";

let folder: string;
let client: QueryClient;
let dom: HeadlessDom;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-files-"));
  client = createNativeClient({
    resolveFile: tableOf,
    directories: [join(folder, "databases")],
  });
  dom = installDom();
});

afterAll(async () => {
  dom.close();
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

async function tableOf(path: string): Promise<FileTable> {
  const digest = sha256(await readFile(join(folder, path)));
  const made = await convertToDatabase(join(folder, path), {
    digest,
    directory: join(folder, "databases"),
  });
  return { path, digest, ...made };
}

async function fileOf(path: string): Promise<WorkspaceFile> {
  const bytes = new Uint8Array(await readFile(join(folder, path)));
  return { url: path, digest: sha256(bytes), mediaType: "text/csv", bytes: async () => bytes };
}

function open(...cells: readonly (readonly [mode: "js" | "sql", source: string])[]): Workbook {
  const attachment = fileAttachment(fileOf, dom.document);
  return new Workbook(
    cells.map(([mode, source], i): Cell => ({
      id: i + 1,
      mode,
      source,
      pinned: true,
      hidden: true,
      ...(mode === "sql" ? { output: `rows${i + 1}` } : {}),
    })),
    { builtins: { FileAttachment: () => attachment }, runSql: (sql) => runSql(client, sql) },
  );
}

test("a cell that runs again reads a file as it is then, and says that the file changed", async () => {
  await writeFile(join(folder, "a.csv"), "n,m\n1,1\n2,1\n");
  const workbook = open(
    ["js", "const text = await FileAttachment('a.csv').text()"],
    ["sql", "select n from 'a.csv'"],
    ["sql", "select max(m) as m from rows2, 'a.csv'"],
    ["js", "rows3.at(0).m"],
  );
  await workbook.settled();
  expect(workbook.statuses().map(({ state }) => state)).toEqual(Array(4).fill("fresh"));
  const before = workbook.statuses().map(({ fingerprint }) => fingerprint);

  await writeFile(join(folder, "a.csv"), "n,m\n1,0\n2,1\n");
  for (const id of [1, 2, 3, 4]) workbook.run(id);
  await workbook.settled();
  expect(await workbook.value("text")).toBe("n,m\n1,0\n2,1\n");
  const differs = workbook.statuses().map(({ fingerprint }, i) => fingerprint !== before[i]);
  expect(differs).toEqual([true, true, true, false]);
  const file = { part: "file", name: "a.csv", how: "changed" };
  // the columns that cells 2 and 3 read are what they were, so the file alone is to blame
  expect([1, 2, 3].map((id) => workbook.explain(id)?.changes)).toEqual([[file], [file], [file]]);
  expect(workbook.explain(4)?.changes).toEqual([]);
  workbook.dispose();
});

test("a name gives the same attachment throughout a run", async () => {
  await writeFile(join(folder, "b.csv"), "n\n1\n");
  const workbook = open(["js", "const same = FileAttachment('b.csv') === FileAttachment('b.csv')"]);
  expect(await workbook.value("same")).toBe(true);
  workbook.dispose();
});
