import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../harness/chromium.ts";
import { openAs, type Person } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

/** How code can hang the page for good, and what sets it off. */
const loops = {
  body: "const unlucky = 1; while (true) {}",
  generator: "const unlucky = (function* () { yield 1; while (true) {} })();",
  "chain of promises": "const unlucky = (async () => { for (;;) await null; })();",
  timer: "setTimeout(() => { while (true) {} }, 50);",
  listener:
    'const unlucky = document.createElement("button"); unlucky.textContent = "Hang"; unlucky.addEventListener("click", () => { while (true) {} }); display(unlucky);',
} as const;

type Loop = keyof typeof loops;

const kinds = Object.keys(loops) as Loop[];

const calm = notebook("display(6 * 7);", "const unlucky = 0;", "display(12 * 12);");

const never = notebook(
  "const never = await new Promise(() => {}); display('never');",
  "display(never);",
  "const free = 5; display(free + 1);",
);

/** Each keeps DuckDB busy for hours; the last two never look up whether they are still wanted. */
const heavy = [
  "select sum(i * i % 7) from range(100000000000) t(i)",
  "with recursive t(i) as (select 0::bigint union all select i + 1 from t where i < 100000000000) select max(i) from t",
  "select * from (select random() r from range(30000000000)) order by r limit 5",
  "select count(*) from range(3000000) a, range(3000000) b where (a.range + b.range) % 7 = 8",
  "select sum(len(range(i::bigint))) from range(100000) t(i)",
];

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(
    await makeWorkspace({
      "calm.html": calm,
      "never.html": never,
      "queries.html": notebook("const one = 1;", { type: "application/sql", source: "select 0" }),
    }),
  );
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

function notebook(
  ...cells: readonly (string | { readonly type: string; readonly source: string })[]
): string {
  const scripts = cells.map((cell, i) => {
    const { type, source } = typeof cell === "string" ? { type: "module", source: cell } : cell;
    return `  <script id="${i + 1}" type="${type}" pinned="">${source}</script>\n`;
  });
  return `<!doctype html>\n<notebook>\n  <title>Test</title>\n${scripts.join("")}</notebook>\n`;
}

/** Edits cell 2 into one that hangs the page, sets it off, and waits until the page says so. */
async function hang(person: Person, kind: Loop): Promise<string> {
  await person.cell(3).getByText("144", { exact: true }).waitFor();
  await person.cell(2).locator(".cell-source").click();
  await person.page.keyboard.press("ControlOrMeta+a");
  await person.page.keyboard.insertText(loops[kind]);
  // the frame may never answer this key, so nobody may wait for it
  const pressed = person.page.keyboard.press("Shift+Enter").catch(() => undefined);
  if (kind === "listener") {
    await pressed;
    const button = person.cell(2).getByRole("button", { name: "Hang", exact: true });
    await button.waitFor();
    void button.click({ noWaitAfter: true }).catch(() => undefined);
  }
  const banner = person.page.getByRole("status").filter({ hasText: "does not answer" });
  await banner.waitFor();
  return await banner.innerText();
}

/** Waits until a cell says that it is disabled. */
async function isDisabled(person: Person, id: number): Promise<void> {
  await person
    .cell(id)
    .getByRole("img", { name: /disabled/i })
    .first()
    .waitFor();
}

describe("a loop without end does not take the page with it, and no text is lost:", () => {
  test.each(kinds)("in a %s", async (kind) => {
    const person = await openAs(browser, tierbook, "calm.html");
    try {
      const said = await hang(person, kind);
      const banner = person.page.getByRole("status").filter({ hasText: "does not answer" });
      await banner.getByRole("button", { name: /Stop/ }).click();
      await isDisabled(person, 2);
      expect(await person.cell(2).locator(".cell-source").innerText()).toContain(loops[kind]);
      if (kind === "body" || kind === "generator") {
        expect(said).toContain("cell 2 has been running since");
        await person.cell(3).getByText("144", { exact: true }).waitFor();
      } else {
        // what runs later is nobody's in a browser, so no script runs until the person says so
        expect(said).toContain("None of its cells is at work by itself");
        await isDisabled(person, 1);
        await isDisabled(person, 3);
        await person.cell(3).getByRole("button", { name: "Enable", exact: true }).click();
        await person.cell(3).getByText("144", { exact: true }).waitFor();
      }
    } finally {
      await person.leave();
    }
  });
});

test("a cell that never settles holds its readers alone, and is cancelled by its button", async () => {
  const person = await openAs(browser, tierbook, "never.html");
  try {
    await person.cell(3).getByText("6", { exact: true }).waitFor();
    await cancel(person, 1);
    await person.cell(1).getByText("The cell was cancelled").waitFor();
    await person
      .cell(2)
      .getByText(/the cell was cancelled/i)
      .waitFor();
    await person.rewrite(1, "const never = 7;");
    await person.cell(2).getByText("7", { exact: true }).waitFor();
  } finally {
    await person.leave();
  }
});

test("SQL that is cancelled frees its cell and then the database, whatever it does", async () => {
  const person = await openAs(browser, tierbook, "queries.html");
  try {
    for (const [index, sql] of heavy.entries()) {
      await person.rewrite(2, sql);
      await cancel(person, 2);
      await person.cell(2).getByText("The cell was cancelled").waitFor();
      await person.rewrite(2, `select ${index + 40} as answer`);
      await person
        .cell(2)
        .getByRole("cell", { name: String(index + 40) })
        .waitFor();
    }
  } finally {
    await person.leave();
  }
});

/** Presses a running cell's button, which cancels it. */
async function cancel(person: Person, id: number): Promise<void> {
  await person.cell(id).hover();
  await person.cell(id).getByRole("button", { name: "Cancel", exact: true }).click();
}
