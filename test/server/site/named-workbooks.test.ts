import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { namedWorkbooks } from "../../../server/site/named-workbooks.ts";
import { temporaryFolder } from "../fixtures.ts";

let root: string;
let remove: () => Promise<void>;
beforeEach(async () => ({ path: root, remove } = await temporaryFolder()));
afterEach(() => remove());

const notebook = "<!doctype html>\n<notebook>\n</notebook>\n";

async function write(path: string, text = notebook): Promise<string> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function paths(...names: readonly string[]): Promise<readonly string[]> {
  return (await namedWorkbooks(names)).map(({ path }) => path);
}

test("a folder names the workbooks in it, by their paths in its workspace", async () => {
  await mkdir(join(root, ".tierbook"));
  await write("a.html");
  await write("deep/b.html");
  await write("deep/er/c.html");
  await write("deep/page.html", "<!doctype html><p>no workbook</p>");
  await write("deep/data.csv", "a\n1\n");
  expect(await paths(root)).toEqual(["a.html", "deep/b.html", "deep/er/c.html"]);
  expect(await paths(join(root, "deep"))).toEqual(["deep/b.html", "deep/er/c.html"]);
});

test("workbooks come in the order in which they are named, each once", async () => {
  const [a, b] = [await write("a.html"), await write("b.html")];
  expect(await paths(b, a, root, b)).toEqual(["b.html", "a.html"]);
  expect(await paths()).toEqual([]);
});

test("two workspaces with workbooks of one name are refused", async () => {
  const [one, two] = [await write("one/a.html"), await write("two/a.html")];
  await expect(namedWorkbooks([one, two])).rejects.toThrow(`${one} and ${two} are both a.html`);
});

test("what is not there, a folder without workbooks, and a report are refused by name", async () => {
  await expect(namedWorkbooks([join(root, "no.html")])).rejects.toThrow("no.html");
  await mkdir(join(root, "empty"));
  await expect(namedWorkbooks([join(root, "empty")])).rejects.toThrow("there is no workbook in");
  const page = await write("page.html", "<!doctype html><p>no workbook</p>");
  await expect(namedWorkbooks([page])).rejects.toThrow("is not a workbook");
});
