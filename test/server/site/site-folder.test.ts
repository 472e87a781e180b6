import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Site } from "../../../cells/share/site.ts";
import { checkSiteFolder, makeSiteFolder } from "../../../server/site/site-folder.ts";
import { temporaryFolder } from "../fixtures.ts";

let root: string;
let out: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ path: root, remove } = await temporaryFolder());
  out = join(root, "deep", "site");
});
afterEach(() => remove());

/** Puts a site of a title into a folder. */
const fill =
  (title: string) =>
  async (folder: string): Promise<boolean> => {
    const at = new Date(0).toISOString();
    const site: Site = { kind: "tierbook.site", version: 1, title, at, workbooks: [] };
    await writeFile(join(folder, "site.json"), JSON.stringify(site));
    return true;
  };

async function titleThere(): Promise<unknown> {
  return (JSON.parse(await readFile(join(out, "site.json"), "utf8")) as Site).title;
}

test("a site is made where there is nothing, and replaces an older one, leaving nothing beside", async () => {
  expect(await makeSiteFolder(out, fill("old"))).toBe(true);
  expect(await titleThere()).toBe("old");
  await mkdir(join(out, "assets"));
  expect(await makeSiteFolder(out, fill("new"))).toBe(true);
  expect(await titleThere()).toBe("new");
  expect(await readdir(out)).toEqual(["site.json"]);
  expect(await readdir(join(root, "deep"))).toEqual(["site"]);
});

test("a site that is not to be, or that fails on its way, changes nothing", async () => {
  await makeSiteFolder(out, fill("old"));
  expect(await makeSiteFolder(out, async (folder) => (await fill("new")(folder)) && false)).toBe(
    false,
  );
  const failing = makeSiteFolder(out, async (folder) => {
    await fill("new")(folder);
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await titleThere()).toBe("old");
  expect(await readdir(join(root, "deep"))).toEqual(["site"]);
});

test("an empty folder is taken", async () => {
  await mkdir(out, { recursive: true });
  expect(await makeSiteFolder(out, fill("new"))).toBe(true);
});

test.each([
  ["index.html", "x", "is not a site"],
  ["site.json", '{"kind":"another"}', "is not a site"],
])("a folder with a %s that is no site's is left alone", async (name, text, reason) => {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, name), text);
  await expect(makeSiteFolder(out, fill("new"))).rejects.toMatchObject({ code: "out" });
  await expect(checkSiteFolder(out)).rejects.toThrow(reason);
  expect(await readFile(join(out, name), "utf8")).toBe(text);
});

test.each([".git", "CNAME", ".tierbook", "notes.html"])(
  "a site to which somebody has added %s is left alone",
  async (name) => {
    await makeSiteFolder(out, fill("old"));
    await mkdir(join(out, name));
    await expect(makeSiteFolder(out, fill("new"))).rejects.toThrow(`holds ${name}`);
    expect(await titleThere()).toBe("old");
  },
);

test("what is added while a site is made is not lost", async () => {
  await makeSiteFolder(out, fill("old"));
  const making = makeSiteFolder(out, async (folder) => {
    await writeFile(join(out, "CNAME"), "somebody.example");
    return await fill("new")(folder);
  });
  await expect(making).rejects.toThrow("holds CNAME");
  expect(await titleThere()).toBe("old");
});

test("a file is no folder", async () => {
  await mkdir(join(root, "deep"));
  await writeFile(out, "");
  await expect(makeSiteFolder(out, fill("new"))).rejects.toThrow("is not a folder");
});
