import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderReport } from "../../cells/report/render-report.ts";
import {
  chartOutput,
  fullReport,
  reportCell,
  smallReport,
  tableOutput,
} from "../cells/report/made-up-report.ts";
import { launchChromium } from "../harness/chromium.ts";

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), "tierbook-report-"));
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Opens a report from disk, as somebody who got it in a message does. */
async function open(html: string, options: BrowserContextOptions = {}): Promise<OpenReport> {
  const path = join(folder, "report.html");
  await writeFile(path, html);
  const context = await browser.newContext({ javaScriptEnabled: false, offline: true, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const messages: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  await page.goto(pathToFileURL(path).href);
  return { page, requests, messages };
}

interface OpenReport {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly messages: readonly string[];
}

test("a report opens from disk with scripts and network off, and asks for nothing", async () => {
  const { page, requests, messages } = await open(renderReport(fullReport()));
  expect(requests.filter((url) => !url.startsWith("data:"))).toHaveLength(1);
  expect(messages).toEqual([]);
  expect(await page.getByRole("heading", { name: "Late flights" }).isVisible()).toBe(true);
  expect(await page.getByText("Stale.").isVisible()).toBe(true);
  expect(await page.getByText("3,000,000 rows, first 12 shown").isVisible()).toBe(true);
  expect(await page.getByText("const now = new Date();").isVisible()).toBe(false);
  await page.getByText("Code now").click();
  expect(await page.getByText("const now = new Date();").isVisible()).toBe(true);
});

test.each([360, 900, 1360])("nothing is wider than a screen of %i pixels", async (width) => {
  const { page } = await open(renderReport(fullReport()), {
    javaScriptEnabled: true,
    viewport: { width, height: 800 },
  });
  const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(scrollWidth).toBeLessThanOrEqual(width);
});

test("a report is dark where the reader's screen is", async () => {
  const colours = await Promise.all(
    (["light", "dark"] as const).map(async (colorScheme) => {
      const { page } = await open(renderReport(fullReport()), { colorScheme });
      return await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    }),
  );
  expect(colours).toEqual(["rgb(251, 251, 249)", "rgb(22, 24, 27)"]);
});

test.each(["position:absolute", "position:fixed", "position:relative"])(
  "what an output draws with %s cannot cover the mark above it",
  async (position) => {
    const cover = `<div style="${position};top:-200px;left:0;width:900px;height:900px;background:red;z-index:9999">all is well</div>`;
    const { page } = await open(
      renderReport(smallReport([reportCell(1, { state: "stale", outputs: [cover] })])),
      { javaScriptEnabled: true },
    );
    const isOnTop = await page.getByText("Stale.").evaluate((mark) => {
      const { x, y, width, height } = mark.getBoundingClientRect();
      return mark.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    });
    expect(isOnTop).toBe(true);
  },
);

test("on paper a long table goes over pages and no chart is cut", async () => {
  const charts = Array.from({ length: 8 }, (_, i) =>
    reportCell(i + 2, { outputs: [chartOutput(i)] }),
  );
  const report = smallReport([reportCell(1, { outputs: [tableOutput(150, 150)] }), ...charts]);
  const { page } = await open(renderReport(report), { javaScriptEnabled: true });
  const pdf = (await page.pdf({ format: "A4", printBackground: true })).toString("latin1");
  // 150 rows are more than four pages, 8 charts at three a page three, provenance one
  expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThanOrEqual(8);
  await page.emulateMedia({ media: "print" });
  const breaks = await page
    .locator("tr, main svg")
    .evaluateAll((all) => all.map((element) => getComputedStyle(element).breakInside));
  expect(new Set(breaks)).toEqual(new Set(["avoid"]));
});
