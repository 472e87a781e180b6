import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readReport } from "../../cells/report/read-report.ts";
import type { Report, ReportCell } from "../../cells/report/report.ts";
import { launchChromium } from "../harness/chromium.ts";
import { openAs, type Person } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

const program = fileURLToPath(new URL("../../bin/tierbook.js", import.meta.url));

const plain = `<!doctype html>
<notebook>
  <title>Plain</title>
  <script id="1" type="text/markdown">
    # Plain *text*

    There are \${penguins.numRows} penguins.
  </script>
  <script id="2" type="application/sql" output="penguins">
    select "Species" as species, "Body Mass (g)" as mass from 'data/penguins.csv'
  </script>
  <script id="3" type="module">
    ({rows: penguins.numRows, list: ["a", "b"]})
  </script>
  <script id="4" type="text/html" pinned="">
    <p>Sum: <b>\${1 + 1}</b></p>
  </script>
</notebook>
`;

const withSecret = `<!doctype html>
<notebook>
  <title>Secret</title>
  <script id="1" type="text/markdown">
    Write to somebody.real@university.edu about it.
  </script>
</notebook>
`;

let browser: Browser;
let tierbook: Tierbook;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(
    await makeWorkspace({ "plain.html": plain, "secret.html": withSecret }),
  );
});

afterAll(async () => {
  await browser?.close();
  await tierbook?.dispose();
});

/** Presses the header's entry and gives the file that the browser downloads. */
async function exported(person: Person): Promise<{ name: string; html: string; path: string }> {
  const downloading = person.page.waitForEvent("download");
  await person.page.getByRole("button", { name: "Export report" }).click();
  const download = await downloading;
  const path = join(tierbook.workspace, download.suggestedFilename());
  await download.saveAs(path);
  return { name: download.suggestedFilename(), html: await readFile(path, "utf8"), path };
}

function read(html: string): Report {
  const report = readReport(html);
  if (report === undefined) throw new Error("this is no report");
  return report;
}

test("a finished workbook leaves as one file that is read from disk with scripts and network off", async () => {
  const person = await openAs(browser, tierbook);
  await person.rung("Small run", "Ready").waitFor();
  await person.runSmall();
  await person.rung("Small run", /Passed.*/).waitFor();
  const { name, html, path } = await exported(person);
  expect(name).toBe("penguins-report.html");
  await person.leave();

  const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("requestfailed", (request) => faults.push(`request of ${request.url().slice(0, 80)}`));
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) faults.push(`request of ${request.url()}`);
  });
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(pathToFileURL(path).href);
  await page.getByRole("heading", { name: "Penguins: up the ladder" }).first().waitFor();
  await page.getByText("penguins: 342 rows × 7 columns; the first 20 rows").waitFor();
  const card = page.getByRole("group", { name: "Small run" });
  await card.getByText("validation accuracy").first().waitFor();
  expect(await page.locator("svg").count()).toBeGreaterThan(0);
  expect(await page.getByRole("button").count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();

  const { provenance } = read(html);
  expect(provenance.files.map((file) => file.path)).toEqual(["data/penguins.csv"]);
  expect(provenance.runs).toMatchObject([{ tier: "small", state: "succeeded", rows: 120 }]);
  expect(provenance.receipts.map(({ stage }) => stage)).toContain("smallRun");
  const verified = await promisify(execFile)(process.execPath, [program, "report", "verify", path]);
  expect(verified.stdout).toContain("the ledger knows it");

  const edited = html.replace("342 rows", "343 rows");
  expect(edited).not.toBe(html);
  await writeFile(path, edited);
  await expect(
    promisify(execFile)(process.execPath, [program, "report", "verify", path]),
  ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("343 rows") });
});

test("the page and the command line give the same cells", async () => {
  const person = await openAs(browser, tierbook, "plain.html");
  await person.cell(1).getByText("There are 344 penguins.").waitFor();
  await person.cell(3).getByText("rows: 344").first().waitFor();
  await person.cell(4).getByText("Sum: 2").waitFor();
  const fromPage = read((await exported(person)).html);
  await person.leave();

  // else the command line would have all from the page
  await tierbook.api("/api/results?workbook=plain.html", { method: "DELETE" });
  const out = join(tierbook.workspace, "from-cli.html");
  const book = join(tierbook.workspace, "plain.html");
  await promisify(execFile)(process.execPath, [program, "report", book, "--out", out]);
  const fromCli = read(await readFile(out, "utf8"));

  const comparable = ({ cells }: Report): unknown =>
    cells.map(({ duration: _duration, cached: _cached, ...cell }: ReportCell) => cell);
  expect(comparable(fromPage)).toEqual(comparable(fromCli));
  expect(fromPage.source).toBe(fromCli.source);
  expect(fromPage.provenance.files).toEqual(fromCli.provenance.files);
  expect(fromPage.cells.map(({ outputs }) => outputs.length)).toEqual([1, 1, 1, 1]);
});

test("the command line writes the report as Markdown and as PDF too, and never over the workbook", async () => {
  const book = join(tierbook.workspace, "plain.html");
  const folder = join(tierbook.workspace, "forms");
  const run = (...options: readonly string[]): Promise<unknown> =>
    promisify(execFile)(process.execPath, [program, "report", book, ...options]);
  const [out, md, pdf] = ["r.html", "md", "r.pdf"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await run("--out", out, "--markdown", md, "--pdf", pdf);
  expect((await readFile(pdf)).subarray(0, 5).toString()).toBe("%PDF-");
  const markdown = await readFile(join(md, "r.md"), "utf8");
  expect(markdown).toContain("There are 344 penguins.");
  expect(markdown).toContain("penguins: 344 rows × 2 columns; the first 20 rows");
  await expect(run("--out", book)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("must not replace"),
  });
  expect(await readFile(book, "utf8")).toBe(plain);
});

test("what looks like a secret is shown first, and leaves only if the person agrees", async () => {
  const person = await openAs(browser, tierbook, "secret.html");
  await person.cell(1).getByText("about it").first().waitFor();
  const { page } = person;
  let downloads = 0;
  page.on("download", () => ++downloads);
  await page.getByRole("button", { name: "Export report" }).click();
  const dialog = page.getByRole("dialog", { name: "Before this leaves" });
  await dialog.getByText("Before this leaves: 1 e-mail address.").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(downloads).toBe(0);
  const notedReports = async (): Promise<number> => {
    const ledger = await readFile(join(tierbook.workspace, ".tierbook/ledger.jsonl"), "utf8");
    return ledger.split('"path":"secret.html"').length - 1;
  };
  expect(await notedReports()).toBe(0);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export report" }).click();
  await dialog.getByRole("button", { name: "Export anyway" }).click();
  expect((await downloading).suggestedFilename()).toBe("secret-report.html");
  expect(await notedReports()).toBe(1);
  await person.leave();
});

test("a cell that was edited and not run is stale in the report", async () => {
  const person = await openAs(browser, tierbook, "plain.html");
  await person.cell(3).getByText("rows: 344").first().waitFor();
  await person.cell(4).locator(".cell-source").click();
  await person.page.keyboard.press("ControlOrMeta+a");
  await person.page.keyboard.insertText("<p>other</p>");
  const { cells, source } = read((await exported(person)).html);
  expect(cells[3]).toMatchObject({ state: "stale", waitsFor: "its text was edited after it ran" });
  expect(cells[3]?.source).toContain("Sum");
  expect(source).toContain("<p>other</p>");
  await person.leave();
});

test("opening a report offers its workbook, which opens beside it and waits for the person", async () => {
  const out = join(tierbook.workspace, "plain-report.html");
  const book = join(tierbook.workspace, "plain.html");
  await promisify(execFile)(process.execPath, [program, "report", book, "--out", out]);
  const before = await readFile(out, "utf8");
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(tierbook.address);
  await page.getByRole("heading", { name: "Reports" }).waitFor();
  await page.getByRole("link", { name: /plain-report\.html/ }).click();
  await page.getByText("This is a report of plain.html").waitFor();
  await page.getByRole("button", { name: "Open its workbook as a copy" }).click();
  const banner = page.getByText(
    "This copy comes from the report plain-report.html. Nothing in it runs until you say so.",
  );
  await banner.waitFor();
  const workbook = page.frameLocator("iframe");
  await workbook.getByText("Runs when you let the workbook run").first().waitFor();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await workbook.getByText("There are 344 penguins.").waitFor();
  expect(await banner.count()).toBe(0);
  expect(page.url()).toBe(`${tierbook.origin}/w/plain-copy.html`);
  expect(await readFile(join(tierbook.workspace, "plain-copy.html"), "utf8")).toBe(plain);
  expect(await readFile(out, "utf8")).toBe(before);

  await page.goto(`${tierbook.origin}/w/plain-report.html`);
  await page.getByRole("button", { name: "Open its workbook as a copy" }).click();
  // whoever says so at once does not have to say so twice
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await workbook.getByText("There are 344 penguins.").waitFor();
  expect(page.url()).toBe(`${tierbook.origin}/w/plain-copy-2.html`);
  await context.close();
});
