import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isCard } from "../../../cells/card.ts";
import { valueCodecs } from "../../../cells/value-codecs.ts";
import { decodeResult } from "../../../runtime/result-codec.ts";
import type { RunChoices } from "../../../server/headless/run-workbook-command.ts";
import { runWorkbook, type WorkbookOutcome } from "../../../server/headless/run-workbook.ts";
import { workspaceShell } from "../../../server/host.ts";
import { openWorkspace, type Workspace } from "../../../server/workspace.ts";
import { builtScript } from "../build-cli.ts";
import { temporaryFolder } from "../fixtures.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let child: string;

beforeAll(async () => {
  child = await builtScript(
    fileURLToPath(new URL("../../../server/headless/child.ts", import.meta.url)),
  );
  folder = await temporaryFolder();
}, 120_000);
afterAll(() => folder.remove());

const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 2 === 0 ? "even" : "odd"}`);
const csv = `a,kind\n${rows.join("\n")}\n`;

/** A workspace of its own with one data file. */
async function workspaceIn(name: string): Promise<Workspace> {
  const root = join(folder.path, name);
  await mkdir(join(root, "data"), { recursive: true });
  await writeFile(join(root, "data/points.csv"), csv);
  return await openWorkspace(root);
}

async function run(workspace: Workspace, ...cells: readonly string[]): Promise<WorkbookOutcome> {
  return await runWith({}, workspace, ...cells);
}

async function runWith(
  choices: RunChoices,
  workspace: Workspace,
  ...cells: readonly string[]
): Promise<WorkbookOutcome> {
  const file = join(workspace.root, "book.html");
  await writeFile(
    file,
    `<!doctype html>\n<notebook>\n<title>t</title>\n${cells.join("\n")}\n</notebook>\n`,
  );
  const shell = workspaceShell(workspace, { workbook: "book.html", ...choices });
  try {
    return await runWorkbook(file, {
      shell,
      path: "book.html",
      directories: [workspace.state],
      child,
      findReceipt: (id) => workspace.receipts.get(id),
      withShown: true,
    });
  } finally {
    await shell.close();
  }
}

function cachedIn({ cells }: WorkbookOutcome): readonly boolean[] {
  return cells.map(({ cached = false }) => cached);
}

const js = (id: number, source: string): string =>
  `<script id="${id}" type="module">\n${source}\n</script>`;

const lifecycle: readonly string[] = [
  `<script id="1" type="application/sql" output="points">select * from 'data/points.csv'</script>`,
  js(2, `const promise = view(schema(points, {a: "number", kind: {type: "category"}}));`),
  js(3, `const dev = view(sample(points, {label: "kind", rows: 40, perClass: 5}));`),
  js(4, `const twice = (x) => 2 * x;`),
  js(
    5,
    `const recipe = view(plan({schema: promise, features: ["a"], target: "kind",
     network: [dense(2)], epochs: 1}));`,
  ),
  `<script id="6" type="text/markdown">**\${points.numRows}** rows, and \${twice(21)}</script>`,
  `<script id="7" type="application/x-tex">x^2</script>`,
];

test("what one run came to the next one does not run, and has the same receipts", async () => {
  const workspace = await workspaceIn("twice");
  const first = await run(workspace, ...lifecycle);
  expect(first).toMatchObject({ ok: true });
  expect(cachedIn(first)).toEqual(lifecycle.map(() => false));
  const kept = await workspace.results.list("book.html");
  // all but the function, and written when the run is over
  expect(first.shown?.results.toSorted()).toEqual(kept.map(({ key }) => key).toSorted());
  expect(kept).toHaveLength(6);

  const second = await run(workspace, ...lifecycle);
  expect(cachedIn(second)).toEqual([true, true, true, false, true, true, true]);
  expect(second.shown?.results.toSorted()).toEqual(first.shown?.results.toSorted());
  expect(second.shown?.report.cells.map(({ cached }) => cached)).toEqual(cachedIn(second));
  expect(second.shown?.report.cells.map(({ outputs }) => outputs)).toEqual(
    first.shown?.report.cells.map(({ outputs }) => outputs),
  );
  const ids = ({ receipts }: WorkbookOutcome): unknown =>
    receipts.map((receipt) => "id" in receipt && receipt.id).toSorted();
  expect(first.receipts.map(({ stage }) => stage).toSorted()).toEqual(["plan", "sample", "schema"]);
  expect(ids(second)).toEqual(ids(first));

  const fresh = await runWith({ fresh: true }, workspace, ...lifecycle);
  expect(cachedIn(fresh)).toEqual(cachedIn(first));
  expect(fresh.shown?.results.toSorted()).toEqual(first.shown?.results.toSorted());
}, 60_000);

test("a card whose receipt the ledger does not have is not believed: its stage runs", async () => {
  const from = await workspaceIn("from");
  await run(from, ...lifecycle.slice(0, 3));
  const to = await workspaceIn("to");
  await cp(join(from.state, "results"), join(to.state, "results"), { recursive: true });
  const outcome = await run(to, ...lifecycle.slice(0, 3));
  expect(outcome).toMatchObject({ ok: true });
  expect(cachedIn(outcome)).toEqual([true, false, false]);
  expect(outcome.receipts.map(({ stage }) => stage).toSorted()).toEqual(["sample", "schema"]);
  for (const receipt of outcome.receipts)
    expect("id" in receipt && (await to.receipts.get(receipt.id))).toMatchObject({
      stage: receipt.stage,
    });
}, 60_000);

test("a file that changed is read again, and a result of what it was is not named", async () => {
  const workspace = await workspaceIn("changed");
  const first = await run(workspace, ...lifecycle.slice(0, 3));
  await writeFile(join(workspace.root, "data/points.csv"), `${csv}9,odd\n`);
  const second = await run(workspace, ...lifecycle.slice(0, 3));
  expect(cachedIn(second)).toEqual([false, false, false]);
  expect(second.receipts).toHaveLength(2);
  // the table's key says nothing of the file, and what is there now is of the newer one
  expect(second.shown?.results).toHaveLength(3);
  const newest = second.receipts.map((receipt) => "id" in receipt && receipt.id).toSorted();
  const shown: unknown[] = [];
  for (const key of second.shown?.results ?? []) {
    const bytes = await workspace.results.get("book.html", key);
    const result = bytes && decodeResult(bytes, valueCodecs);
    for (const value of result?.displays ?? []) if (isCard(value)) shown.push(value.receipt);
  }
  expect(shown.toSorted()).toEqual(newest);
  expect(first.shown?.results.filter((key) => second.shown?.results.includes(key))).toHaveLength(1);
}, 60_000);

test("a picture that nothing painted is not kept, nor a node to which somebody listens", async () => {
  const workspace = await workspaceIn("picture");
  const picture = js(1, "const url = html`<canvas></canvas>`.toDataURL();");
  const plain = js(2, "const two = 1 + 1;");
  const heard = `<script id="3" type="text/html">\${((node) => (node.addEventListener("click", () => {}), node))(html\`<b>x</b>\`)}</script>`;
  const quiet = `<script id="4" type="text/html"><b>\${1}</b></script>`;
  const first = await run(workspace, picture, plain, heard, quiet);
  expect(first).toMatchObject({ ok: true });
  const again = await run(workspace, picture, plain, heard, quiet);
  expect(cachedIn(again)).toEqual([false, true, false, true]);
}, 60_000);
