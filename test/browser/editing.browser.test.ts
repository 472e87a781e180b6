import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../harness/chromium.ts";
import { eventually, openAs } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

// Each body says that it ran, outside of what the runtime can know.
const counted = `<!doctype html>
<notebook theme="air">
  <title>Counted</title>
  <script id="1" type="module" pinned="">
    const a = ran("a") + 1;
  </script>
  <script id="2" type="module" pinned="">
    const sign = Math.sign(a + ran("sign"));
  </script>
  <script id="3" type="module" pinned="">
    ran("reads sign") + sign * 7 * 143
  </script>
  <script id="4"   type="module" pinned="" data-mine='kept'>
    const   unrelated = ran( "unrelated" ) ; // as the person wrote it
  </script>
  <script id="5" type="module" pinned="">
    function ran(name) {
      (globalThis.bodies ??= []).push(name);
      return 0;
    }
  </script>
  <p>what we do not know</p>
</notebook>
`;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(
    await makeWorkspace({ "counted.html": counted, "changed.html": counted }),
  );
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

test("an edit runs its cell and what depends on a value that changed; saving keeps every other byte", async () => {
  const person = await openAs(browser, tierbook, "counted.html");
  try {
    const bodies = (): Promise<readonly string[]> =>
      person
        .frame()
        .evaluate(() => (globalThis as unknown as { bodies: readonly string[] }).bodies);
    await person.cell(3).getByText("1001", { exact: true }).waitFor();
    expect((await bodies()).toSorted()).toEqual(["a", "reads sign", "sign", "unrelated"]);

    await person.rewrite(1, 'const a = ran("a") + 2;');
    await eventually(bodies, (all) => all.length === 6);
    expect((await bodies()).slice(4)).toEqual(["a", "sign"]);

    await person.rewrite(1, 'const a = ran("a") - 2;');
    await person.cell(3).getByText("-1001", { exact: true }).waitFor();
    expect((await bodies()).slice(6)).toEqual(["a", "sign", "reads sign"]);

    await person.page.keyboard.press("ControlOrMeta+s");
    await person.page.getByText("Saved", { exact: true }).waitFor();
    expect(await readFile(join(tierbook.workspace, "counted.html"), "utf8")).toBe(
      counted.replace('ran("a") + 1', 'ran("a") - 2'),
    );
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
});

test("saving over a file that changed on disk asks, and loses neither version", async () => {
  const person = await openAs(browser, tierbook, "changed.html");
  const file = join(tierbook.workspace, "changed.html");
  const theirs = counted.replace("Counted", "Theirs");
  try {
    await person.cell(3).getByText("1001", { exact: true }).waitFor();
    await writeFile(file, theirs);
    await person.rewrite(1, 'const a = ran("a") + 5;');
    await person.page.keyboard.press("ControlOrMeta+s");
    const dialog = person.page.getByRole("dialog");
    await dialog
      .getByText(/changed/i)
      .first()
      .waitFor();
    expect(await readFile(file, "utf8")).toBe(theirs);
    await dialog.getByRole("button", { name: /mine|my version|overwrite/i }).click();
    await eventually(
      () => readFile(file, "utf8"),
      (text) => text.includes('ran("a") + 5'),
    );
  } finally {
    await person.leave();
  }
});

test("an error is shown under its cell, with its line, and what it blocks says by whom", async () => {
  const person = await openAs(browser, tierbook, "counted.html");
  try {
    await person.cell(3).getByText("-1001", { exact: true }).waitFor();
    await person.rewrite(1, "const b = 1;\nconst a = missingName + b;");
    await person.cell(1).getByText("is not defined").waitFor();
    await person.cell(1).getByRole("button", { name: "line 2" }).waitFor();
    await person.cell(3).getByRole("button", { name: "sign" }).waitFor();
  } finally {
    await person.leave();
  }
});
