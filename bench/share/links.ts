import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../test/harness/chromium.ts";
import { openAs } from "../../test/harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../../test/harness/tierbook.ts";
import { median } from "../runtime/median.ts";
import { chartsWorkbook } from "./charts-workbook.ts";

const rounds = 5;

/**
 * How soon a link shows something, in Chromium, each time in a browser that has seen nothing: its
 * saved outputs; the workbook with what came with the link, after *Run*; and the same workbook in
 * its own workspace with nothing known. Medians of five, in turns.
 */
export async function benchLinks(): Promise<void> {
  const workspace = await makeWorkspace({ "charts.html": chartsWorkbook(100) });
  const tierbook = await startTierbook(workspace);
  const browser = await launchChromium();
  try {
    console.log("\nLinks: milliseconds from the address until the last thing shows\n");
    console.log(
      "| workbook | saved outputs | after Run, results kept | running it | running / saved |",
    );
    console.log("| --- | ---: | ---: | ---: | ---: |");
    for (const subject of subjects) await benchLink(browser, tierbook, subject);
  } finally {
    await browser.close();
    await tierbook.dispose();
  }
}

interface Subject {
  readonly path: string;
  /** the last thing that shows, in saved outputs and in the cells */
  readonly last: (page: Page) => Promise<void>;
}

const subjects: readonly Subject[] = [
  {
    path: "penguins.html",
    last: (page) =>
      page
        .frameLocator("iframe")
        .getByRole("group", { name: "Dry run" })
        .getByText("Dry run passed: the plan can be trained on these rows")
        .waitFor(),
  },
  {
    path: "charts.html",
    last: (page) => page.frameLocator("iframe").getByText("Chart 100", { exact: true }).waitFor(),
  },
];

async function benchLink(browser: Browser, tierbook: Tierbook, subject: Subject): Promise<void> {
  const link = await publish(browser, tierbook, subject);
  const saved: number[] = [];
  const kept: number[] = [];
  const running: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const guest = await browser.newContext();
    const page = await guest.newPage();
    saved.push(await timed(page.goto(link), subject.last(page)));
    const consent = page.getByRole("dialog").getByRole("button", { name: "Run" });
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await consent.waitFor();
    // the saved outputs leave as the cells come
    const live = page.frameLocator("iframe[title=Workbook]").locator("body");
    kept.push(
      await timed(
        consent.click(),
        live.waitFor().then(() => subject.last(page)),
      ),
    );
    await guest.close();

    await tierbook.api(`/api/results?workbook=${subject.path}`, { method: "DELETE" });
    const person = await openAs(browser, tierbook);
    const anew = await person.context.newPage();
    const address = `${tierbook.origin}/w/${subject.path}`;
    running.push(await timed(anew.goto(address), subject.last(anew)));
    await person.context.close();
  }
  const [a, b, c] = [median(saved), median(kept), median(running)];
  const cells = [a, b, c].map((time) => Math.round(time).toLocaleString("en"));
  console.log(`| ${subject.path} | ${cells.join(" | ")} | ×${(c / a).toFixed(1)} |`);
}

/** Opens a workbook as its author, waits until it shows all, and publishes it with its data. */
async function publish(browser: Browser, tierbook: Tierbook, subject: Subject): Promise<string> {
  const { page, context } = await openAs(browser, tierbook);
  await page.goto(`${tierbook.origin}/w/${subject.path}`);
  await subject.last(page);
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: /^Share / });
  const data = dialog.getByLabel("Its data goes along");
  if (await data.isVisible()) await data.check();
  await dialog.getByRole("button", { name: "Prepare" }).click();
  await dialog.getByRole("button", { name: /^Publish/ }).click();
  const address = await dialog.getByLabel("Published link").inputValue();
  await context.close();
  return address;
}

async function timed(...steps: readonly Promise<unknown>[]): Promise<number> {
  const began = performance.now();
  await Promise.all(steps);
  return performance.now() - began;
}
