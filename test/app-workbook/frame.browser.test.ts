import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { convertToDatabase } from "../../data/file-database.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { serveFrame, type FrameOptions, type FramePage, type FrameServer } from "./frame-page.ts";
import type { HostPage } from "./host-page.ts";

let server: FrameServer;
beforeAll(async () => {
  server = await serveFrame();
});
afterAll(() => server.close());

const types = { js: "module", md: "text/markdown", sql: "application/sql" };

function notebook(...cells: readonly (readonly [keyof typeof types, string, string?])[]): string {
  const scripts = cells.map(
    ([mode, source, more = ""], index) =>
      `  <script id="${index + 1}" type="${types[mode]}"${mode === "md" ? "" : ' pinned=""'}${more}>\n    ${source.replaceAll("\n", "\n    ")}\n  </script>\n`,
  );
  return `<!doctype html>\n<notebook theme="air">\n  <title>Test</title>\n${scripts.join("")}</notebook>\n`;
}

async function open(
  options: FrameOptions,
  use: (opened: FramePage & { cell(id: number): ReturnType<Page["locator"]> }) => Promise<void>,
): Promise<void> {
  const opened = await server.open(options);
  try {
    await use({ ...opened, cell: (id) => opened.frame.locator(`#cell-${id}`) });
    expect(opened.faults.offOrigin).toEqual([]);
  } finally {
    await opened.close();
  }
}

function seen(page: Page): Promise<Omit<HostPage, "remote" | "kept">> {
  return page.evaluate(() => {
    const { drafts, saved, running, asked } = globalThis.host;
    return { drafts, saved, running, asked };
  });
}

async function bodies(page: Page): Promise<readonly number[]> {
  const { running } = await seen(page);
  return running.filter((id) => id !== null).toSorted((a, b) => a - b);
}

/** Waits until something holds that the page will come to by itself. */
async function until<Value>(
  read: () => Promise<Value>,
  holds: (value: Value) => boolean,
): Promise<Value> {
  for (const end = Date.now() + 15_000; ;) {
    const value = await read();
    if (holds(value) || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function state(name: string): string {
  return `[role=img][aria-label^="${name}"]`;
}

test("an edit runs its cell and what depends on it, and nothing else", async () => {
  const text = notebook(
    ["js", "const a = 1;"],
    ["js", "const b = a + 1;"],
    ["js", "const c = 10;"],
    ["js", "b * 100"],
  );
  await open({ text }, async ({ page, cell }) => {
    await cell(4).getByText("200").waitFor();
    expect(await bodies(page)).toEqual([1, 2, 3, 4]);

    await cell(1).getByText("const a = 1;").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("const a = 4;");
    await cell(1).getByText("edited, not run").waitFor();
    expect(await bodies(page)).toEqual([1, 2, 3, 4]);

    await page.keyboard.press("Shift+Enter");
    await cell(4).getByText("500").waitFor();
    expect(await bodies(page)).toEqual([1, 1, 2, 2, 3, 4, 4]);
    expect(await cell(2).evaluate((node) => node === document.activeElement)).toBe(true);
  });
});

test("a cell runs when it is asked to, once, though nothing in it changed", async () => {
  await open({ text: notebook(["js", "const a = 1;"], ["js", "a"]) }, async ({ page, cell }) => {
    await cell(2).getByText("1", { exact: true }).first().waitFor();
    await cell(1).focus();
    await page.keyboard.press("Control+Enter");
    await until(
      () => bodies(page),
      (ids) => ids.length > 2,
    );
    expect(await bodies(page)).toEqual([1, 1, 2]);
  });
});

test("who points at a cell's state reads why it ran again", async () => {
  const text = notebook(["js", "const a = 1;"], ["js", "const b = a + 1;"], ["js", "[a, b]"]);
  await open({ text }, async ({ page, cell }) => {
    const tip = async (id: number): Promise<string> => {
      await cell(id).getByRole("img", { name: "Up to date" }).hover();
      return await cell(id)
        .getByRole("img", { name: "Up to date" })
        .evaluate((node) => getComputedStyle(node, "::after").content);
    };
    await cell(3).getByText("[1, 2]").first().waitFor();
    expect(await tip(3)).not.toContain("again");
    await cell(1).getByText("const a = 1;").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("const a = 4;");
    await page.keyboard.press("Shift+Enter");
    await cell(3).getByText("[4, 5]").first().waitFor();
    expect(await tip(3)).toContain("Ran again because `a` and `b` changed");
    expect(await tip(1)).toContain("Ran again because the code changed");
  });
});

test("typing reaches the shell as a draft, and saving changes the edited cell's bytes alone", async () => {
  const text = notebook(["md", "# Title"], ["js", "const  a   = 1;"], ["js", "a"]);
  await open({ text }, async ({ page, cell }) => {
    await cell(3).locator(".cell-source").click();
    await page.keyboard.press("End");
    await page.keyboard.type(" + 1");
    const wanted = text.replace("    a\n", "    a + 1\n");
    const { drafts } = await until(
      () => seen(page),
      ({ drafts: sent }) => sent.at(-1) === wanted,
    );
    expect(drafts.at(-1)).toBe(wanted);
    await page.keyboard.press("Control+s");
    const { saved } = await until(
      () => seen(page),
      ({ saved: written }) => written.length > 0,
    );
    expect(saved).toEqual([wanted]);
  });
});

test("an error names its line, and what it blocks leads to it", async () => {
  const text = notebook(
    ["js", "const rows = [{x: 1}];\nconst first = rows[1].x;"],
    ["js", "const model = first + 1;"],
    ["js", "model"],
  );
  await open({ text }, async ({ cell }) => {
    await cell(1).getByRole("button", { name: "line 2" }).waitFor();
    await cell(1).locator(state("Failed")).waitFor();
    await cell(3).locator(state("Blocked")).waitFor();
    expect(await cell(3).getByRole("button", { name: "first" }).count()).toBe(1);
    expect(await cell(3).innerText()).toContain("which failed: Cannot read properties");
    await cell(3).getByRole("button", { name: "first" }).click();
    expect(await cell(1).evaluate((node) => node === document.activeElement)).toBe(true);
  });
});

test("a fault in SQL is marked on its own line", async () => {
  const text = notebook(
    ["js", "const n = 3;"],
    ["sql", "select *\nfrom range(${n}) t(i)\nwhere nope > 1"],
  );
  await open({ text }, async ({ cell }) => {
    await cell(2).locator(state("Failed")).waitFor();
    expect(await cell(2).getByRole("button", { name: /^line/ }).innerText()).toBe(
      "line 3, column 7",
    );
  });
});

test("a deleted cell comes back by undo, with its value", async () => {
  await open(
    { text: notebook(["js", "const a = 7;"], ["js", "a"]) },
    async ({ frame, page, cell }) => {
      await cell(2).getByText("7", { exact: true }).waitFor();
      await cell(1).focus();
      await page.keyboard.press("d");
      await page.keyboard.press("d");
      await cell(2).locator(state("Failed")).waitFor();
      await frame.getByRole("button", { name: "Undo" }).click();
      await cell(2).getByText("7", { exact: true }).waitFor();
      expect(await cell(1).count()).toBe(1);
    },
  );
});

test("a table of 100,000 rows scrolls to its last row with few rows in the page", async () => {
  const text = notebook(["sql", "select i, i * 2 as twice from range(100000) t(i)", ' output="t"']);
  await open({ text }, async ({ frame, cell }) => {
    await cell(1).getByText("t: 100,000 rows × 2 columns").waitFor();
    const region = frame.getByRole("region", { name: /100,000 rows/ });
    await region.evaluate((node) => node.scrollTo(0, node.scrollHeight));
    await region.getByText("199998").waitFor();
    expect(await region.locator("tr").count()).toBeLessThan(40);
    const box = await region.getByText("199998").boundingBox();
    const view = await region.boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(
      (view?.y ?? 0) + (view?.height ?? 0),
    );
  });
});

test("a table too large for the page shows its last rows too, from the database", async () => {
  const text = notebook([
    "sql",
    "select i, i * 2 as twice from range(1000000) t(i)",
    ' output="t"',
  ]);
  await open({ text }, async ({ frame, cell }) => {
    await cell(1).getByText("t: 1,000,000 rows × 2 columns, kept in the database").waitFor();
    const region = frame.getByRole("region", { name: /1,000,000 rows/ });
    await region.getByText("22", { exact: true }).waitFor();
    await region.evaluate((node) => node.scrollTo(0, node.scrollHeight));
    await region.getByText("1999998").waitFor();
  });
});

test("a disabled cell does not run until it is enabled", async () => {
  const text = notebook(["js", "const a = 1;"], ["js", "const b = a + 1;"], ["js", "b"]);
  await open({ text, disabled: [2] }, async ({ page, cell }) => {
    await cell(3).locator(state("Blocked")).waitFor();
    expect(await bodies(page)).toEqual([1]);
    await cell(2).getByRole("button", { name: "Enable" }).click();
    await cell(3).getByText("2", { exact: true }).waitFor();
  });
});

test("a held workbook shows what is known, runs what it is told to, and goes on when released", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tierbook-held-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const csv = join(folder, "a.csv");
  await writeFile(csv, "n\n20\n22\n");
  const digest = sha256(await readFile(csv));
  const { location, table } = await convertToDatabase(csv, { digest, directory: folder });
  const text = notebook(
    ["md", "# Prose"],
    ["sql", "select sum(n)::INT as answer from 'a.csv'", ' output="sums"'],
    ["js", 'const lines = (await FileAttachment("a.csv").text()).trim().split("\\n");'],
    ["js", "const shout = (value) => `${value}!`;"],
    ["js", "display(shout([...sums][0].answer + lines.length));"],
  );
  const options = {
    tables: { "a.csv": { file: location, digest, table } },
    files: { "a.csv": csv },
  };
  await open({ text, ...options }, async ({ page, frame, cell }) => {
    // both came as bytes, and nothing was fetched for them
    await cell(5).getByText("45!").first().waitFor();
    const { report, kept, results } = await page.evaluate(async () => {
      const { report, results = [] } = (await globalThis.host.remote?.share()) ?? {};
      return { report, results, kept: [...globalThis.host.kept.keys()] };
    });
    expect(report?.cells.map(({ state }) => state)).toEqual(Array(5).fill("fresh"));
    // all but the function, each written before it was named
    expect(results).toHaveLength(4);
    expect(kept).toEqual(expect.arrayContaining([...results]));

    const before = await bodies(page);
    const hold = (text: string): Promise<void> =>
      page.evaluate(async (text) => {
        const opened = { path: "a.html", text, disabled: [], held: true };
        await globalThis.host.remote?.open({ ...opened, colorScheme: "light" });
      }, text);
    await hold(text.replace("${value}!", "${value}?"));
    await frame.getByRole("heading", { name: "Prose" }).waitFor();
    await cell(2).getByRole("cell", { name: "42" }).waitFor();
    await cell(4).getByText("Runs when you let the workbook run").waitFor();
    await cell(5).getByText("Waits for shout, which has not run").waitFor();
    await cell(4).getByRole("button", { name: "Run", exact: true }).click();
    await cell(5).getByText("Runs when you let the workbook run").waitFor();
    expect(await bodies(page)).toEqual([...before, 4].toSorted((a, b) => a - b));
    await page.evaluate(() => globalThis.host.remote?.release());
    await cell(5).getByText("45?").first().waitFor();
    expect(await bodies(page)).toEqual([...before, 4, 5].toSorted((a, b) => a - b));
  });
});

test("what is edited and not run is not shared, nor what is below it", async () => {
  const text = notebook(["js", 'const a = "secret";'], ["js", "const b = a + 1;"], ["js", "7"]);
  await open({ text }, async ({ page, cell }) => {
    const shared = (): Promise<number | undefined> =>
      page.evaluate(async () => (await globalThis.host.remote?.share())?.results.length);
    await cell(3).getByText("7").first().waitFor();
    expect(await shared()).toBe(3);
    await cell(1).getByText("secret").first().click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type('const a = "";');
    await cell(1).getByText("edited, not run").waitFor();
    expect(await shared()).toBe(1);
  });
});

test("text opens for editing by a second click, and closes with its new rendering", async () => {
  const text = notebook(["md", "# Old"], ["js", "1"]);
  await open({ text }, async ({ frame, page, cell }) => {
    const heading = frame.getByRole("heading", { name: "Old" });
    await heading.click();
    const editor = cell(1).getByRole("textbox", { name: /Markdown source/ });
    expect(await editor.count()).toBe(0);
    await heading.click();
    await editor.waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("# New");
    await page.keyboard.press("Shift+Enter");
    await frame.getByRole("heading", { name: "New" }).waitFor();
    await editor.waitFor({ state: "hidden" });
    expect(await heading.count()).toBe(0);
  });
});

test("a cell is inserted below another one from the toolbar, written and run", async () => {
  const text = notebook(["js", "const a = 3;"], ["js", "a"]);
  await open({ text }, async ({ frame, page, cell }) => {
    await cell(1).hover();
    await cell(1).getByRole("button", { name: "Insert a cell below" }).click();
    await frame.getByRole("menuitem", { name: "SQL" }).click();
    await page.keyboard.type("select 41 + 1 as answer");
    await page.keyboard.press("Control+Enter");
    await cell(3).getByRole("cell", { name: "42" }).waitFor();
    const order = await frame.locator(".cell").evaluateAll((nodes) => nodes.map(({ id }) => id));
    expect(order).toEqual(["cell-1", "cell-3", "cell-2"]);
  });
});

test("a cell that loops for ever leaves its number and its text with the shell", async () => {
  const text = notebook(["js", "1"], ["js", "2"]);
  await open({ text }, async ({ page, cell }) => {
    await cell(2).getByText("2", { exact: true }).first().waitFor();
    await cell(2).locator(".cell-source").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("for (;;) ;");
    // the key is never acknowledged: the frame is busy for good
    page.keyboard.press("Shift+Enter").catch(() => undefined);
    const { running, drafts } = await until(
      () => seen(page),
      ({ running: ids }) => ids.at(-1) === 2,
    );
    expect(running.at(-1)).toBe(2);
    expect(drafts.at(-1)).toContain("for (;;) ;");
  });
});

test("no cell finds a way around the network policy in WebRTC", async () => {
  const text = notebook(["js", "typeof globalThis.RTCPeerConnection"]);
  await open({ text }, async ({ cell }) => {
    await cell(1).getByText('"undefined"').waitFor();
  });
});

test("an input's value flows on as it is moved, and the input stays the same element", async () => {
  const text = notebook(
    ["js", 'const n = view(Inputs.range([0, 10], {label: "N", step: 1, value: 2}));'],
    ["js", "n * 1000"],
  );
  await open({ text }, async ({ frame, cell }) => {
    await cell(2).getByText("2000").waitFor();
    const field = frame.getByRole("spinbutton");
    await field.fill("7");
    await cell(2).getByText("7000").waitFor();
    expect(await field.evaluate((node) => node === document.activeElement)).toBe(true);
  });
});

test("three hundred cells are on the page within a second", async () => {
  const cells = Array.from({ length: 300 }, (_, index) =>
    index % 3 === 0
      ? (["md", `## Section ${index}`] as const)
      : (["js", `const v${index} = [${index}].map((x) => x + 1);`] as const),
  );
  await open({ text: notebook(...cells) }, async ({ frame, cell }) => {
    await cell(300).waitFor();
    const opened = await frame.evaluate(() => {
      const [shown] = performance.getEntriesByName("workbook-shown");
      const [asked] = performance.getEntriesByName("workbook-open");
      return (shown?.startTime ?? Infinity) - (asked?.startTime ?? 0);
    });
    expect(opened).toBeLessThan(1000);
  });
});
