import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { receiptStages, type Receipt } from "../../engines/receipt.ts";
import { launchChromium } from "../harness/chromium.ts";
import { eventually, openAs, type Person } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(await makeWorkspace());
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

async function receipts(): Promise<readonly Receipt[]> {
  const { entries } = (await (await tierbook.api("/api/ledger")).json()) as {
    entries: readonly { readonly type: string; readonly body: Receipt }[];
  };
  return entries.filter(({ type }) => type === "receipt").map(({ body }) => body);
}

/** The number before "epochs" in the text that reads the full run. */
async function epochRead(person: Person): Promise<number> {
  const text = await person.cell(22).innerText();
  return Number(/after (\d+) epochs/.exec(text)?.[1] ?? -1);
}

test("a person climbs every rung of the penguins workbook, on WebGPU, by clicking", async () => {
  const person = await openAs(browser, tierbook);
  try {
    for (const rung of ["Schema", "Sample", "Plan", "Dry run"] as const)
      await person.rung(rung, "Passed").waitFor();
    await person.rung("Small run", "Ready").waitFor();
    await person.rung("Full run", "Waiting").waitFor();
    expect(await person.page.getByRole("button", { name: /^Full run…/ }).count()).toBe(0);

    await person.page.getByLabel("Device for small runs").selectOption("webgpu");
    await person.runSmall();
    await person.rung("Small run", "Passed").waitFor();
    const small = (await receipts()).find(({ stage }) => stage === "smallRun");
    expect(small).toMatchObject({ verdict: "pass", vouchedBy: "shell" });
    expect(small?.environment["backend"]).toBe("webgpu");
    expect(small?.environment["device"]).toMatch(/swiftshader/i);
    await person.cell(17).getByText("swiftshader").first().waitFor();

    await person.runFull();
    const first = await eventually(
      () => epochRead(person),
      (epoch) => epoch > 0,
    );
    const later = await eventually(
      () => epochRead(person),
      (epoch) => epoch > first,
    );
    expect(later).toBeGreaterThan(first);
    await person.rung("Full run", "Passed").waitFor();
    await eventually(
      () => epochRead(person),
      (epoch) => epoch === 400,
    );
    await person.cell(19).getByRole("table").first().waitFor();

    const all = await receipts();
    expect(new Set(all.map(({ stage }) => stage))).toEqual(new Set(receiptStages));
    expect(all.find(({ stage }) => stage === "fullRun")?.vouchedBy).toBe("server");
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
});

test("without a page the same workbook gives the same plan and the same development rows", async () => {
  const workspace = await makeWorkspace();
  const command = fileURLToPath(new URL("../../bin/tierbook.js", import.meta.url));
  await promisify(execFile)(process.execPath, [command, "run", join(workspace, "penguins.html")]);
  const ledger = await readFile(join(workspace, ".tierbook/ledger.jsonl"), "utf8");
  const headless = ledger
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; body: Receipt })
    .filter(({ type }) => type === "receipt")
    .map(({ body }) => body);
  const inPage = await receipts();
  for (const stage of receiptStages) {
    const subject = (all: readonly Receipt[]): unknown => {
      const { plan, recipe, data } = all.find((each) => each.stage === stage)?.subject ?? {};
      return { plan, recipe, data };
    };
    expect(subject(headless), stage).toEqual(subject(inPage));
    expect(headless.find((each) => each.stage === stage)?.verdict).toBe("pass");
  }

  // where the page has climbed, what is known is not run again, and still has its receipts
  const { stdout } = await promisify(execFile)(process.execPath, [
    command,
    "run",
    join(tierbook.workspace, "penguins.html"),
  ]);
  for (const stage of receiptStages) expect(stdout).toMatch(new RegExp(`${stage} +✓ pass`));
});

test("an edit of the plan closes the full tier again, and taking it back opens it without running", async () => {
  const person = await openAs(browser, tierbook);
  try {
    await person.page.getByLabel("Device for small runs").selectOption("webgpu");
    await person.rung("Small run", "Passed").waitFor();
    await person.rung("Full run", "Passed").waitFor();
    const source = await person.cell(13).locator(".cell-source").innerText();
    await person.rewrite(13, source.replace("lr: 0.01", "lr: 0.02"));
    await person.rung("Small run", "Ready").waitFor();
    await person.rung("Full run", "Waiting").waitFor();
    expect(await person.page.getByRole("button", { name: /^Full run…/ }).count()).toBe(0);
    await person.cell(17).getByText("stale").first().waitFor();
    await person
      .cell(17)
      .getByText(/optimizer\.lr/)
      .first()
      .waitFor();

    await person.rewrite(13, source);
    await person.rung("Full run", "Passed").waitFor();
    await person.rung("Small run", "Passed").waitFor();
  } finally {
    await person.leave();
  }
});

test("a full run that lacks its small run starts with a person's reason, which stays with it", async () => {
  const person = await openAs(browser, tierbook);
  const reason = "The slot on the cluster ends tonight";
  const said = `Overridden: ${reason}. Started although this plan has had no small run.`;
  try {
    await person.rung("Full run", "Passed").waitFor();
    const source = await person.cell(13).locator(".cell-source").innerText();
    await person.rewrite(13, source.replace("lr: 0.01", "lr: 0.03"));
    await person.rung("Full run", "Waiting").click();
    await person.page.getByRole("button", { name: "Override…" }).click();
    const dialog = person.page.getByRole("dialog", { name: "Start without receipts?" });
    const start = dialog.getByRole("button", { name: "Start without these receipts" });
    await dialog.getByText("This plan has had no small run").waitFor();
    await dialog.getByLabel("Why start it all the same?").fill("because");
    expect(await start.isEnabled()).toBe(false);
    await dialog.getByLabel("Why start it all the same?").fill(reason);
    await start.click();
    await person.rung("Full run", /(?:Running|Passed), overridden/).waitFor();
    await person.cell(19).getByText(said).waitFor();
    const { entries } = (await (await tierbook.api("/api/ledger")).json()) as {
      entries: readonly { readonly type: string; readonly body: unknown }[];
    };
    expect(entries.find(({ type }) => type === "override")?.body).toMatchObject({ reason });

    // the edit was kept as a draft: the run is found again, and what was said of it
    const later = await person.anotherTab();
    await later.rung("Full run", /(?:Running|Passed), overridden/).waitFor();
    await later.cell(19).getByText(said).waitFor();
    await later.leave();
  } finally {
    await person.leave();
  }
});

test("a broken plan shows all its faults at once in the dry run, and nothing can be started", async () => {
  const person = await openAs(browser, tierbook);
  try {
    await person.rung("Dry run", "Passed").waitFor();
    const source = await person.cell(13).locator(".cell-source").innerText();
    await person.rewrite(
      13,
      source
        .replace("dense(3)", "dense(4)")
        .replace('"beak_length"', '"beak_lenght"')
        .replace("lr: 0.01", "lr: -1")
        .replace("batch: 16", "batch: 0"),
    );
    const card = person.cell(15);
    for (const fault of ["network[2].units", "beak_lenght", "optimizer.lr", "batch"])
      await card.getByText(fault).first().waitFor();
    await card
      .getByText(/beak_length/)
      .first()
      .waitFor();
    await person.rung("Dry run", "Failed").waitFor();
    expect(await person.page.getByRole("button", { name: /^(Run small|Full run…)/ }).count()).toBe(
      0,
    );
  } finally {
    await person.leave();
  }
});
