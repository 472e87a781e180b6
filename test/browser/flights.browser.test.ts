import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { receiptStages, type Receipt } from "../../engines/receipt.ts";
import type { RunRequest, RunResult } from "../../engines/run.ts";
import { launchChromium } from "../harness/chromium.ts";
import { makeFlightsWorkspace } from "../harness/flights.ts";
import { openAs } from "../harness/person.ts";
import { startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(await makeFlightsWorkspace());
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

interface Entry {
  readonly type: string;
  readonly body: Receipt & Readonly<Record<string, unknown>>;
}

async function ledgerOf(workspace: string): Promise<readonly Entry[]> {
  const text = await readFile(join(workspace, ".tierbook/ledger.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Entry);
}

async function receiptsOf(workspace: string): Promise<readonly Receipt[]> {
  return (await ledgerOf(workspace)).filter(({ type }) => type === "receipt").map((e) => e.body);
}

/** The newest full run of a workspace: what it was asked to be, and what it came to. */
async function fullRunOf(
  workspace: string,
): Promise<{ readonly request: RunRequest; readonly result: RunResult }> {
  const entry = (await ledgerOf(workspace)).findLast(
    ({ type, body }) => type === "run" && body["tier"] === "full" && body["event"] === "ended",
  );
  const folder = join(workspace, ".tierbook/runs", String(entry?.body["key"]));
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), "utf8")) as unknown;
  const { request } = (await read("run.json")) as { request: RunRequest };
  return { request, result: (await read("result.json")) as RunResult };
}

test("a person climbs every rung of the flights workbook, whose rows never come to the page", async () => {
  const person = await openAs(browser, tierbook, "flights.html");
  try {
    for (const rung of ["Schema", "Sample", "Plan", "Dry run"] as const)
      await person.rung(rung, "Passed").waitFor();
    await person.cell(19).getByText("kept in the database").first().waitFor();
    await person.cell(19).getByRole("table").first().getByText("ATL").first().waitFor();

    await person.runSmall();
    await person.rung("Small run", /Passed|Warnings/).waitFor();
    await person
      .cell(30)
      .getByText(/expected duration/i)
      .first()
      .waitFor();
    await person.runFull();
    await person.rung("Full run", /Passed|Warnings/).waitFor();
    await person
      .cell(33)
      .getByText(/The goal is/)
      .waitFor();

    const { request, result } = await fullRunOf(tierbook.workspace);
    expect(request.rows).toHaveProperty("lineage");
    expect(request.rows.numRows).toBe(200_000);
    expect(result.state).toBe("succeeded");
    expect(result.data?.numRows).toBe(200_000);
    expect(result.metrics["validation_pr_auc"]).toBeGreaterThan(
      result.metrics["validation_baseline_pr_auc"] ?? 1,
    );
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
});

test("without a page the same workbook names the same development rows and the same table", async () => {
  const workspace = await makeFlightsWorkspace();
  const command = fileURLToPath(new URL("../../bin/tierbook.js", import.meta.url));
  await promisify(execFile)(process.execPath, [command, "run", join(workspace, "flights.html")]);
  const headless = await receiptsOf(workspace);
  const inPage = await receiptsOf(tierbook.workspace);
  for (const stage of receiptStages) {
    const subject = (all: readonly Receipt[]): unknown => {
      const { plan, recipe, data } = all.find((each) => each.stage === stage)?.subject ?? {};
      return { plan, recipe, data };
    };
    expect(subject(headless), stage).toEqual(subject(inPage));
  }
  const [here, there] = [await fullRunOf(workspace), await fullRunOf(tierbook.workspace)];
  // one lineage digest, and one content digest from two materialisations
  expect(here.request.rows).toEqual(there.request.rows);
  expect(here.result.data).toEqual(there.result.data);
});

test("iterating a large table says how many rows it has and what to do instead", async () => {
  const person = await openAs(browser, tierbook, "flights.html");
  try {
    await person.cell(11).getByText("kept in the database").first().waitFor();
    await person.rewrite(3, "const goal = {gain: [...flights].length, calibration: 1}");
    await person
      .cell(3)
      .getByText(/200,000 rows, which stay in the database/)
      .first()
      .waitFor();
  } finally {
    await person.leave();
  }
});
