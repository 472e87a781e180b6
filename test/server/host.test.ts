import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { RunUpdate, TrainRequest } from "../../cells/host.ts";
import type { Plan } from "../../engines/plan.ts";
import { digestKey } from "../../runtime/digest.ts";
import { workspaceShell, type WorkspaceShell } from "../../server/host.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { builtCli } from "./build-cli.ts";
import { makePlan, makeReceipt, makeRequest, makeRows, temporaryFolder } from "./fixtures.ts";
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
  shell = makeShell();
});
afterEach(async () => {
  for (const { key } of await workspace.runs.unfinished()) await shell.cancel(key);
  await shell.close();
  await remove();
});

const makeShell = (override?: string): WorkspaceShell =>
  workspaceShell(workspace, {
    workbook: "book.html",
    ...(override !== undefined && { override }),
    executor: { command, grace: 2_000 },
    dispatcher: { interval: 100 },
    dryRun: { command },
  });

function trainRequest(plan: Plan = makePlan(), count = 60): TrainRequest {
  const table = makeRows(count);
  const rows = { digest: table[digestKey], numRows: table.numRows, ipc: table.toIPC() };
  return { plan, rows, engine: "tfjs", device: "wasm" };
}

const endOf = (updates: readonly RunUpdate[]): unknown => {
  const last = updates.at(-1);
  return last?.type === "result" ? last.result : undefined;
};

test("a dry run without a page is the server's own, on rows that it keeps", async () => {
  const { plan, rows } = trainRequest();
  const receipt = await shell.dryRun({ plan, rows, device: "wasm" });
  expect(receipt).toMatchObject({
    stage: "dryRun",
    verdict: "pass",
    vouchedBy: "server",
    subject: { data: { rows: rows.digest }, blob: expect.any(String), recipe: expect.any(String) },
  });
  expect(await workspace.blobs.has(receipt.subject.blob ?? "")).toBe(true);
});

test("a dry run of a broken plan is a receipt with every fault, not an exception", async () => {
  const { rows } = trainRequest();
  const plan = makePlan({
    features: [{ column: "nowhere", kind: "number", scale: "standard", missing: "refuse" }],
    target: { column: "kind", kind: "category", vocabulary: ["even"] },
  });
  const receipt = await shell.dryRun({ plan, rows, device: "wasm" });
  expect(receipt).toMatchObject({ verdict: "fail", vouchedBy: "server" });
  expect(receipt.checks.filter(({ verdict }) => verdict === "fail").length).toBeGreaterThan(1);
});

test("the whole ladder is climbed without a page; the full run waits until it is open", async () => {
  const plan = makePlan();
  const waiting: string[][] = [];
  const full = (async () => {
    const updates: RunUpdate[] = [];
    for await (const update of shell.submit(trainRequest(plan, 120))) {
      updates.push(update);
      if (update.type === "waiting") waiting.push([...update.reasons]);
    }
    return updates;
  })();
  const { rows } = trainRequest(plan);
  await shell.dryRun({ plan, rows, device: "wasm" });
  const small = await collect(shell.train(trainRequest(plan)));
  expect(small[0]).toMatchObject({ type: "attached", known: false });
  expect(endOf(small)).toMatchObject({ state: "succeeded" });
  expect(endOf(await full)).toMatchObject({ state: "succeeded" });
  expect(waiting[0]).toHaveLength(2);
  expect(waiting.at(-1)).toEqual([expect.stringContaining("small run")]);
  const vouched = (await workspace.ledger.entries()).map(
    ({ body }) => body as { stage?: string; vouchedBy?: string },
  );
  expect(vouched.filter(({ stage }) => stage !== undefined)).toMatchObject([
    { stage: "dryRun", vouchedBy: "server" },
    { stage: "smallRun", vouchedBy: "server" },
    { stage: "dryRun", vouchedBy: "server" },
    { stage: "fullRun", vouchedBy: "server" },
  ]);
}, 60_000);

test("with a person's reason a full run that waits starts once the workbook rests", async () => {
  const reason = "The slot on the cluster ends tonight";
  const overriding = makeShell(reason);
  const updates: RunUpdate[] = [];
  for await (const update of overriding.submit(trainRequest(makePlan(), 120)))
    if (update.type === "waiting") overriding.rest();
    else updates.push(update);
  expect(updates[0]).toMatchObject({ type: "attached", known: false });
  expect(updates[1]).toMatchObject({ event: { state: "accepted", override: { reason } } });
  expect(endOf(updates)).toMatchObject({ state: "succeeded" });
  const [entry] = await workspace.ledger.entries();
  expect(entry).toMatchObject({ type: "override", body: { reason, by: "command line" } });
  // whoever asks later without a reason is given the same run, marked as it is
  const later = await collect(shell.submit(trainRequest(makePlan(), 120)));
  expect(later[0]).toMatchObject({ type: "attached", known: true });
  expect(later.slice(1)).toEqual(updates.slice(1));
  await overriding.close();
});

test("what a person would have overridden is not, where the workbook climbs its ladder itself", async () => {
  const overriding = makeShell("The slot on the cluster ends tonight");
  const plan = makePlan();
  const { rows } = trainRequest(plan);
  const [, , full] = await Promise.all([
    overriding.dryRun({ plan, rows, device: "wasm" }),
    collect(overriding.train(trainRequest(plan))),
    collect(overriding.submit(trainRequest(plan, 120))),
  ]);
  expect(endOf(full)).toMatchObject({ state: "succeeded" });
  const types = (await workspace.ledger.entries()).map(({ type }) => type);
  expect(types).not.toContain("override");
  await overriding.close();
});

test("a run that is there is given from its first event, without training", async () => {
  const first = await collect(shell.train(trainRequest()));
  const again = await collect(makeShell().train(trainRequest()));
  expect(again[0]).toMatchObject({ type: "attached", known: true });
  expect(again.slice(1)).toEqual(first.slice(1));
});

test("a run that failed before is tried once more by a new process, and not for ever", async () => {
  const request = trainRequest();
  const broken = { ...request, rows: { ...request.rows, numRows: 61 } };
  expect(endOf(await collect(shell.train(broken)))).toMatchObject({ state: "failed" });
  const once = await collect(shell.train(broken));
  expect(once[0]).toMatchObject({ known: true });
  const other = makeShell();
  expect((await collect(other.train(broken)))[0]).toMatchObject({ known: false });
  await other.close();
});

test("leaving a full run that waits ends the waiting at once and starts nothing", async () => {
  const iterator = shell.submit(trainRequest())[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toMatchObject({ type: "waiting", canStart: false });
  const next = iterator.next();
  await iterator.return?.();
  expect(await next).toMatchObject({ done: true });
  expect((await workspace.runs.keys()).length).toBe(0);
});

test("leaving a run that goes on leaves it going on", async () => {
  for await (const update of shell.train(trainRequest(makePlan({ epochs: 400 }))))
    if (update.type === "event" && update.event.type === "metric") break;
  const [run] = await workspace.runs.unfinished();
  expect(run?.state).toBe("running");
  expect(endOf(await collect(shell.train(trainRequest(makePlan({ epochs: 400 })))))).toMatchObject({
    state: "succeeded",
  });
});

test("a plan that is none is refused with its faults before anything starts", async () => {
  const plan = { ...makePlan(), epochs: -1 };
  await expect(collect(shell.train(trainRequest(plan)))).rejects.toMatchObject({ code: "plan" });
});

test("what a workbook itself says is written down as the frame's word", async () => {
  const { request } = await makeRequest(workspace, "small");
  expect(await shell.receipt(makeReceipt("schema", request))).toMatchObject({ vouchedBy: "frame" });
});

test("files are real paths, and a workbook that runs without a page is not changed", async () => {
  await writeFile(join(workspace.root, "rows.csv"), "a\n1\n");
  expect(await shell.file("rows.csv")).toMatchObject({
    url: join(workspace.root, "rows.csv"),
    mediaType: "text/csv; charset=utf-8",
  });
  const table = await shell.table("rows.csv");
  expect(table.location.startsWith(workspace.state)).toBe(true);
  await expect(shell.table("../x.csv")).rejects.toMatchObject({ code: "path" });
  await expect(shell.save("text")).rejects.toMatchObject({ code: "read-only" });
});

test("results are kept for the workbook that the shell stands for, and a file's digest is told", async () => {
  const resultKey = "c".repeat(64);
  expect(await shell.result(resultKey)).toBeNull();
  expect(await shell.keepResult(resultKey, new Uint8Array([1, 2]))).toBe(true);
  expect(await shell.result(resultKey)).toEqual(new Uint8Array([1, 2]));
  expect((await shell.results()).keys).toEqual([resultKey]);
  expect(await workspace.results.list("other.html")).toEqual([]);
  await shell.forgetResult(resultKey);
  expect((await shell.results()).keys).toEqual([]);
  await writeFile(join(workspace.root, "a.csv"), "x\n1\n");
  expect(await shell.fileDigest("a.csv")).toBe((await shell.file("a.csv")).digest);
  expect(await shell.fileDigest("none.csv")).toBeNull();
});
