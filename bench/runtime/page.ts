import type { Browser } from "playwright-core";
import { launchChromium } from "../../test/harness/chromium.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../../test/harness/tierbook.ts";
import { openAs } from "../../test/harness/person.ts";
import { median } from "./median.ts";
import { scriptCategories, scriptTime } from "./script-time.ts";

/** One of the times of a page that opens, in milliseconds. */
export interface PageTime {
  readonly name: string;
  readonly time: number;
}

/** Opens a workbook in Chromium, again and again, and times it: anew, and with its results kept. */
export async function timePage(cells: number, rounds: number): Promise<readonly PageTime[]> {
  const workspace = await makeWorkspace({ "large.html": largeWorkbook(cells) });
  const tierbook = await startTierbook(workspace);
  const browser = await launchChromium();
  try {
    const found: Record<"anew" | "again", Opening[]> = { anew: [], again: [] };
    for (let round = 0; round < rounds; round++) {
      await tierbook.api(results, { method: "DELETE" });
      found.anew.push(await openOnce(browser, tierbook, cells, cells));
      found.again.push(await openOnce(browser, tierbook, cells));
    }
    return Object.entries(found).flatMap(([name, openings]) => [
      { name: `${names[name]}: script`, time: median(openings.map(({ script }) => script)) },
      {
        name: `${names[name]}: until the last cell shows its value`,
        time: median(openings.map(({ wall }) => wall)),
      },
    ]);
  } finally {
    await browser.close();
    await tierbook.dispose();
  }
}

interface Opening {
  readonly script: number;
  readonly wall: number;
}

const results = "/api/results?workbook=large.html";
const names: Readonly<Record<string, string>> = { anew: "anew", again: "results kept" };

/** @param kept results that must be kept before the page is closed */
async function openOnce(
  browser: Browser,
  tierbook: Tierbook,
  cells: number,
  kept = 0,
): Promise<Opening> {
  // the first page of a person connects; the next one opens the workbook, and is what is timed
  const person = await openAs(browser, tierbook);
  await browser.startTracing(person.page, { categories: [...scriptCategories] });
  const began = performance.now();
  const page = await person.context.newPage();
  await page.goto(`${tierbook.origin}/w/large.html`);
  const last = page.frameLocator("iframe").locator(`#cell-${cells}`);
  await last.getByText(/The greatest is \d+/).waitFor({ state: "attached" });
  const wall = performance.now() - began;
  const script = scriptTime(await browser.stopTracing());
  while ((await keptResults(tierbook)) < kept) await page.waitForTimeout(100);
  await person.context.close();
  return { script, wall };
}

async function keptResults(tierbook: Tierbook): Promise<number> {
  const list = (await (await tierbook.api(results)).json()) as { readonly results: unknown[] };
  return list.results.length;
}

/** JavaScript cells that each read one of the ten before, and a last one that reads them all. */
function largeWorkbook(size: number): string {
  const sources = Array.from({ length: size - 1 }, (_, i) =>
    i === 0 ? "const c0 = 1;" : `const c${i} = c${i - 1 - ((i * 7) % Math.min(10, i))} + ${i % 3};`,
  );
  const names = sources.map((_, i) => `c${i}`).join(", ");
  sources.push(`\`The greatest is ${"${"}Math.max(${names})}\``);
  const scripts = sources.map(
    (source, i) => `  <script id="${i + 1}" type="module">\n    ${source}\n  </script>\n`,
  );
  return `<!doctype html>\n<notebook>\n  <title>Large</title>\n${scripts.join("")}</notebook>\n`;
}
