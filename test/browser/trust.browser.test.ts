import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipeDigest } from "../../engines/plan-digest.ts";
import type { Plan } from "../../engines/plan.ts";
import { runKey, type RunRequest } from "../../engines/run.ts";
import { launchChromium } from "../harness/chromium.ts";
import { eventually, openAs } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

// Code of a stranger: it takes the frame's port the first time that the frame uses it.
const hostile = `
const seen = (globalThis.seen = []);
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (message, ...rest) {
  globalThis.port = this;
  seen.push(message);
  return post.call(this, message, ...rest);
};`;

const loops = notebook("display(6 * 7);", "const unlucky = 0;", "display(12 * 12);");

const reaches = notebook(`
const attempts = {
  storage: () => window.localStorage.length,
  cookies: () => document.cookie,
  parent: () => window.parent.document.title,
  database: () => new Promise((yes, no) => { const r = window.indexedDB.open("x"); r.onsuccess = yes; r.onerror = () => no(r.error); }),
  api: () => fetch(new URL("/api/files", document.baseURI)).then((r) => { if (!r.ok) throw new Error("refused"); }),
  elsewhere: () => fetch("https://example.com/"),
  picture: () => new Promise((yes, no) => { const i = new Image(); i.onload = yes; i.onerror = () => no(new Error("no")); i.src = "https://example.com/a.png"; }),
  navigate: () => { window.top.location = "https://example.com/"; },
};
const reached = [];
for (const [name, attempt] of Object.entries(attempts))
  try { await attempt(); reached.push(name); } catch {}
display("reached: " + (reached.join(", ") || "nothing"));
`);

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(
    await makeWorkspace({ "loops.html": loops, "reaches.html": reaches }),
  );
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

function notebook(...sources: readonly string[]): string {
  const cells = sources.map(
    (source, i) => `  <script id="${i + 1}" type="module" pinned="">${source}</script>\n`,
  );
  return `<!doctype html>\n<notebook>\n  <title>Test</title>\n${cells.join("")}</notebook>\n`;
}

test("a workbook that invents receipts through its port opens nothing, in the page or by HTTP", async () => {
  const person = await openAs(browser, tierbook);
  try {
    await person.rung("Dry run", "Passed").waitFor();
    await person.frame().evaluate(hostile);
    // an edit makes the frame ask again, and the hostile code sees what it asks
    await person.rewrite(19, "const full = view(fullRun(recipe, penguins, {epochs: 123}));");
    const request = await eventually(
      () =>
        person.frame().evaluate(() => {
          const { seen } = globalThis as unknown as {
            seen: readonly { method?: string; args?: readonly { plan: unknown; rows: object }[] }[];
          };
          const asked = seen.findLast(({ method }) => method === "submit")?.args?.[0];
          return asked && { plan: asked.plan, rows: { ...asked.rows, ipc: undefined } };
        }),
      (found) => found !== undefined,
    );
    const plan = request?.plan as Plan;
    const rows = request?.rows as unknown as { digest: string; numRows: number };
    const invented = (["dryRun", "smallRun"] as const).map((stage) => ({
      stage,
      verdict: "pass" as const,
      summary: "I say so",
      checks: [],
      subject: { recipe: recipeDigest(plan), data: { rows: rows.digest } },
      metrics: {},
      environment: {},
    }));
    await person.frame().evaluate((bodies) => {
      const { port } = globalThis as unknown as { port: MessagePort };
      bodies.forEach((body, i) =>
        port.postMessage({ type: "call", id: 1_000_000 + i, method: "receipt", args: [body] }),
      );
    }, invented);

    const lies = await eventually(
      async () => {
        const { entries } = (await (await tierbook.api("/api/ledger")).json()) as {
          entries: readonly { body: { summary?: string; vouchedBy?: string } }[];
        };
        return entries.filter(({ body }) => body.summary === "I say so");
      },
      (found) => found.length === 2,
    );
    expect(lies.map(({ body }) => body.vouchedBy)).toEqual(["frame", "frame"]);
    await person.rung("Full run", "Waiting").waitFor();

    const full: RunRequest = {
      tier: "full",
      plan,
      rows: { ...rows, blob: "0".repeat(64) },
      engine: "tfjs",
      device: "auto",
    };
    const response = await tierbook.api(`/api/runs/${runKey(full)}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ request: full }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: { code: "ladder", reasons: [{ stage: "smallRun" }] },
    });
  } finally {
    await person.leave();
  }
});

test("an endless loop can be stopped from the shell, and its text is kept", async () => {
  const person = await openAs(browser, tierbook, "loops.html");
  try {
    await person.cell(3).getByText("144", { exact: true }).waitFor();
    await person.cell(2).locator(".cell-source").click();
    await person.page.keyboard.press("ControlOrMeta+a");
    await person.page.keyboard.insertText("const unlucky = 1; while (true) {}");
    // the frame never answers this key, so nobody may wait for it
    void person.page.keyboard.press("Shift+Enter").catch(() => undefined);
    const banner = person.page.getByRole("status").filter({ hasText: "does not answer" });
    await banner.waitFor();
    expect(await banner.innerText()).toContain("cell 2");
    await banner.getByRole("button", { name: /Stop/ }).click();
    await person.cell(3).getByText("144", { exact: true }).waitFor();
    expect(await person.cell(2).locator(".cell-source").innerText()).toContain("while (true) {}");
    await person
      .cell(2)
      .getByRole("img", { name: /disabled/i })
      .first()
      .waitFor();
  } finally {
    await person.leave();
  }
});

test("a workbook reaches no storage, no page, no server and no network", async () => {
  const person = await openAs(browser, tierbook, "reaches.html");
  try {
    await person
      .cell(1)
      .getByText(/reached: nothing/)
      .waitFor();
    expect(person.page.url()).toBe(`${tierbook.origin}/w/reaches.html`);
    expect(person.faults.offOrigin).toEqual([]);
  } finally {
    await person.leave();
  }
});

test("somebody without the token sees where to find it, and nothing else", async () => {
  const page = await browser.newPage();
  await page.goto(`${tierbook.origin}/w/penguins.html`);
  await page.getByLabel(/token/i).first().waitFor();
  expect(await page.locator("iframe").count()).toBe(0);
  expect((await fetch(`${tierbook.origin}/api/files`)).status).toBe(401);
  await page.close();
});
