import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shareWorkbook, type RanWorkbook } from "../../server/headless/share-workbook.ts";
import { openWorkspace } from "../../server/workspace.ts";
import { launchChromium } from "../harness/chromium.ts";
import { eventually, openAs, type Person } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

/** The cells of the penguins workbook up to its plan that come to what can be kept. */
const kept = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13];
/** Those among them that say so beside them; texts do not. */
const cachedNotes = [3, 5, 8, 10, 13];

let browser: Browser;
let tierbook: Tierbook;

beforeAll(async () => {
  browser = await launchChromium();
  const whole = await readFile(
    fileURLToPath(new URL("../../workbooks/penguins.html", import.meta.url)),
    "utf8",
  );
  const text = `${whole.slice(0, whole.indexOf('  <script id="14"'))}</notebook>\n`;
  tierbook = await startTierbook(await makeWorkspace({ "penguins.html": text }));
});
afterAll(async () => {
  await browser?.close();
  await tierbook?.dispose();
});

async function runHeadless(): Promise<RanWorkbook> {
  const workspace = await openWorkspace(tierbook.workspace);
  return await shareWorkbook(workspace, join(workspace.root, "penguins.html"));
}

async function keys(): Promise<readonly string[]> {
  const answer = await tierbook.api("/api/results?workbook=penguins.html");
  const { results } = (await answer.json()) as { results: readonly { key: string }[] };
  return results.map(({ key }) => key).toSorted();
}

async function untilPassed(person: Person): Promise<void> {
  for (const rung of ["Schema", "Sample", "Plan"] as const)
    await person.rung(rung, "Passed").waitFor();
}

function cachedIn({ shown }: RanWorkbook): readonly number[] {
  return shown.report.cells.filter(({ cached }) => cached).map(({ id }) => id);
}

test("what the command line has run the page does not run again, and the other way round", async () => {
  const first = await runHeadless();
  expect(first.reason).toBeUndefined();
  expect(cachedIn(first)).toEqual([]);
  const named = first.shown.results.toSorted();
  expect(named).toHaveLength(kept.length);
  expect(await keys()).toEqual(named);

  const person = await openAs(browser, tierbook);
  try {
    const queries: string[] = [];
    person.page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (/^\/api\/tables$|duckdb/.test(pathname)) queries.push(pathname);
    });
    await person.page.reload();
    await untilPassed(person);
    for (const id of cachedNotes)
      await person
        .cell(id)
        .getByRole("note", { name: /^cached\./ })
        .waitFor();
    await person.cell(1).getByRole("heading", { name: "Penguins: up the ladder" }).waitFor();
    expect(queries).toEqual([]);
    expect(await keys()).toEqual(named);

    // the page by itself comes to results under the same keys
    await tierbook.api("/api/results?workbook=penguins.html", { method: "DELETE" });
    await person.page.reload();
    await untilPassed(person);
    await eventually(keys, (now) => now.length === named.length);
    expect(await keys()).toEqual(named);
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
  const again = await runHeadless();
  expect(again.reason).toBeUndefined();
  expect(cachedIn(again)).toEqual(kept);
  expect(again.shown.results.toSorted()).toEqual(named);
});
