import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { fileStart } from "../../cells/report/report-file.ts";
import {
  readPublication,
  writePublication,
  type Publication,
} from "../../cells/share/publication.ts";
import { sourceLink } from "../../cells/share/source-link.ts";
import { openAs } from "../harness/person.ts";
import { launchChromium, watchPage, type PageFaults } from "../harness/chromium.ts";
import { letRun, publishPenguins } from "../harness/publishing.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;
/** the address of the penguins workbook, as its author published it after a small run */
let link: string;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(await makeWorkspace());
  link = await publishPenguins(browser, tierbook);
});
afterAll(async () => {
  await browser?.close();
  await tierbook?.dispose();
});

/** Somebody who has a link and no token. */
interface Guest {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: PageFaults;
  /** the paths that the page asked a server for */
  readonly asked: readonly string[];
}

async function guest(): Promise<Guest> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  const faults = await watchPage(page, tierbook.origin);
  const asked: string[] = [];
  const note = (url: string): number => asked.push(new URL(url).pathname);
  page.on("response", (response) => note(response.url()));
  // what a policy of the page stops never leaves the browser
  page.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "csp") note(request.url());
  });
  return { page, context, faults, asked };
}

/** The rung of the strip that stands as the word says. */
async function untilRung(page: Page, name: string, word: RegExp): Promise<void> {
  const strip = page.getByRole("region", { name: "Ladder" });
  await strip.getByRole("button", { name: new RegExp(`^${name} (?:${word.source})$`) }).waitFor();
}

test("a link shows what was saved at once, and runs only once the person has said so", async () => {
  const { page, context, faults, asked } = await guest();
  await page.goto(link);
  const saved = page.frameLocator("iframe");
  await saved.getByRole("heading", { name: "Rung 5: the small run" }).waitFor();
  await page.getByText("Nothing has run.").waitFor();
  await page.getByText(/^Published .* by Ada; nobody has checked that name$/).waitFor();
  await page.getByText(/^What came is what the link names/).waitFor();
  await page.getByText(/^23 cells, .*, reached the small run$/).waitFor();
  await page.getByText("Its data is here: data/penguins.csv").waitFor();
  // the only frame is one in which nothing can run
  const frames = await page
    .locator("iframe")
    .evaluateAll((all) =>
      all.map((each) => [each.getAttribute("sandbox"), each.getAttribute("title")]),
    );
  expect(frames).toEqual([["", "Saved outputs of Penguins: up the ladder"]]);
  expect(asked.filter((path) => !path.startsWith("/assets/") && !path.startsWith("/s/"))).toEqual(
    [],
  );

  // a link of the contents stays within
  await saved.getByRole("link", { name: "Where this comes from" }).click();
  await expect
    .poll(() =>
      saved
        .getByRole("heading", { name: "Where this comes from" })
        .evaluate((it) => it.getBoundingClientRect().top),
    )
    .toBeLessThan(200);

  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("It is the code of somebody who calls themself Ada.").waitFor();
  await dialog.getByRole("button", { name: "Not now" }).click();
  await page.getByText("Nothing has run.").waitFor();
  await letRun(page);
  for (const rung of ["Schema", "Sample", "Plan"]) await untilRung(page, rung, /Passed/);
  const cell = (id: number) => page.frameLocator("iframe").locator(`#cell-${id}`);
  // results that fit come back: no stage runs again, and no query is asked
  for (const id of [3, 8, 10, 13])
    await cell(id)
      .getByRole("note", { name: /^cached\./ })
      .waitFor();
  await untilRung(page, "Small run", /Published/);
  expect(asked.filter((path) => path.startsWith("/api/"))).toEqual([]);

  // an edit reruns what reads it, on the data that came with the workbook
  await cell(13).locator(".cell-source").click();
  const source = await cell(13).locator(".cell-source").innerText();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(source.replace("dense(units,", "dense(12,"));
  await page.keyboard.press("Shift+Enter");
  await untilRung(page, "Dry run", /Passed/);
  await untilRung(page, "Small run", /Ready/);
  expect(
    await cell(13)
      .getByRole("note", { name: /^cached\./ })
      .isVisible(),
  ).toBe(false);
  await page.getByText("Unsaved edits").waitFor();
  await page.reload();
  await page.getByText("Nothing has run.").waitFor();
  expect(asked.filter((path) => path.startsWith("/api/"))).toEqual([]);
  expect(faults).toEqual({ offOrigin: [], errors: [] });
  await context.close();
});

test("a copy touches nothing of one's own and waits for the person, also after a reload", async () => {
  const before = await readFile(join(tierbook.workspace, "penguins.html"), "utf8");
  const { page, context, faults } = await guest();
  await page.goto(tierbook.address);
  await page.getByText("Connected").waitFor();
  await page.goto(link);
  await page.getByRole("button", { name: "Make a copy" }).click();
  const banner = page.getByText(
    "This copy comes from “Penguins: up the ladder”, published by Ada (nobody has checked that name). Nothing in it runs until you say so.",
  );
  await banner.waitFor();
  expect(page.url()).toBe(`${tierbook.origin}/w/penguins-copy.html`);
  expect(await readFile(join(tierbook.workspace, "penguins-copy.html"), "utf8")).toBe(before);
  expect(await readFile(join(tierbook.workspace, "penguins.html"), "utf8")).toBe(before);
  const waits = page.frameLocator("iframe").getByText("Runs when you let the workbook run");
  await waits.first().waitFor();
  await page.reload();
  await banner.waitFor();
  await waits.first().waitFor();
  expect(await page.getByRole("button", { name: "Run all" }).count()).toBe(0);
  const elsewhere = await openAs(browser, tierbook, "penguins-copy.html");
  await elsewhere.page.getByText(/This copy comes from .* Nothing in it runs/).waitFor();
  await elsewhere.leave();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await banner.waitFor({ state: "hidden" });
  await untilRung(page, "Dry run", /Passed/);
  await page.reload();
  await untilRung(page, "Dry run", /Passed/);
  expect(await banner.count()).toBe(0);
  expect(faults).toEqual({ offOrigin: [], errors: [] });
  await context.close();
});

test("saved outputs that a forger made can do nothing, and lead nowhere", async () => {
  let connections = 0;
  const elsewhere = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void elsewhere.close());
  await once(elsewhere, "listening");
  const { port } = elsewhere.address() as AddressInfo;
  const target = `http://127.0.0.1:${port}/`;
  const { page, context, faults, asked } = await guest();
  const address = await forge(`${fileStart}
    <link rel="preconnect" href="${target}">
    <link rel="stylesheet" href="${target}style.css">
    <meta http-equiv="refresh" content="0; url=${target}">
    <base href="${target}">
    <script>top.location = "${target}"; document.title = "ran"; fetch("${target}");</script>
    </head><body onload="parent.document.title = 'ran'">
    <img src="${target}image.png"><img src="/api/session"><svg><image href="${target}a.png"/></svg>
    <iframe src="/frame.html"></iframe><object data="${target}"></object><video src="${target}" autoplay></video>
    <form action="${target}"><button>Send</button></form>
    <p><a href="${target}">out</a> <a href="${target}" target="_top">up</a>
    <a HREF = '/w/penguins.html'>in</a> href= stays as it is</p>`);
  await page.goto(address);
  await page.getByText(/The outputs below are not of the source/).waitFor();
  const saved = page.frameLocator("iframe");
  await saved.getByRole("button", { name: "Send" }).waitFor();
  const isOurs = (path: string) => path.startsWith("/assets/") || path.startsWith("/s/");
  await saved.getByRole("button", { name: "Send" }).click();
  for (const name of ["out", "up", "in"]) await saved.getByText(name, { exact: true }).click();
  await saved.getByText("href= stays as it is").waitFor();
  expect(page.url()).toBe(address);
  expect(await page.title()).toBe("Penguins: up the ladder – Tierbook");
  expect(asked.filter((path) => !isOurs(path))).toEqual([]);
  expect([connections, faults]).toEqual([0, { offOrigin: [], errors: [] }]);
  await context.close();
});

/** Publishes the penguins with other outputs, as somebody could who makes a site by themselves. */
async function forge(html: string): Promise<string> {
  const own = await readOwn();
  const folder = dirname(dirname(await pathOf(own.report.digest)));
  const bytes = Buffer.from(html);
  const report = { digest: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
  const { text, digest } = writePublication({ ...own, report });
  const forged = join(dirname(folder), digest);
  await cp(folder, forged, { recursive: true });
  await writeFile(join(forged, "parts", report.digest), bytes);
  await writeFile(join(forged, "publication.json"), text);
  return `${tierbook.origin}/s/${digest}`;
}

/** What the author published. */
async function readOwn(): Promise<Publication> {
  const response = await fetch(`${link}/publication.json`);
  return readPublication(await response.text(), link.slice(-64));
}

test("what was changed, was cut or is not there is said in words, and nothing of it is shown", async () => {
  const { page, context, faults } = await guest();
  const fault = async (address: string, title: string, text: RegExp): Promise<void> => {
    await page.goto("about:blank");
    await page.goto(address);
    await page.getByRole("heading", { name: title }).waitFor();
    await page.getByRole("alert").filter({ hasText: text }).waitFor();
    expect(await page.locator("iframe").count()).toBe(0);
  };
  await fault(link.slice(0, -4), "This link is not whole", /60 of its 64 characters came/);
  const nothing = `${tierbook.origin}/s/${"0".repeat(64)}`;
  await fault(nothing, "Nothing is published here", /never published here/);
  await fault(`${tierbook.origin}/#w=1.99.abc`, "This link is not whole", /3 of its 99/);
  await fault(`${tierbook.origin}/#w=1.4.abcd`, "This link is damaged", /checksum/);
  await fault(`${tierbook.origin}/#copy=1`, "There is nothing here", /not in this browser/);

  const digest = link.slice(-64);
  const part = await pathOf((await readOwn()).report.digest);
  const bytes = await readFile(part);
  await writeFile(
    part,
    bytes.map((byte, i) => (i === 5000 ? byte ^ 1 : byte)),
  );
  await fault(link, "This is not what the link names", /was changed or is not whole/);
  await writeFile(part, bytes);
  await page.goto(link);
  await page.getByText("Nothing has run.").waitFor();

  const { status } = await tierbook.api(`/api/publications/${digest}`, { method: "DELETE" });
  expect(status).toBe(204);
  await fault(link, "This was taken back", /has taken it back/);
  expect(faults).toEqual({ offOrigin: [], errors: [] });
  await context.close();
});

/** Where a part of the author's publication lies on disk. */
async function pathOf(part: string): Promise<string> {
  const folder = join(tierbook.workspace, ".tierbook/publications");
  const names = await readdir(folder, { recursive: true });
  const name = names.find((each) => each.endsWith(join(link.slice(-64), "parts", part)));
  if (name === undefined) throw new Error(`${folder} has no part ${part}`);
  return join(folder, name);
}

const adding = `<!doctype html>
<notebook>
  <title>Adding up</title>
  <script id="1" type="text/markdown">
    The sum is \${sum}.
  </script>
  <script id="2" type="module">
    const sum = [1, 2, 3].reduce((a, b) => a + b);
  </script>
</notebook>
`;

test("a link with the source opens without a server's interface, runs, and is kept in the browser", async () => {
  const { page, context, faults, asked } = await guest();
  await page.goto(tierbook.origin + (await sourceLink({ text: adding, name: "adding.html" })));
  const shown = page.getByRole("region", { name: "Source" });
  await shown.getByText("const sum = [1, 2, 3].reduce((a, b) => a + b);").waitFor();
  await page.getByText("The link says nothing of who made it or when").waitFor();
  expect(await page.locator("iframe").count()).toBe(0);
  await letRun(page);
  const workbook = page.frameLocator("iframe");
  await workbook.getByText("The sum is 6.").waitFor();

  await page.getByRole("button", { name: "Make a copy" }).click();
  const banner = page.getByText(/This copy comes from a link with the source of “Adding up”/);
  await banner.waitFor();
  await workbook.getByText("Runs when you let the workbook run").waitFor();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await workbook.getByText("The sum is 6.").waitFor();
  await page.goto(tierbook.origin);
  const copies = page.getByRole("region", { name: "In this browser" });
  const downloading = page.waitForEvent("download");
  await copies.getByRole("button", { name: "Download adding.html" }).click();
  expect(await readFile(await (await downloading).path(), "utf8")).toBe(adding);
  await copies.getByRole("link", { name: /Adding up/ }).click();
  await workbook.getByText("The sum is 6.").waitFor();
  await page.goto(tierbook.origin);
  await copies.getByRole("button", { name: "Delete adding.html" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete it" }).click();
  await copies.waitFor({ state: "hidden" });
  expect(asked.filter((path) => path.startsWith("/api/"))).toEqual([]);
  expect(faults).toEqual({ offOrigin: [], errors: [] });
  await context.close();
});
