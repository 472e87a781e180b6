import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ShellApi } from "../../../cells/shell-api.ts";
import type { CellReport } from "../../../server/headless/child-api.ts";
import {
  runWorkbook,
  type RunWorkbookOptions,
  type WorkbookOutcome,
} from "../../../server/headless/run-workbook.ts";
import { workspaceShell, type WorkspaceShell } from "../../../server/host.ts";
import { openWorkspace, type Workspace } from "../../../server/workspace.ts";
import { builtCli, builtScript } from "../build-cli.ts";
import { temporaryFolder } from "../fixtures.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let workspace: Workspace;
let child: string;
let cli: string;
const shells: WorkspaceShell[] = [];

beforeAll(async () => {
  child = await builtScript(
    fileURLToPath(new URL("../../../server/headless/child.ts", import.meta.url)),
  );
  cli = await builtCli();
  folder = await temporaryFolder();
  await mkdir(join(folder.path, "data"));
  const rows = Array.from({ length: 80 }, (_, i) => {
    const sign = i % 2 === 0 ? 1 : -1;
    return `${sign + Math.sin(i) / 4},${-sign + Math.cos(i) / 4},${sign > 0 ? "even" : "odd"}`;
  });
  await writeFile(join(folder.path, "data/points.csv"), `a,b,kind\n${rows.join("\n")}\n`);
  workspace = await openWorkspace(folder.path);
}, 120_000);

afterAll(async () => {
  await Promise.all(shells.map((shell) => shell.close()));
  await folder.remove();
});

interface CellText {
  readonly type?: string;
  readonly output?: string;
  readonly source: string;
}

async function run(
  cells: readonly (string | CellText)[],
  options: Partial<RunWorkbookOptions> = {},
  override?: string,
): Promise<WorkbookOutcome & { readonly cards: readonly string[] }> {
  const scripts = cells.map((cell, i) => {
    const { type = "module", output, source } = typeof cell === "string" ? { source: cell } : cell;
    return `<script id="${i + 1}" type="${type}"${output === undefined ? "" : ` output="${output}"`}>\n${source}\n</script>`;
  });
  const file = join(folder.path, "book.html");
  await writeFile(
    file,
    `<!doctype html>\n<notebook>\n<title>t</title>\n${scripts.join("\n")}\n</notebook>\n`,
  );
  const command = [process.execPath, cli];
  const shell = workspaceShell(workspace, {
    workbook: "book.html",
    executor: { command },
    dryRun: { command },
    ...(override !== undefined && { override }),
  });
  shells.push(shell);
  const reports: CellReport[] = [];
  const outcome = await runWorkbook(file, {
    shell,
    path: "book.html",
    directories: [workspace.state],
    child,
    findReceipt: (id) => workspace.receipts.get(id),
    onReport: (report) => {
      if (report.type === "resting") shell.rest();
      reports.push(report);
    },
    ...options,
  });
  return {
    ...outcome,
    cards: reports.flatMap((report) =>
      report.type === "card" && report.isFinal ? [report.text] : [],
    ),
  };
}

const points: CellText = {
  type: "application/sql",
  output: "points",
  source: "select * from 'data/points.csv'",
};

const ladder: readonly (string | CellText)[] = [
  points,
  `const promise = view(schema(points, {a: "number", b: "number", kind: {type: "category"}}));`,
  `const dev = view(sample(points, {label: "kind", rows: 40, perClass: 5}));`,
  `const recipe = view(plan({schema: promise, features: ["a", "b"], target: "kind",
     network: [dense(units, "relu"), dense(2)], optimizer: {type: "adam", lr: 0.05}, epochs: 4, batch: 8}));`,
  `const dry = view(dryRun(recipe, dev));`,
  `const small = view(smallRun(recipe, dev));`,
  `const full = view(fullRun(recipe, points, {epochs: 6}));`,
  `if (full.state === "succeeded" && !(full.epoch === 6)) throw new Error("epoch " + full.epoch);`,
];

const override = "The slot on the cluster ends tonight";

test("the whole ladder is climbed, with a receipt from every stage and no need of an override", async () => {
  const units = "const units = view(Inputs.range([2, 16], {value: 8, step: 1}));";
  const { ok, reason, cells, receipts, cards } = await run([units, ...ladder], {}, override);
  expect({ ok, reason }).toEqual({ ok: true, reason: undefined });
  expect(cells.map(({ state }) => state)).toEqual(cells.map(() => "fresh"));
  expect(receipts.map(({ stage, verdict }) => `${stage} ${verdict}`).toSorted()).toEqual(
    ["dryRun", "fullRun", "plan", "sample", "schema", "smallRun"].map((stage) => `${stage} pass`),
  );
  const text = cards.join("\n");
  for (const title of ["Schema", "Development sample", "Plan", "Dry run", "Small run", "Full run"])
    expect(text).toContain(`${title}  ✓ passed`);
}, 60_000);

test("a person's reason does without the receipts that the workbook does not bring, and no others", async () => {
  const cells = ladder.filter((cell) => typeof cell !== "string" || !cell.includes("smallRun"));
  const { ok, receipts, cards } = await run(["const units = 12;", ...cells], {}, override);
  expect(ok).toBe(true);
  expect(cards.join("\n")).toContain(
    `Overridden: ${override}. Started although this plan has had no small run.`,
  );
  expect(receipts.find(({ stage }) => stage === "fullRun")).toMatchObject({ verdict: "warn" });
}, 60_000);

test("Plot, Markdown, HTML and inputs work without a page", async () => {
  const { reason, cells } = await run([
    `const size = view(Inputs.range([1, 9], {value: 4, step: 1}));`,
    `const chart = Plot.plot({marks: [Plot.dot([{x: 1, y: 2}], {x: "x", y: "y"})]});
     if (chart.querySelectorAll("circle").length !== 1) throw new Error("no dot");`,
    `if (size !== 4) throw new Error("size is " + size);`,
    { type: "text/markdown", source: "# Size ${size}" },
    { type: "text/html", source: "<b>${size}</b>" },
  ]);
  expect(reason).toBeUndefined();
  expect(cells.length).toBe(5);
});

test("a workbook whose stage fails is not ok, and says which cell and why", async () => {
  const { ok, reason, cells, receipts } = await run([
    points,
    `const promise = view(schema(points, {\n  a: {type: "number", max: 0},\n  kin: "category"\n}));`,
    `const dev = promise.columns.length;`,
  ]);
  expect(ok).toBe(false);
  expect(reason).toMatch(/^promise.*a: the value is above 0 in 40 rows/s);
  expect(reason).toContain("kin: there is no column `kin`");
  expect(cells.map(({ state }) => state)).toEqual(["fresh", "error", "blocked"]);
  expect(cells[2]?.error?.blockedBy).toBe(2);
  expect(receipts).toMatchObject([{ stage: "schema", verdict: "fail" }]);
});

test("an error names the line of its cell", async () => {
  const { reason } = await run([`const a = 1;\nconst b = a + missing;`]);
  expect(reason).toMatch(/line 2: .*missing/);
});

test("a full run that nothing admits is not waited for for ever once something failed", async () => {
  const { ok, cells } = await run([
    points,
    `const recipe = view(plan({features: [{column: "a", kind: "number"}],
       target: {column: "kind", kind: "category", vocabulary: ["even", "odd"]}, network: [dense(2)], epochs: 1}));`,
    `const full = view(fullRun(recipe, points));`,
    `throw new Error("broken");`,
  ]);
  expect(ok).toBe(false);
  expect(cells[2]?.waitsFor).toMatch(/dry run/);
}, 60_000);

test("formulas and drawings are made without a page; their mistakes have a line", async () => {
  const tex = "application/x-tex";
  const good = await run([
    "const n = 42;",
    { type: tex, output: "formula", source: "\\sqrt{${n}}" },
    { type: "text/vnd.graphviz", output: "drawing", source: 'digraph { a -> "${n}" }' },
    `if (formula.querySelector("msqrt")?.textContent !== "42") throw new Error("no formula");
     if (drawing.querySelector("text:last-of-type") === null) throw new Error("no drawing");`,
  ]);
  expect(good).toMatchObject({ ok: true });
  const bad = await run([{ type: tex, source: "a +\n\\nonsense" }]);
  expect(bad).toMatchObject({
    ok: false,
    cells: [{ state: "error", error: { line: 2 } }],
  });
}, 60_000);

test("cells that need another machine are no failure, unless others read them", async () => {
  const python = { type: "text/x-python", output: "frame", source: "frame = 1" };
  const message = "needs a machine with Python and is not run by Tierbook";
  const alone = await run([python, "const a = 1;"]);
  expect(alone).toMatchObject({
    ok: true,
    cells: [
      { state: "idle", error: { code: "not-run", message: `This cell ${message}` } },
      { state: "fresh" },
    ],
  });
  const read = await run([python, "const size = frame.length;"]);
  expect(read).toMatchObject({
    ok: false,
    reason: `size: \`frame\` ${message}`,
    cells: [{ state: "idle" }, { state: "blocked", error: { blockedBy: 1 } }],
  });
}, 60_000);

test("a workbook that hangs is stopped at its time", async () => {
  const { ok, reason } = await run(["for (;;);"], { timeout: 2000 });
  expect({ ok, reason }).toEqual({ ok: false, reason: "it was not finished after 2 s" });
});

test("a workbook is stopped when its signal says so", async () => {
  const stopping = new AbortController();
  const outcome = run(["const a = 1;", "await new Promise(() => {});"], {
    signal: stopping.signal,
    onReport: (report) => {
      if (report.type === "cell" && report.cell.id === 1 && report.cell.state === "fresh")
        stopping.abort();
    },
  });
  expect(await outcome).toMatchObject({ ok: false, reason: "it was stopped" });
});

test("a workbook whose process dies says so", async () => {
  const { ok, reason } = await run(["process.exit(7)"]);
  expect({ ok, reason }).toEqual({ ok: false, reason: "its process ended with status 7" });
});

test("cells run without the server's token", async () => {
  process.env["TIERBOOK_TOKEN"] = "secret";
  try {
    const { reason } = await run([
      `if (process.env.TIERBOOK_TOKEN !== undefined) throw new Error("the token is there");`,
    ]);
    expect(reason).toBeUndefined();
  } finally {
    delete process.env["TIERBOOK_TOKEN"];
  }
});

test("what the process may ask is checked: a made-up request reaches no workspace", async () => {
  const asked: PropertyKey[] = [];
  const { reason } = await run(
    [
      `await new Promise((resolve) => {
         const hear = (message) => {
           if (message?.id !== 777) return;
           process.off("message", hear);
           resolve();
         };
         process.on("message", hear);
         process.send({type: "call", id: 777, method: "save", args: [{}]});
       });`,
    ],
    {
      shell: new Proxy({} as ShellApi, {
        get: (_, method) => () => {
          asked.push(method);
          return Promise.resolve();
        },
      }),
    },
  );
  // the process itself asks for what is known
  expect({ reason, asked }).toEqual({ reason: undefined, asked: ["results"] });
});
