import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../harness/chromium.ts";
import { openAs } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

const modes = `<!doctype html>
<notebook theme="air">
  <title>Every mode</title>
  <script id="1" type="text/markdown">
    # Every mode

    The error falls as ${"${tex`1/\\sqrt{${rows}}`}"}, and the loss is

    ${"${tex.block`-\\frac{1}{n} \\sum_{i=1}^{n} \\log p_\\theta(y_i \\mid x_i)`}"}
  </script>
  <script id="2" type="module" pinned="">
    const rows = 6 * 7;
  </script>
  <script id="3" type="application/x-tex">
    \\mathrm{softmax}(z)_k = \\frac{e^{z_k}}{\\sum_{j=1}^{${"${rows}"}} e^{z_j}}
  </script>
  <script id="4" type="text/vnd.graphviz">
    digraph {
      rankdir=LR
      node [shape=box style=rounded]
      "sample of ${"${rows}"}" -> "dry run" -> "small run" -> "full run" [label="opens"]
      "dry run" [style="filled,rounded"]
    }
  </script>
  <script id="5" type="text/x-typescript" pinned="">
    const half: number = (rows as number) / 2;
  </script>
  <script id="6" type="application/vnd.observable.javascript" pinned="">
    viewof size = Inputs.range([0, 10], {value: 4, step: 1, label: "size"})
  </script>
  <script id="7" type="application/vnd.observable.javascript" pinned="">
    mutable count = 5
  </script>
  <script id="8" type="application/vnd.observable.javascript" pinned="">
    \`size \${size}, half \${half}, count \${count}\`
  </script>
  <script id="9" type="application/vnd.observable.javascript" pinned="">
    html\`<button onclick=\${() => ++mutable count}>count</button>\`
  </script>
  <script id="10" type="text/html">
    <p>HTML with <b>${"${rows}"}</b> rows</p>
  </script>
  <script id="11" type="application/sql" output="answer" pinned="">
    select ${"${rows}"} + 1 as answer
  </script>
  <script id="12" type="text/x-python" output="frame"   data-mine='kept'>
    import pandas as pd
    frame = pd.DataFrame({"a": [1, 2]})
  </script>
  <script id="13" type="module" pinned="">
    frame.length
  </script>
  <script id="14" type="text/x-r">
    summary(lm(a ~ b, data = d))
  </script>
  <script id="15" type="application/vnd.node.javascript" output="version">
    process.stdout.write(process.version);
  </script>
  <script id="16" type="application/x-tex">
    a +
      \\fraction{1}{2}
  </script>
  <script id="17" type="text/vnd.graphviz">
    digraph {
      a -> b ]
    }
  </script>
</notebook>
`;

const plain = `<!doctype html>
<notebook theme="air">
  <title>Plain</title>
  <script id="1" type="module" pinned="">
    1001
  </script>
</notebook>
`;

beforeAll(async () => {
  browser = await launchChromium();
  tierbook = await startTierbook(
    await makeWorkspace({ "modes.html": modes, "kept.html": modes, "plain.html": plain }),
  );
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

function state(word: string): string {
  return `[role=img][aria-label^="${word}"]`;
}

test("a workbook with cells of every mode shows what each is for, from our own origin alone", async () => {
  const person = await openAs(browser, tierbook, "modes.html");
  const { cell, frame } = person;
  try {
    for (const id of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
      await cell(id).locator(state("Up to date")).waitFor();
    // formulas and drawings are seen by their parts: the eye's is hidden from screen readers
    await cell(1).locator("math").getByText("42", { exact: true }).waitFor();
    expect(await cell(1).locator('math[display="block"]').count()).toBe(1);
    await cell(3).locator("math").getByText("42", { exact: true }).waitFor();
    const fonts = await frame().evaluate(async () => {
      await document.fonts.ready;
      return Array.from(document.fonts).flatMap(({ family, status }) =>
        status === "loaded" ? [family.replaceAll('"', "")] : [],
      );
    });
    expect(fonts).toEqual(expect.arrayContaining(["KaTeX_Main", "KaTeX_Math"]));
    for (const text of ["sample of 42", "dry run", "full run"])
      await cell(4).locator("svg text").getByText(text, { exact: true }).waitFor();
    await cell(8).getByText('"size 4, half 21, count 5"').waitFor();
    await cell(10).getByText("HTML with 42 rows").waitFor();
    await cell(11).getByText("43", { exact: true }).waitFor();

    await cell(6).getByRole("slider").fill("9");
    await cell(9).getByRole("button", { name: "count" }).click();
    await cell(8).getByText('"size 9, half 21, count 6"').waitFor();
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
}, 60_000);

test("a drawing and a formula have the colour of the text around them, in the dark too", async () => {
  const person = await openAs(browser, tierbook, "modes.html");
  const colours = (): Promise<readonly string[]> =>
    person.frame().evaluate(() => {
      const of = (selector: string, name: string): string => {
        const part = document.querySelector(selector);
        return part === null ? "nothing" : getComputedStyle(part).getPropertyValue(name);
      };
      return [
        of("body", "color"),
        of("#cell-4 svg .node path", "stroke"),
        of("#cell-4 svg text", "fill"),
        of("#cell-3 .katex", "color"),
      ];
    });
  try {
    await person.cell(4).locator("svg text").getByText("dry run").waitFor();
    await person.cell(3).locator("math").waitFor({ state: "attached" });
    let before: string | undefined;
    for (const colorScheme of ["light", "dark"] as const) {
      await person.page.emulateMedia({ colorScheme });
      // the page tells the frame of it
      await expect.poll(async () => (await colours())[0]).not.toBe(before);
      const [ink = "", ...drawn] = await colours();
      expect(drawn).toEqual([ink, ink, ink]);
      before = ink;
    }
  } finally {
    await person.leave();
  }
}, 60_000);

test("cells that need another machine are shown, not run, and saving keeps them byte for byte", async () => {
  const person = await openAs(browser, tierbook, "kept.html");
  const { cell } = person;
  try {
    const languages = [
      [12, "Python", "import pandas as pd"],
      [14, "R", "summary(lm(a ~ b, data = d))"],
      [15, "Node.js", "process.stdout.write(process.version);"],
    ] as const;
    for (const [id, language, source] of languages) {
      await cell(id)
        .getByText(`This cell needs a machine with ${language} and is not run by Tierbook`)
        .waitFor();
      await cell(id).getByText(source).waitFor();
      await cell(id).locator(state("Not run here")).waitFor();
    }
    await cell(13).locator(state("Blocked")).waitFor();
    await cell(13)
      .getByText("Waits for frame, which needs a machine with Python and is not run by Tierbook")
      .waitFor();

    await cell(2).getByText("const rows = 6 * 7;").waitFor();
    await person.rewrite(2, "const rows = 6 * 8;");
    await cell(10).getByText("HTML with 48 rows").waitFor();
    await person.page.keyboard.press("ControlOrMeta+s");
    await person.page.getByText("Saved", { exact: true }).waitFor();
    expect(await readFile(join(tierbook.workspace, "kept.html"), "utf8")).toBe(
      modes.replace("6 * 7", "6 * 8"),
    );
  } finally {
    await person.leave();
  }
}, 60_000);

test("a mistake in TeX or in a graph says what and where", async () => {
  const person = await openAs(browser, tierbook, "modes.html");
  const { cell } = person;
  try {
    const tex = cell(16).getByRole("alert");
    await tex.getByText("Undefined control sequence: \\fraction").waitFor();
    await tex.getByRole("button", { name: "line 2, column 3" }).waitFor();
    const dot = cell(17).getByRole("alert");
    await dot.getByText("syntax error near ]").waitFor();
    await dot.getByRole("button", { name: "line 2, column 10" }).waitFor();
  } finally {
    await person.leave();
  }
}, 60_000);

test("a formula and a graph can be made in the page; before that nothing of theirs is loaded", async () => {
  const person = await openAs(browser, tierbook, "plain.html");
  const { page, cell } = person;
  const loaded = (): Promise<string> =>
    person.frame().evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => name)
        .join("\n"),
    );
  try {
    await cell(1).getByText("1001").first().waitFor();
    expect(await loaded()).not.toMatch(/katex|tex-|viz/i);

    const inFrame = page.frameLocator("iframe");
    await inFrame.getByRole("button", { name: "Add a TeX cell" }).click();
    await page.keyboard.insertText("\\sqrt{2}");
    await page.keyboard.press("Shift+Enter");
    await cell(2).locator("math msqrt").waitFor({ state: "attached" });
    expect(await loaded()).toMatch(/katex/i);
    expect(await loaded()).not.toMatch(/viz/i);

    await inFrame.getByRole("button", { name: "Add a Graphviz cell" }).click();
    await page.keyboard.insertText("graph { owl -- hawk }");
    await page.keyboard.press("Shift+Enter");
    await cell(3).locator("svg text").getByText("hawk").waitFor();

    await page.keyboard.press("ControlOrMeta+s");
    await page.getByText("Saved", { exact: true }).waitFor();
    const saved = await readFile(join(tierbook.workspace, "plain.html"), "utf8");
    expect(saved).toMatch(/type="application\/x-tex"[^>]*>\s*\\sqrt\{2\}\s*<\/script>/);
    expect(saved).toMatch(
      /type="text\/vnd\.graphviz"[^>]*>\s*graph \{ owl -- hawk \}\s*<\/script>/,
    );
    expect(person.faults).toEqual({ offOrigin: [], errors: [] });
  } finally {
    await person.leave();
  }
}, 60_000);
