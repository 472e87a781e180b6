import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPublication, type Publication } from "../../cells/share/publication.ts";
import { readSourceLink } from "../../cells/share/source-link.ts";
import { launchChromium } from "../harness/chromium.ts";
import { openAs } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

const token = `ghp_${"aB3".repeat(12)}`;
const shared = `<!doctype html>
<notebook>
  <title>Shared</title>
  <script id="1" type="application/sql" output="penguins">
    select "Species" as species from 'data/penguins.csv'
  </script>
  <script id="2" type="module">
    const key = "${token}"; // of somebody.real@university.edu
    display("rows: " + penguins.numRows);
  </script>
  <script id="3" type="text/html" pinned="">
    <p>First</p>
  </script>
</notebook>
`;

let browser: Browser;
let tierbook: Tierbook;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(await makeWorkspace({ "shared.html": shared }));
});

afterAll(async () => {
  await browser?.close();
  await tierbook?.dispose();
});

/** Prepares, agrees to what was found, and gives the link. */
async function publish(dialog: Locator): Promise<string> {
  await dialog.getByRole("button", { name: "Prepare" }).click();
  await dialog.getByText(/In it: .*1 GitHub token.* Whoever has the link can read them/).waitFor();
  await dialog.getByRole("button", { name: "Publish anyway" }).click();
  return await dialog.getByLabel("Published link").inputValue();
}

/** What somebody without a token gets under a link. */
async function published(link: string): Promise<Publication> {
  const response = await fetch(`${link}/publication.json`);
  return readPublication(await response.text(), link.split("/").at(-1) ?? "");
}

test("a workbook leaves as a link that holds it, or is published, listed and taken back", async () => {
  const person = await openAs(browser, tierbook, "shared.html");
  const { page, context } = person;
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  const dialog = page.getByRole("dialog", { name: "Share shared.html" });
  const share = (): Promise<void> => page.getByRole("button", { name: "Share" }).click();
  await person.cell(2).getByText("rows: 344").first().waitFor();
  await person.cell(3).getByText("First").first().waitFor();

  await share();
  const source = dialog.getByRole("region", { name: "Link with the source" });
  await source.getByText("Its source has 1 GitHub token, 1 e-mail address.").waitFor();
  expect(await source.getByLabel("Link with the source").count()).toBe(0);
  await source.getByRole("button", { name: "Show the link anyway" }).click();
  await source.getByRole("button", { name: "Copy" }).click();
  await source.getByText("The link is copied.").waitFor({ state: "attached" });
  const link = new URL(await copied());
  expect(link.origin + link.pathname).toBe(`${tierbook.origin}/`);
  expect(await readSourceLink(link.hash)).toEqual({ name: "shared.html", text: shared });

  await dialog.getByLabel("Your name").fill("Jane Roe");
  await dialog.getByLabel("Its data goes along").check();
  await dialog.getByRole("button", { name: "Prepare" }).click();
  await dialog.getByText("ghp_…B3").waitFor();
  expect(await (await tierbook.api("/api/publications")).json()).toEqual({ publications: [] });
  const first = await publish(dialog);
  expect(await published(first)).toMatchObject({
    title: "Shared",
    path: "shared.html",
    by: "Jane Roe",
    files: [{ path: "data/penguins.csv", table: { numRows: 344 } }],
  });

  await page.keyboard.press("Escape");
  await person.rewrite(3, "<p>Second</p>");
  await person.cell(3).getByText("Second").first().waitFor();
  await share();
  const links = dialog.getByRole("listitem").filter({ hasText: "by Jane Roe" });
  await links.getByText("The workbook has changed since").waitFor();
  const second = await publish(dialog);
  expect(second).not.toBe(first);
  await expect.poll(() => links.count()).toBe(2);
  expect((await published(second)).files).toMatchObject([{ path: "data/penguins.csv" }]);
  expect((await published(second)).files[0]).not.toHaveProperty("table");
  const earlier = links.filter({ hasText: "has changed since" });
  expect(await earlier.count()).toBe(1);
  await earlier.getByRole("button", { name: "Copy" }).click();
  await earlier.getByText("The link is copied.").waitFor({ state: "attached" });
  expect(await copied()).toBe(first);

  await earlier.getByRole("button", { name: "Take back" }).click();
  await dialog.getByRole("button", { name: "Take it back" }).click();
  await expect.poll(() => links.count()).toBe(1);
  expect((await fetch(`${first}/publication.json`)).status).toBe(410);
  expect((await published(second)).title).toBe("Shared");
  await page.keyboard.press("Escape");
  await page.goto(tierbook.origin);
  await page.getByRole("heading", { name: "Published" }).waitFor();
  expect(await page.getByRole("link", { name: "Open" }).getAttribute("href")).toBe(second);
  expect(await readFile(join(tierbook.workspace, "shared.html"), "utf8")).toBe(shared);
  await person.leave();
});

test("a workbook that hangs is still shared as a link, and is not published", async () => {
  const person = await openAs(browser, tierbook, "shared.html");
  const dialog = person.page.getByRole("dialog", { name: "Share shared.html" });
  await person.cell(3).getByText("First").first().waitFor();
  await person.cell(3).locator(".cell-source").click();
  await person.page.keyboard.press("ControlOrMeta+a");
  await person.page.keyboard.insertText("<p>${(() => { for (;;); })()}</p>");
  // the frame never answers this key, so nobody may wait for it
  void person.page.keyboard.press("Shift+Enter").catch(() => undefined);
  await person.page.getByRole("status").filter({ hasText: "does not answer" }).waitFor();
  await person.page.getByRole("button", { name: "Share" }).click();
  await dialog.getByRole("button", { name: "Prepare" }).click();
  await dialog.getByText("The workbook does not answer").waitFor();
  await dialog.getByRole("button", { name: "Show the link anyway" }).click();
  const link = new URL(
    await dialog.getByRole("textbox", { name: "Link with the source" }).inputValue(),
  );
  expect((await readSourceLink(link.hash))?.text).toContain("for (;;);");
  await person.leave();
});
