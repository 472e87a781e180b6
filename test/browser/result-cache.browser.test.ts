import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isCard } from "../../cells/card.ts";
import { valueCodecs } from "../../cells/value-codecs.ts";
import type { Receipt, ReceiptStage } from "../../engines/receipt.ts";
import { decodeResult } from "../../runtime/result-codec.ts";
import { launchChromium } from "../harness/chromium.ts";
import { eventually, openAs, type Person } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

/** The cells of the penguins workbook whose stages are restored, by their rungs. */
const restored = { schema: 8, sample: 10, plan: 13 } as const;
const stages = Object.keys(restored) as (keyof typeof restored)[];

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(await makeWorkspace());
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

async function open(use: (person: Person) => Promise<void>): Promise<void> {
  const person = await openAs(browser, tierbook);
  try {
    await use(person);
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
}

async function keys(): Promise<readonly string[]> {
  const answer = await tierbook.api("/api/results?workbook=penguins.html");
  const { results } = (await answer.json()) as { results: readonly { key: string }[] };
  return results.map(({ key }) => key);
}

/** The receipts that the kept cards name. */
async function keptReceipts(): Promise<readonly (string | undefined)[]> {
  const kept: (string | undefined)[] = [];
  for (const key of await keys()) {
    const answer = await tierbook.api(`/api/results/${key}?workbook=penguins.html`);
    const result = decodeResult(new Uint8Array(await answer.arrayBuffer()), valueCodecs);
    for (const value of result?.displays ?? []) if (isCard(value)) kept.push(value.receipt);
  }
  return kept;
}

/** The ids of the receipts in the ledger, by stage, in order. */
async function written(): Promise<Readonly<Partial<Record<ReceiptStage, readonly string[]>>>> {
  const { entries } = (await (await tierbook.api("/api/ledger")).json()) as {
    entries: readonly { readonly type: string; readonly body: Receipt }[];
  };
  const receipts = entries.filter(({ type }) => type === "receipt").map(({ body }) => body);
  return Object.fromEntries(
    receipts.map(({ stage }) => [
      stage,
      receipts.filter((receipt) => receipt.stage === stage).map(({ id }) => id),
    ]),
  );
}

/** Waits until the newest receipt of each restored stage is on a card that is kept. */
async function untilKept(): Promise<void> {
  const newest = await written();
  await eventually(keptReceipts, (kept) =>
    stages.every((stage) => {
      const receipt = newest[stage]?.at(-1);
      return receipt !== undefined && kept.includes(receipt);
    }),
  );
}

async function untilPassed(person: Person): Promise<void> {
  for (const rung of ["Schema", "Sample", "Plan", "Dry run"] as const)
    await person.rung(rung, "Passed").waitFor();
}

/** The word in the margin of a cell whose result came from the cache. */
function cached(person: Person, id: number): Locator {
  return person.cell(id).getByRole("note", { name: /^cached\./ });
}

/** What the strip says of a plan that has passed, once it is as it should be. */
async function planOnStrip(person: Person, holds: (said: string) => boolean): Promise<string> {
  const plan = person.rung("Plan", "Passed");
  await plan.waitFor();
  return await eventually(
    () => plan.evaluate((rung) => rung.ariaDescribedByElements?.[0]?.textContent ?? ""),
    holds,
  );
}

/** The paths that a page and its frame ask for from now on, of what only a query needs. */
function watchQueries(person: Person): readonly string[] {
  const asked: string[] = [];
  person.page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/api\/tables$|^\/b\/|duckdb/.test(pathname)) asked.push(pathname);
  });
  return asked;
}

test("a workbook that is opened again shows its stages and their rungs without running them", async () => {
  await open(async (person) => {
    await untilPassed(person);
    await untilKept();
    const before = await written();
    const queries = watchQueries(person);
    await person.page.reload();
    await untilPassed(person);
    for (const id of Object.values(restored)) await cached(person, id).waitFor();
    await person.rung("Small run", "Ready").waitFor();
    expect(queries).toEqual([]);
    expect(await written()).toEqual(before);
  });
});

test("an edit of the plan that is taken back brings its rung back, without running the plan", async () => {
  await open(async (person) => {
    await untilPassed(person);
    const first = await planOnStrip(person, (said) => said.endsWith(" from 6 features"));
    const source = await person.cell(restored.plan).locator(".cell-source").innerText();
    await person.rewrite(restored.plan, source.replace("dense(units,", "dense(8,"));
    await planOnStrip(person, (said) => said !== first && said.endsWith(" from 6 features"));
    expect(await cached(person, restored.plan).isVisible()).toBe(false);
    const before = (await written()).plan;
    await person.rewrite(restored.plan, source);
    await planOnStrip(person, (said) => said === first);
    await cached(person, restored.plan).waitFor();
    expect((await written()).plan).toEqual(before);
  });
});

test("cards whose receipts are lost are not believed: their stages run and write new ones", async () => {
  await tierbook.stop();
  for (const name of ["ledger.jsonl", "ledger.jsonl.head"])
    await rm(join(tierbook.workspace, ".tierbook", name));
  tierbook = await startTierbook(tierbook.workspace);
  await open(async (person) => {
    await untilPassed(person);
    for (const id of Object.values(restored)) await cached(person, id).waitFor({ state: "hidden" });
    for (const stage of stages) expect((await written())[stage]).toHaveLength(1);
    await untilKept();
    await person.page.reload();
    await untilPassed(person);
    for (const id of Object.values(restored)) await cached(person, id).waitFor();
    for (const stage of stages) expect((await written())[stage]).toHaveLength(1);
  });
});

test("what is forgotten from the header comes back neither here nor in the next page", async () => {
  await open(async (person) => {
    await untilPassed(person);
    for (const id of Object.values(restored)) await cached(person, id).waitFor();
    const first = await planOnStrip(person, (said) => said.endsWith(" from 6 features"));
    const source = await person.cell(restored.plan).locator(".cell-source").innerText();
    await person.rewrite(restored.plan, source.replace("dense(units,", "dense(12,"));
    await planOnStrip(person, (said) => said !== first && said.endsWith(" from 6 features"));
    await untilKept();

    const forget = person.page.getByRole("button", { name: "Forget cached results" });
    const toast = person.page
      .frameLocator("iframe")
      .getByRole("status")
      .filter({ hasText: /cached results?$/ });
    const forgetAll = async (): Promise<void> => {
      expect((await keys()).length).toBeGreaterThan(0);
      await forget.click();
      await toast.filter({ hasText: /^Forgot [1-9][0-9]* cached results?$/ }).waitFor();
      // what has just run may be kept a moment later
      const again = async (): Promise<string> => {
        await forget.click();
        return await toast.innerText();
      };
      await eventually(again, (said) => said === "There were no cached results");
      expect(await keys()).toEqual([]);
    };
    await forgetAll();
    const before = await written();
    await person.rewrite(restored.plan, source);
    await planOnStrip(person, (said) => said === first);
    expect((await written()).plan).toEqual([...(before.plan ?? []), expect.any(String)]);
    expect(await cached(person, restored.plan).isVisible()).toBe(false);

    await eventually(keys, ({ length }) => length > 0);
    await forgetAll();
    const queries = watchQueries(person);
    await person.page.reload();
    await untilPassed(person);
    expect(queries).toContain("/api/tables");
    const after = await written();
    for (const stage of stages) {
      await cached(person, restored[stage]).waitFor({ state: "hidden" });
      const more = stage === "plan" ? 2 : 1;
      expect(after[stage]).toHaveLength((before[stage]?.length ?? 0) + more);
    }
  });
});
