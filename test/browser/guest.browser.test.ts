import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPublication, type Publication } from "../../cells/share/publication.ts";
import { launchChromium, watchPage } from "../harness/chromium.ts";
import type { Rung } from "../harness/person.ts";
import { letRun, publishPenguins } from "../harness/publishing.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(await makeWorkspace());
});
afterAll(async () => {
  await browser?.close();
  await tierbook?.dispose();
});

async function publicationAt(link: string): Promise<Publication> {
  const manifest = await fetch(`${link}/publication.json`);
  return readPublication(await manifest.text(), link.split("/").at(-1) ?? "");
}

async function rungStands(page: Page, name: Rung, word: string): Promise<void> {
  await page
    .getByRole("region", { name: "Ladder" })
    .getByRole("button", { name: `${name} ${word}`, exact: true })
    .waitFor();
}

test("a guest runs a published workbook without a server, up to a small run of their own", async () => {
  const link = await publishPenguins(browser, tierbook);
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  const faults = await watchPage(page, tierbook.origin);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(link);
  await letRun(page);
  for (const rung of ["Schema", "Sample", "Plan", "Dry run"] as const)
    await rungStands(page, rung, "Passed");
  await rungStands(page, "Small run", "Published");
  await rungStands(page, "Full run", "Waiting");
  const cell = (id: number) => page.frameLocator("iframe").locator(`#cell-${id}`);
  await cell(17).getByText("published, not run here").waitFor();
  await cell(19).getByText("The full tier runs on a Tierbook server").first().waitFor();

  // what was published and still fits needed no data
  const { files } = await publicationAt(link);
  const isAsked = () => asked.some((path) => path.endsWith(files[0]?.table?.part.digest ?? "none"));
  expect(isAsked()).toBe(false);

  await page.getByRole("button", { name: "Small run Published" }).click();
  await page.getByRole("button", { name: "Run it here" }).click();
  await rungStands(page, "Small run", "Passed");
  await rungStands(page, "Full run", "Waiting");

  await cell(5).locator(".cell-source").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText("select count(*)::int as n from 'data/penguins.csv'");
  await page.keyboard.press("Shift+Enter");
  await cell(5).getByText("344").first().waitFor();
  expect(isAsked()).toBe(true);
  expect(asked.filter((path) => path.startsWith("/api") || path.startsWith("/b/"))).toEqual([]);
  expect(faults).toEqual({ offOrigin: [], errors: [] });
  await context.close();
});
