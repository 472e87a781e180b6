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

/** Opens a workbook in Chromium, again and again, and times it. */
export async function timePage(cells: number, rounds: number): Promise<readonly PageTime[]> {
  const workspace = await makeWorkspace({ "large.html": largeWorkbook(cells) });
  const tierbook = await startTierbook(workspace);
  const browser = await launchChromium();
  try {
    const found = [];
    for (let round = 0; round < rounds; round++)
      found.push(await openOnce(browser, tierbook, cells));
    return [
      { name: "script", time: median(found.map(({ script }) => script)) },
      { name: "until the last cell shows its value", time: median(found.map(({ wall }) => wall)) },
    ];
  } finally {
    await browser.close();
    await tierbook.dispose();
  }
}

async function openOnce(
  browser: Browser,
  tierbook: Tierbook,
  cells: number,
): Promise<{ readonly script: number; readonly wall: number }> {
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
  await person.context.close();
  return { script, wall };
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
