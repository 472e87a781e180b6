import type { Browser, BrowserContext, Frame, Locator, Page } from "playwright-core";
import { watchPage, type PageFaults } from "./chromium.ts";
import type { Tierbook } from "./tierbook.ts";

/** The stages of the ladder as the strip names them. */
export type Rung = "Schema" | "Sample" | "Plan" | "Dry run" | "Small run" | "Full run";

/** Somebody in front of an open workbook: what they see and do. */
export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: PageFaults;
  /** the sandboxed frame that the workbook runs in */
  frame(): Frame;
  /** a cell, by its id in the file */
  cell(id: number): Locator;
  /** a rung of the strip that stands as the word, or one of several, says: `Ready`, `Passed`, … */
  rung(name: Rung, word: string | RegExp): Locator;
  /** puts new source into a cell and runs it */
  rewrite(cell: number, source: string): Promise<void>;
  /** presses the strip's button for the small run */
  runSmall(): Promise<void>;
  /** presses the strip's button for the full run and confirms */
  runFull(): Promise<void>;
  /** opens the same workbook in another tab of the same browser */
  anotherTab(): Promise<Person>;
  /** closes what was opened; rejects if the page asked for anything off its own origin */
  leave(): Promise<void>;
}

/** Opens a workbook of a workspace, as somebody who pasted the printed address does. */
export async function openAs(
  browser: Browser,
  tierbook: Tierbook,
  path = "penguins.html",
): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  return await openIn(context, tierbook, path, true);
}

async function openIn(
  context: BrowserContext,
  tierbook: Tierbook,
  path: string,
  isFirst: boolean,
): Promise<Person> {
  const page = await context.newPage();
  const faults = await watchPage(page, tierbook.origin);
  if (isFirst) {
    await page.goto(tierbook.address);
    await page.getByText("Connected").waitFor();
  }
  await page.goto(`${tierbook.origin}/w/${path}`);
  const strip = page.getByRole("region", { name: "Ladder" });
  const rung = (name: Rung, word: string | RegExp): Locator =>
    typeof word === "string"
      ? strip.getByRole("button", { name: `${name} ${word}`, exact: true })
      : strip.getByRole("button", { name: new RegExp(`^${name} (?:${word.source})$`) });
  const cell = (id: number): Locator => page.frameLocator("iframe").locator(`#cell-${id}`);
  return {
    page,
    context,
    faults,
    frame: () => {
      const frame = page.frames().find((each) => each !== page.mainFrame());
      if (frame === undefined) throw new Error("the workbook's frame is not there");
      return frame;
    },
    cell,
    rung,
    rewrite: async (id, source) => {
      await cell(id).locator(".cell-source").click();
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.insertText(source);
      await page.keyboard.press("Shift+Enter");
    },
    runSmall: () => strip.getByRole("button", { name: /^Run small/ }).click(),
    runFull: async () => {
      await strip.getByRole("button", { name: /^Full run…/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Start full run" }).click();
    },
    anotherTab: () => openIn(context, tierbook, path, false),
    leave: async () => {
      await (isFirst ? context.close() : page.close());
      if (faults.offOrigin.length > 0)
        throw new Error(`the page asked for what is not ours: ${faults.offOrigin.join(", ")}`);
    },
  };
}

/** Reads again and again until it holds; the test's time limit ends it. */
export async function eventually<Value>(
  read: () => Promise<Value>,
  holds: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
