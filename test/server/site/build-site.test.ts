import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPublication } from "../../../cells/share/publication.ts";
import { siteSchema, type Site } from "../../../cells/share/site.ts";
import { isKnownReport } from "../../../server/make-report.ts";
import { openWorkspace } from "../../../server/workspace.ts";
import { buildSite, type BuildSiteOptions } from "../../../server/site/build-site.ts";
import { namedWorkbooks } from "../../../server/site/named-workbooks.ts";
import { builtScript } from "../build-cli.ts";
import { temporaryFolder } from "../fixtures.ts";

let root: string;
let remove: () => Promise<void>;
let child: string;
let page: string;

beforeAll(async () => {
  child = await builtScript(
    fileURLToPath(new URL("../../../server/headless/child.ts", import.meta.url)),
  );
  ({ path: root, remove } = await temporaryFolder());
  page = join(root, "page");
  await mkdir(join(page, "assets"), { recursive: true });
  for (const [name, text] of Object.entries(builtPage)) await writeFile(join(page, name), text);
}, 120_000);
afterAll(() => remove());

/** A page as the build leaves it, as far as matters here. */
const builtPage = {
  "index.html": '<!doctype html><head><meta charset="utf-8" /><title>Tierbook</title></head>',
  "frame.html": "the frame with a server",
  "site-frame.html": "the frame of a site",
  "frame-links.json": JSON.stringify({ packed: ["duck.wasm"] }),
  "assets/index.js": "the shell",
  "assets/index.js.br": "compressed",
  "assets/duck.wasm": "a duck",
  "assets/font.woff2": "a font",
  "assets/font.ttf": "the same font",
};

const cell = (source: string): string => `<script type="module">${source}</script>`;

async function workspaceOf(
  name: string,
  workbooks: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = join(root, name);
  await mkdir(join(folder, ".tierbook"), { recursive: true });
  for (const [path, cells] of Object.entries(workbooks))
    await writeFile(
      join(folder, path),
      `<!doctype html>\n<notebook>\n<title>${path}</title>\n${cells}\n</notebook>\n`,
    );
  await writeFile(join(folder, "numbers.csv"), "a\n1\n2\n");
  return folder;
}

async function build(
  folder: string,
  names: readonly string[],
  options: Partial<BuildSiteOptions> = {},
): ReturnType<typeof buildSite> {
  return await buildSite({
    folder,
    title: "Some <site>",
    by: "Ada",
    withData: true,
    workbooks: await namedWorkbooks(names),
    page,
    child,
    mayLeave: () => Promise.resolve(true),
    ...options,
  });
}

async function siteIn(folder: string): Promise<Site> {
  return v.parse(siteSchema, JSON.parse(await readFile(join(folder, "site.json"), "utf8")));
}

test("a site without workbooks is the page, made to do without headers", async () => {
  const out = join(root, "empty");
  expect(await build(out, [])).toEqual([]);
  expect((await readdir(out)).sort()).toEqual(
    [
      ".nojekyll",
      "_headers",
      "assets",
      "frame-links.json",
      "frame.html",
      "index.html",
      "s",
      "site.json",
    ].sort(),
  );
  expect(await siteIn(out)).toMatchObject({ title: "Some <site>", workbooks: [] });
  expect(await readFile(join(out, "frame.html"), "utf8")).toBe("the frame of a site");
  const html = await readFile(join(out, "index.html"), "utf8");
  expect(html).toContain("<title>Some &lt;site&gt;</title>");
  expect(html).toContain('<meta name="tierbook-site" content="site.json" />');
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "";
  expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';");
  expect(policy).toContain("require-trusted-types-for 'script'");
  // in a <meta> browsers ignore it and complain
  expect(policy).not.toContain("frame-ancestors");
  expect((await readdir(join(out, "assets"))).sort()).toEqual([
    "duck.wasm.gz",
    "font.woff2",
    "index.js",
  ]);
  expect(gunzipSync(await readFile(join(out, "assets/duck.wasm.gz"))).toString()).toBe("a duck");
});

test("workbooks come with what they showed, one that fails as it is", async () => {
  const workspace = await workspaceOf("two", {
    "good.html": `${cell("1 + 1")}<script type="application/sql" output="t">select sum(a) as s from 'numbers.csv'</script>`,
    "bad.html": cell('throw new Error("on purpose")'),
  });
  const out = join(root, "two-site");
  const told: string[] = [];
  const built = await build(out, [workspace], { onWorkbook: ({ path }) => told.push(path) });
  expect(told).toEqual(["bad.html", "good.html"]);
  expect(built?.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("on purpose"),
    undefined,
  ]);
  const { workbooks } = await siteIn(out);
  expect(workbooks.map(({ path, title, by }) => [path, title, by])).toEqual([
    ["bad.html", "bad.html", "Ada"],
    ["good.html", "good.html", "Ada"],
  ]);
  const { ledger } = await openWorkspace(workspace);
  for (const { digest, path } of workbooks) {
    const folder = join(out, "s", digest);
    const text = await readFile(join(folder, "publication.json"), "utf8");
    const { report, files, results } = readPublication(text, digest);
    const html = await readFile(join(folder, "parts", report.digest), "utf8");
    expect(html.includes("on purpose")).toBe(path === "bad.html");
    expect(files.map((file) => [file.path, "table" in file])).toEqual(
      path === "bad.html" ? [] : [["numbers.csv", true]],
    );
    expect(results.length > 0).toBe(path === "good.html");
    const made = built?.find(({ workbook }) => workbook.path === path)?.collected.report;
    expect(await isKnownReport(ledger, made?.digest ?? "")).toBe(true);
  }
});

test("what may not leave is not written, and the ledger does not say that it left", async () => {
  const token = `ghp_${"aB3".repeat(12)}`;
  const workspace = await workspaceOf("secret", { "secret.html": cell(`"${token}"`) });
  const out = join(root, "secret-site");
  const found: string[] = [];
  const built = await build(out, [join(workspace, "secret.html")], {
    mayLeave: (ready) => {
      found.push(...ready.flatMap(({ collected }) => collected.found.map(({ kind }) => kind)));
      return Promise.resolve(false);
    },
  });
  expect(built).toBeUndefined();
  expect(found).toContain("GitHub token");
  expect(existsSync(out)).toBe(false);
  const entries = await (await openWorkspace(workspace)).ledger.entries();
  expect(entries.filter(({ type }) => type === "report")).toEqual([]);
  expect((await readdir(root)).filter((name) => name.includes("secret-site"))).toEqual([]);
});

test("data stays at home where that is wanted, and its digest does not", async () => {
  const workspace = await workspaceOf("private", {
    "book.html": `<script type="application/sql" output="t">select * from 'numbers.csv'</script>`,
  });
  const out = join(root, "private-site");
  const [built] = (await build(out, [workspace], { withData: false })) ?? [];
  expect(built?.collected.publication.files).toEqual([
    expect.objectContaining({
      path: "numbers.csv",
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    }),
  ]);
  expect(built?.collected.publication.files[0]).not.toHaveProperty("table");
});
