import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Frame, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sourceLink } from "../../cells/share/source-link.ts";
import { calls, callsOfFreshWindow, callsOfLoader, sends } from "../harness/attacks.ts";
import { launchChromium } from "../harness/chromium.ts";
import { cellOf, slug, startElsewhere, type Attack, type Elsewhere } from "../harness/hostile.ts";
import { eventually } from "../harness/person.ts";
import { letRun } from "../harness/publishing.ts";
import { startStaticHost, type Rewrite, type StaticHost } from "../harness/static-host.ts";
import { makeWorkspace } from "../harness/tierbook.ts";

const forms = `<!doctype html>
<notebook>
  <title>Forms</title>
  <script id="1" type="application/x-tex" pinned="">
    c = \\sqrt{a^2 + b^2}
  </script>
  <script id="2" type="text/vnd.graphviz" pinned="">
    digraph { first -> second }
  </script>
  <script id="3" type="application/sql" output="species" pinned="">
    select "Species" as species, count(*) as n from 'data/penguins.csv' group by 1 order by 1
  </script>
  <script id="4" type="module">
    Plot.plot({marks: [Plot.barY(species, {x: "species", y: "n"})]})
  </script>
  <script id="5" type="text/x-typescript">
    const most: number = Math.max(...Array.from(species, (row: {n: number}) => Number(row.n)));
    display(\`the most: \${most}\`);
  </script>
</notebook>
`;

let browser: Browser;
let folder: string;
let site: string;
let elsewhere: Elsewhere;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-site-"));
  site = join(folder, "site");
  const workspace = await makeWorkspace({ "forms.html": forms });
  const penguins = join(workspace, "penguins.html");
  const text = await readFile(penguins, "utf8");
  await writeFile(penguins, text.replace("{epochs: 400}", "{epochs: 4}"));
  try {
    const { stdout } = await build(workspace, "--out", site, "--title", "Two", "--by", "Ada");
    expect(stdout).toContain("2 workbooks");
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
  [browser, elsewhere] = await Promise.all([launchChromium(), startElsewhere()]);
});

afterAll(async () => {
  await browser?.close();
  await elsewhere?.close();
  await rm(folder, { recursive: true, force: true });
});

async function build(...args: readonly string[]): Promise<{ stdout: string }> {
  const program = fileURLToPath(new URL("../../bin/tierbook.js", import.meta.url));
  return await promisify(execFile)(process.execPath, [program, "build", ...args]);
}

/** Somebody who looks at a site. */
interface Visitor {
  readonly page: Page;
  readonly host: StaticHost;
  /** errors that nobody caught, and what a policy refused */
  readonly errors: readonly string[];
  cell(id: number): Locator;
  rung(name: string, word: string): Locator;
  frame(): Frame | undefined;
  /** presses Run and agrees */
  run(): Promise<void>;
  rewrite(cell: number, source: string): Promise<void>;
}

/** Serves a site, opens an address of it, and closes everything after. */
async function visit(
  { of, at = "", rewrite }: { of: string; at?: string; rewrite?: Rewrite },
  use: (visitor: Visitor) => Promise<void>,
): Promise<void> {
  const host = await startStaticHost(of, rewrite);
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  const errors: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  const strip = page.getByRole("region", { name: "Ladder" });
  const cell = (id: number): Locator =>
    page.frameLocator("iframe[title=Workbook]").locator(`#cell-${id}`);
  try {
    await page.goto(host.address + at);
    await use({
      page,
      host,
      errors,
      cell,
      rung: (name, word) => strip.getByRole("button", { name: `${name} ${word}`, exact: true }),
      frame: () => page.frames().find((each) => each.url().includes("/frame.html")),
      run: () => letRun(page),
      rewrite: async (id, source) => {
        await cell(id).locator(".cell-source").click();
        await page.keyboard.press("ControlOrMeta+a");
        await page.keyboard.insertText(source);
        await page.keyboard.press("Shift+Enter");
      },
    });
  } finally {
    await context.close();
    await host.close();
  }
}

/** Nothing was asked for that the folder does not have, and the page itself asked for all. */
function expectOnlyThePageAsked({ host, errors }: Visitor): void {
  const others = host.asked.filter(({ from }) => from !== "same-origin" && from !== "none");
  expect(others).toEqual([]);
  expect(host.asked.filter(({ path }) => !path.startsWith("/some/where/"))).toEqual([]);
  expect(errors).toEqual([]);
}

test("a workbook of a site is read at once, and runs up to the small run", async () => {
  await visit({ of: site }, async (visitor) => {
    const { page, host, cell, rung } = visitor;
    await page.getByRole("heading", { name: "Two" }).waitFor();
    await page.getByRole("link", { name: /^Penguins/ }).click();
    const saved = page.frameLocator("iframe");
    await saved.getByText("342 rows").first().waitFor();
    expect(await page.getByText("Nothing has run").count()).toBe(1);
    expect(host.asked.map(({ path }) => path)).not.toContain("/some/where/frame.html");

    await visitor.run();
    for (const name of ["Schema", "Sample", "Plan", "Dry run"])
      await rung(name, "Passed").waitFor();
    await rung("Small run", "Published").waitFor();
    await rung("Full run", "Published").waitFor();
    await cell(5).getByText("cached").waitFor();
    expect(host.asked.filter(({ path }) => path.includes("duckdb"))).toEqual([]);

    await visitor.rewrite(5, "select species, count(*) as number from penguins group by all");
    await cell(5).getByText("number").first().waitFor();
    await cell(5).getByText("bySpecies: 3 rows").waitFor();

    await visitor.rewrite(12, "const units = 8;");
    await rung("Small run", "Ready").waitFor();
    await rung("Dry run", "Passed").waitFor();
    await page.getByRole("button", { name: /^Run small/ }).click();
    await rung("Small run", "Passed").waitFor();
    await cell(19).getByText("The full tier runs on a Tierbook server").first().waitFor();
    expectOnlyThePageAsked(visitor);
  });
});

test("cells of every kind work on a host that knows nothing but files", async () => {
  await visit({ of: site, at: "#open=forms.html" }, async (visitor) => {
    const { page, cell } = visitor;
    await visitor.run();
    await cell(5).getByText("the most: 152").waitFor();
    await page.getByRole("button", { name: "Run all" }).click();
    await visitor.rewrite(3, `select "Species" as species, 7 as n from 'data/penguins.csv'`);
    await cell(5).getByText("the most: 7").waitFor();
    await visitor.rewrite(1, "d^2");
    await cell(1).locator(".katex").getByText("d").first().waitFor();
    await visitor.rewrite(2, "digraph { third -> fourth }");
    await cell(2).locator("svg text", { hasText: "fourth" }).waitFor();
    const loadedFonts = (): Promise<readonly string[]> =>
      visitor
        .frame()
        ?.evaluate(() =>
          Array.from(document.fonts, ({ family, status }) => (status === "loaded" ? family : "")),
        ) ?? Promise.resolve([]);
    await eventually(loadedFonts, (fonts) => fonts.includes("KaTeX_Math"));
    expectOnlyThePageAsked(visitor);
  });
});

test("a site of no workbook opens links, whose code reaches nobody, not even the site", async () => {
  const empty = join(folder, "empty");
  await build("--out", empty);
  const named = (to: string, attacks: readonly Attack[]): readonly Attack[] =>
    attacks.map((attack) => ({ ...attack, name: `${to} ${attack.name}` }));
  const outwards = named("elsewhere", [
    ...sends,
    ...calls,
    ...callsOfFreshWindow,
    ...callsOfLoader,
  ]);
  const homewards = named("site", sends);
  const link = async (host: string): Promise<string> => {
    const assets = { origin: `${host}assets`, udp: elsewhere.udp };
    const cells = [
      ...outwards.map((attack, i) => cellOf(attack, 100 + i, host, elsewhere)),
      ...homewards.map((attack, i) => cellOf(attack, 200 + i, host, assets)),
    ];
    const text = `<!doctype html>\n<notebook>\n  <title>Hostile</title>\n${cells.join("")}</notebook>\n`;
    return await sourceLink({ text, name: "hostile.html" });
  };
  const attack = async ({ page, host, frame, run }: Visitor): Promise<void> => {
    await page.goto(host.address + (await link(host.address)));
    await run();
    const numAttacks = outwards.length + homewards.length;
    const outcomes = (): Promise<object> =>
      frame()?.evaluate(() => (globalThis as { outcomes?: object }).outcomes ?? {}) ??
      Promise.resolve({});
    await eventually(outcomes, (found) => Object.keys(found).length === numAttacks);
  };
  const arrived = ({ host }: Visitor): readonly string[] => {
    const paths = new Set(host.asked.map(({ path }) => path));
    const atSite = homewards.map(({ name }) => slug(name));
    return [
      ...atSite.filter((name) => paths.has(`/some/where/assets/${name}`)),
      ...elsewhere.heard,
    ];
  };

  await visit({ of: empty }, async (visitor) => {
    await visitor.page.getByText("Links that hold a workbook open on this page").waitFor();
    await attack(visitor);
    expect(arrived(visitor)).toEqual([]);
  });
  // without the frame's policy they get through, so it was what held
  const withoutPolicy: Rewrite = (path, text) =>
    path === "frame.html" ? text.replace(/<meta http-equiv="Content-Security[^>]*>/, "") : text;
  await visit({ of: empty, rewrite: withoutPolicy }, async (visitor) => {
    await attack(visitor);
    expect(arrived(visitor).length).toBeGreaterThan(sends.length);
  });
});

test("a site in a frame of another page shows nothing that one could be made to click", async () => {
  const around = `<!doctype html><iframe src="index.html" width="900" height="600"></iframe>`;
  await writeFile(join(site, "around.html"), around);
  await visit({ of: site, at: "around.html" }, async ({ page, host }) => {
    const framed = page.frameLocator("iframe");
    await framed.getByText("shown inside another page").waitFor();
    expect(await framed.getByRole("link", { name: /^Penguins/ }).count()).toBe(0);
    await framed.getByRole("link", { name: "Open it by itself" }).click();
    await page.getByRole("link", { name: /^Penguins/ }).waitFor();
    // with an origin of its own, the frame does nothing either
    const alone = `<!doctype html><iframe src="frame.html"></iframe>`;
    await writeFile(join(site, "alone.html"), alone);
    await page.goto(`${host.address}alone.html`);
    await framed.getByText("A workbook is shown inside its page only.").waitFor();
  });
});
