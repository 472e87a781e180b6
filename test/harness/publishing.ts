import type { Browser, Page } from "playwright-core";
import { openAs } from "./person.ts";
import type { Tierbook } from "./tierbook.ts";

/** Climbs to the small run of the penguins and publishes them with their data, as Ada. @returns the link */
export async function publishPenguins(browser: Browser, tierbook: Tierbook): Promise<string> {
  const author = await openAs(browser, tierbook);
  await author.rung("Small run", "Ready").waitFor();
  await author.runSmall();
  await author.rung("Small run", "Passed").waitFor();
  await author.page.getByRole("button", { name: "Share" }).click();
  const dialog = author.page.getByRole("dialog", { name: "Share penguins.html" });
  await dialog.getByLabel("Your name").fill("Ada");
  await dialog.getByLabel("Its data goes along").check();
  await dialog.getByRole("button", { name: "Prepare" }).click();
  await dialog.getByRole("button", { name: /^Publish/ }).click();
  const link = await dialog.getByLabel("Published link").inputValue();
  await author.leave();
  return link;
}

/** Presses Run, and says yes where the page asks. */
export async function letRun(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
}
