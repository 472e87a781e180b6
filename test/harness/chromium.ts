import { chromium, type Browser, type Page } from "playwright-core";
import { findChromium } from "../../scripts/chromium.mjs";

/**
 * Starts headless Chromium with WebGPU on its software adapter and no background traffic.
 *
 * @param args what a test wants of its command line besides
 */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("there is no Chromium; `npm test` installs it");
  return await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--enable-unsafe-webgpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...args,
    ],
  });
}

/**
 * Collects what a page must never do: requests off its own origin, and errors that nobody caught.
 * Off-origin requests are also refused.
 */
export async function watchPage(page: Page, origin: string): Promise<PageFaults> {
  const faults: PageFaults = { offOrigin: [], errors: [] };
  await page.context().route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${origin}/`) || /^(blob|data):/.test(url)) return route.continue();
    faults.offOrigin.push(url);
    return route.abort();
  });
  page.on("pageerror", (error) => faults.errors.push(String(error.stack ?? error)));
  return faults;
}

/** What {@link watchPage} found. */
export interface PageFaults {
  readonly offOrigin: string[];
  readonly errors: string[];
}
