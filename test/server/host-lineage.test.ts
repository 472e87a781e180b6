import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { RunUpdate, SubmitRequest, TrainRequest } from "../../cells/host.ts";
import { engineVersion, lineageDigest, lineageFrom, type Lineage } from "../../data/index.ts";
import type { LineageRows } from "../../engines/run.ts";
import { digestKey } from "../../runtime/digest.ts";
import { workspaceShell, type WorkspaceShell } from "../../server/host.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { builtCli } from "./build-cli.ts";
import { makePlan, makeRows, temporaryFolder } from "./fixtures.ts";
import { collect } from "./test-server.ts";

let command: readonly string[];
let workspace: Workspace;
let shell: WorkspaceShell;
let remove: () => Promise<void>;

beforeAll(async () => (command = [process.execPath, await builtCli()]), 120_000);
beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  workspace = await openWorkspace(folder.path);
  shell = workspaceShell(workspace, {
    workbook: "book.html",
    executor: { command, grace: 2_000 },
    dispatcher: { interval: 100 },
    dryRun: { command },
  });
});
afterEach(async () => {
  for (const { key } of await workspace.runs.unfinished()) await shell.cancel(key);
  await shell.close();
  await remove();
});

const plan = makePlan();

/** The full run of a table that is made of a file of the workspace by one statement. */
async function fromFile(sql: string): Promise<SubmitRequest> {
  const rows = [...makeRows(300)].map(({ a, b, kind }) => `${a},${b},${kind}`);
  await writeFile(join(workspace.root, "rows.csv"), ["a,b,kind", ...rows].join("\n"));
  const { digest } = await shell.table("rows.csv");
  return ofLineage(
    lineageFrom(sql, { engine: engineVersion, tables: {}, files: { "rows.csv": digest } }),
  );
}

function ofLineage(lineage: Lineage, numRows = 300): SubmitRequest {
  const rows: LineageRows = { digest: lineageDigest(lineage), numRows, lineage };
  return { plan, rows, engine: "tfjs", device: "wasm" };
}

/** Takes the plan up to its small run. */
async function climb(): Promise<string> {
  const table = makeRows(60);
  const rows = { digest: table[digestKey], numRows: table.numRows, ipc: table.toIPC() };
  const request: TrainRequest = { plan, rows, engine: "tfjs", device: "wasm" };
  await shell.dryRun({ plan, rows, device: "wasm" });
  const [attached] = await collect(shell.train(request));
  return attached?.type === "attached" ? attached.key : "";
}

test("a full run of rows that are named by their lineage sends nothing and makes them itself", async () => {
  const small = await climb();
  const request = await fromFile("select * from 'rows.csv'");
  const updates = await collect(shell.submit(request));
  const [attached, first] = updates;
  expect(attached).toMatchObject({ type: "attached", known: false });
  expect(first).toMatchObject({
    event: { state: "accepted", prediction: { from: small, seconds: expect.any(Number) } },
  });
  const key = attached?.type === "attached" ? attached.key : "";
  expect((await workspace.runs.get(key)).request.rows).toEqual(request.rows);
  expect(updates.some((update) => update.type === "event" && update.event.type === "data")).toBe(
    true,
  );
  expect(endOf(updates)).toMatchObject({ state: "succeeded", data: { numRows: 300 } });
}, 60_000);

test("rows that cannot be made here are refused before anybody climbs for them", async () => {
  const lineage = (sql: string, engine = engineVersion): Lineage =>
    lineageFrom(sql, { engine, tables: {}, files: {} });
  const refused: readonly (readonly [SubmitRequest, string])[] = [
    [ofLineage(lineage("select 1 as a", "v0.1.0")), "lineage"],
    [ofLineage(lineage("select * from 'other.csv'")), "sql"],
  ];
  for (const [request, code] of refused)
    await expect(collect(shell.submit(request))).rejects.toMatchObject({ code });
  expect(await workspace.runs.keys()).toEqual([]);
});

function endOf(updates: readonly RunUpdate[]): unknown {
  const last = updates.at(-1);
  return last?.type === "result" ? last.result : undefined;
}
