import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../harness/chromium.ts";
import { eventually, openAs, type Person } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

// Each body says that it ran, outside of what the runtime can know.
const workbook = `<!doctype html>
<notebook theme="air">
  <title>Policy</title>
  <script id="1" type="module" pinned="">
    const raw = ran("raw") + 2;
  </script>
  <script id="2" type="module" pinned="">
    const features = display(raw * 10 + ran("features"));
  </script>
  <script id="3" type="module" pinned="">
    const model = display(features + 1 + ran("model"));
  </script>
  <script id="4" type="module" pinned="">
    display(model * 100 + ran("chart"));
  </script>
  <script id="5" type="module" pinned="">
    function ran(name) {
      (globalThis.bodies ??= []).push(name);
      return 0;
    }
  </script>
</notebook>
`;
const manualFeatures = workbook.replace('id="2" type="module" pinned=""', '$& data-run="manual"');
const allManual = manualFeatures.replace('id="3" type="module" pinned=""', '$& data-run="manual"');

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(
    await makeWorkspace({
      "chosen.html": workbook,
      "manual.html": manualFeatures,
      "all.html": allManual,
      "undone.html": manualFeatures,
      "disabled.html": workbook,
    }),
  );
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

async function open(path: string, use: (person: Person) => Promise<void>): Promise<void> {
  const person = await openAs(browser, tierbook, path);
  try {
    await use(person);
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
}

/** The names of the bodies that ran since the last time of asking, in order. */
async function takeBodies(person: Person): Promise<readonly string[]> {
  return await person.frame().evaluate(() => {
    const page = globalThis as unknown as { bodies?: string[] };
    const { bodies = [] } = page;
    page.bodies = [];
    return bodies;
  });
}

/** The sign of a cell's state, when it says what is asked for. */
function state(person: Person, id: number, label: RegExp): Locator {
  return person.cell(id).getByRole("img", { name: label });
}

/** The line at a cell's output. */
function says(person: Person, id: number, text: string): Locator {
  return person
    .cell(id)
    .getByRole("paragraph")
    .filter({ hasText: new RegExp(`^${text}$`) });
}

function button(person: Person, id: number, name: string): Locator {
  return person.cell(id).getByRole("button", { name, exact: true });
}

test("a policy is chosen in a cell's menu, kept in the file, undone by key and read again", async () => {
  const file = join(tierbook.workspace, "chosen.html");
  await open("chosen.html", async (person) => {
    await person.cell(4).getByText("2100", { exact: true }).waitFor();
    await takeBodies(person);
    await person.cell(2).focus();
    await button(person, 2, "More").click();
    const menu = person.page.frameLocator("iframe").getByRole("menu", { name: "Cell" });
    const group = menu.getByRole("group", { name: "Run" });
    expect(
      await group
        .getByRole("menuitemradio", { name: "Automatically" })
        .getAttribute("aria-checked"),
    ).toBe("true");
    await group.getByRole("menuitemradio", { name: "When I say so" }).click();
    await person
      .cell(2)
      .getByRole("button", { name: /^manual\. Runs when you say so/ })
      .waitFor();

    await person.cell(3).focus();
    await person.page.keyboard.press("w");
    await person.page.keyboard.press("w");
    await person
      .cell(3)
      .getByRole("button", { name: /^once\./ })
      .waitFor();
    await person.page.keyboard.press("z");
    await person
      .cell(3)
      .getByRole("button", { name: /^manual\./ })
      .waitFor();
    await person.page.keyboard.press("z");
    await person
      .cell(3)
      .getByRole("button", { name: /^manual\./ })
      .waitFor({ state: "hidden" });

    expect(await takeBodies(person)).toEqual([]);
    await person.page.keyboard.press("ControlOrMeta+s");
    await person.page.getByText("Saved", { exact: true }).waitFor();
    await eventually(
      () => readFile(file, "utf8"),
      (text) => text === manualFeatures,
    );
  });
  await open("chosen.html", async (person) => {
    await person
      .cell(2)
      .getByRole("button", { name: /^manual\./ })
      .waitFor();
  });
});

test("a manual cell runs when a person says so, and says what changed until then", async () => {
  await open("manual.html", async (person) => {
    await says(person, 2, "Runs when you say so").waitFor();
    await says(person, 4, "Waits for model, which waits for features, which has not run").waitFor();
    expect(await takeBodies(person)).toEqual(["raw"]);
    await button(person, 2, "Run").click();
    await person.cell(4).getByText("2100", { exact: true }).waitFor();
    expect(await takeBodies(person)).toEqual(["features", "model", "chart"]);

    await person.rewrite(1, 'const raw = ran("raw") + 3;');
    await says(person, 2, "Stale because raw changed").waitFor();
    await says(person, 3, "Stale because features is stale").waitFor();
    await says(person, 4, "Stale because model waits for features, which is stale").waitFor();
    await state(person, 2, /^Stale because raw changed/).waitFor();
    await person.cell(4).getByText("2100", { exact: true }).waitFor();
    expect(await takeBodies(person)).toEqual(["raw"]);

    await button(person, 2, "Run").click();
    await person.cell(4).getByText("3100", { exact: true }).waitFor();
    await says(person, 4, "Stale.*").waitFor({ state: "hidden" });
    expect(await takeBodies(person)).toEqual(["features", "model", "chart"]);
  });
});

test("Run to here runs what is stale above first, Run stale the rest, Run all everything", async () => {
  await open("all.html", async (person) => {
    const frame = person.page.frameLocator("iframe");
    await says(person, 2, "Runs when you say so").waitFor();
    await frame.getByRole("status").filter({ hasText: "3 not run" }).waitFor();
    await takeBodies(person);
    await button(person, 3, "Run to here").click();
    await person.cell(4).getByText("2100", { exact: true }).waitFor();
    expect(await takeBodies(person)).toEqual(["features", "model", "chart"]);

    await person.rewrite(1, 'const raw = ran("raw") + 3;');
    await frame.getByRole("status").filter({ hasText: "3 stale" }).waitFor();
    await person.cell(2).focus();
    await person.page.keyboard.press("t");
    await person.cell(2).getByText("30", { exact: true }).waitFor();
    await says(person, 3, "Stale because features changed").waitFor();
    expect(await takeBodies(person)).toEqual(["raw", "features"]);

    await frame.getByRole("button", { name: "Run stale", exact: true }).click();
    await person.cell(4).getByText("3100", { exact: true }).waitFor();
    await frame.getByRole("button", { name: "Run stale" }).waitFor({ state: "hidden" });
    expect(await takeBodies(person)).toEqual(["model", "chart"]);

    await person.page.getByRole("button", { name: "Run all", exact: true }).click();
    const all = ["raw", "features", "model", "chart"];
    const ran: string[] = [];
    await eventually(
      async () => {
        ran.push(...(await takeBodies(person)));
        return ran.length;
      },
      (length) => length >= all.length,
    );
    await state(person, 4, /^Up to date/).waitFor();
    expect([...ran, ...(await takeBodies(person))]).toEqual(all);
  });
});

test("undoing an edit makes what it made stale fresh again, and nothing runs for it", async () => {
  await open("undone.html", async (person) => {
    await button(person, 2, "Run").click();
    await person.cell(4).getByText("2100", { exact: true }).waitFor();
    await person.rewrite(1, 'const raw = ran("raw") + 3;');
    await says(person, 4, "Stale because .*").waitFor();
    await takeBodies(person);

    await person.rewrite(1, 'const raw = ran("raw") + 2;');
    for (const id of [2, 3, 4]) await state(person, id, /^Up to date/).waitFor();
    await person.cell(1).getByText("cached", { exact: true }).waitFor();
    expect(await takeBodies(person)).toEqual([]);
  });
});

test("disabling a cell greys all that depends on it, which says by which cell", async () => {
  await open("disabled.html", async (person) => {
    await person.cell(4).getByText("2100", { exact: true }).waitFor();
    await person.cell(2).focus();
    await button(person, 2, "More").click();
    await person.page.frameLocator("iframe").getByRole("menuitem", { name: "Disable" }).click();
    await says(person, 3, "Waits for features, which is disabled").waitFor();
    await says(person, 4, "Waits for model, which waits for features, which is disabled").waitFor();
    const look = (id: number): Promise<string> =>
      person
        .cell(id)
        .locator(".cell-source")
        .evaluate((source) => getComputedStyle(source).filter);
    expect(await Promise.all([1, 2, 3, 4].map(look))).toEqual([
      "none",
      "grayscale(1)",
      "grayscale(1)",
      "grayscale(1)",
    ]);
    await button(person, 4, "Enable features").click();
    await person.cell(4).getByText("2100", { exact: true }).waitFor();
    await state(person, 4, /^Up to date/).waitFor();
    expect(await look(4)).toBe("none");

    await person.rewrite(2, "const features = missingName;");
    await says(person, 4, "Waits for model, which waits for features, which failed: .*").waitFor();
    expect(await look(4)).toBe("none");
  });
});

test("a stage that has ended is up to date, and what waits for a person says for what", async () => {
  await open("penguins.html", async (person) => {
    await person.rung("Small run", "Ready").waitFor();
    for (const id of [8, 10, 13, 15]) await state(person, id, /^Up to date/).waitFor();
    await state(person, 17, /^Waits for a person to start it/).waitFor();
    await says(person, 22, "Waits for full, which waits: This plan has had no small run").waitFor();
  });
});
