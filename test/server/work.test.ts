import { spawn } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { digestOfBytes } from "../../server/workspace-files.ts";
import type { RunDirectory } from "../../server/run-directory.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { builtCli } from "./build-cli.ts";
import { eventually, makePlan, makeRequest, makeRows, temporaryFolder } from "./fixtures.ts";

let cli: string;
let workspace: Workspace;
let remove: () => Promise<void>;

beforeAll(async () => (cli = await builtCli()), 120_000);
beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  workspace = await openWorkspace(folder.path);
});
afterEach(() => remove());

/** The command on a directory: its process, and how it ends. */
function startWork(directory: RunDirectory): {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | string | null>;
} {
  const child = spawn(process.execPath, [cli, "work", directory.path], { stdio: "inherit" });
  const ended = new Promise<number | string | null>((resolve) =>
    child.once("exit", (status, signal) => resolve(signal ?? status)),
  );
  return { kill: (signal) => child.kill(signal), ended };
}

async function makeRun(epochs: number, rows = 120): Promise<RunDirectory> {
  const { key, request } = await makeRequest(
    workspace,
    "full",
    makePlan({ epochs }),
    makeRows(rows),
  );
  await workspace.runs.create(key, request);
  return workspace.runs.directory(key);
}

async function weightsOf(directory: RunDirectory): Promise<string> {
  return digestOfBytes(await readFile(join(directory.artifacts, "weights.safetensors")));
}

const hasTrained = async (directory: RunDirectory): Promise<true | undefined> =>
  (await directory.readEvents()).events.some(({ type }) => type === "metric") || undefined;

test("a run is trained to its result, with numbered events and weights", async () => {
  const directory = await makeRun(3);
  expect(await startWork(directory).ended).toBe(0);
  const end = await directory.readEnd();
  expect(end).toMatchObject({ state: "succeeded", environment: { backend: "wasm" } });
  const { events } = await directory.readEvents();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.filter(({ type }) => type === "state")).toMatchObject(
    ["accepted", "staging", "queued", "running", "succeeded"].map((state) => ({ state })),
  );
  const artifact = events.find(({ type }) => type === "artifact");
  expect(artifact).toMatchObject({ digest: await weightsOf(directory) });
  expect(events.find(({ type }) => type === "receipt")).toMatchObject({
    receipt: { stage: "fullRun", verdict: "pass", subject: { run: end?.key } },
  });
});

test("a run that is over is not trained again", async () => {
  const directory = await makeRun(1);
  expect(await startWork(directory).ended).toBe(0);
  const before = await readFile(directory.events, "utf8");
  expect(await startWork(directory).ended).toBe(0);
  expect(await readFile(directory.events, "utf8")).toBe(before);
});

test("of two processes on one run, one works and the other says that it is taken", async () => {
  const directory = await makeRun(200);
  const both = [startWork(directory), startWork(directory)];
  expect((await Promise.all(both.map(({ ended }) => ended))).sort()).toEqual([0, 75]);
  const { events } = await directory.readEvents();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
});

test.each(["SIGTERM", "SIGUSR1"] as const)(
  "after %s a run goes on from its checkpoint to the weights of an uninterrupted one",
  async (signal) => {
    const uninterrupted = await makeRun(400);
    expect(await startWork(uninterrupted).ended).toBe(0);
    const expected = await weightsOf(uninterrupted);
    expect((await uninterrupted.readEnd())?.state).toBe("succeeded");

    await remove();
    workspace = await openWorkspaceAgain();
    const directory = await makeRun(400);
    const first = startWork(directory);
    await eventually(() => hasTrained(directory));
    first.kill(signal);
    expect(await first.ended).toBe(143);
    expect(await directory.state()).toBe("preempted");
    expect(await directory.readEnd()).toBeUndefined();
    expect(await directory.worker()).toBeUndefined();
    expect((await readdir(directory.checkpoints)).length).toBe(1);

    expect(await startWork(directory).ended).toBe(0);
    expect((await directory.readEnd())?.reason).toBe(undefined);
    expect(await weightsOf(directory)).toBe(expected);
    const { events } = await directory.readEvents();
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    const steppedOnce = events.flatMap((event) =>
      event.type === "metric" && event.split === "training" ? (event.columns["step"] ?? []) : [],
    );
    expect(steppedOnce).toEqual(steppedOnce.map((_, i) => i + 1));
  },
  60_000,
);

test("a damaged newest checkpoint is passed over", async () => {
  const { readCheckpoint, writeCheckpoint } = await import("../../server/checkpoints.ts");
  const folder = join(workspace.root, "checkpoints");
  for (const step of [9, 10, 11])
    await writeCheckpoint(folder, { step, bytes: new Uint8Array([step]) });
  const names = (await readdir(folder)).sort();
  expect(names.length).toBe(2);
  await writeFile(join(folder, names[1] ?? ""), "torn");
  expect(await readCheckpoint(folder)).toMatchObject({ step: 10 });
});

test("a run that is marked cancelled ends so when it is asked to stop", async () => {
  const directory = await makeRun(5_000);
  const worker = startWork(directory);
  await eventually(() => hasTrained(directory));
  await directory.markCancelled();
  worker.kill("SIGTERM");
  expect(await worker.ended).toBe(0);
  expect(await directory.readEnd()).toMatchObject({ state: "cancelled" });
});

test("rows that are not the ones of the request fail the run by name", async () => {
  const directory = await makeRun(1);
  const other = makeRows(119).toIPC();
  // the rows are a link to the blob, which must stay what it is
  await rm(directory.rows);
  await writeFile(directory.rows, other);
  expect(await startWork(directory).ended).toBe(0);
  expect(await directory.readEnd()).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("data/rows.arrow is the blob"),
  });
});

test("a plan whose loss explodes fails the run with its step", async () => {
  const plan = makePlan({
    target: { column: "a", kind: "number", scale: "none" },
    features: [{ column: "b", kind: "number", scale: "none", missing: "refuse" }],
    network: [
      { type: "dense", units: 8, activation: "linear", bias: true, init: "heNormal" },
      { type: "dense", units: 1, activation: "linear", bias: true, init: "glorotUniform" },
    ],
    loss: { type: "meanSquaredError" },
    optimizer: { type: "sgd", lr: 1e6, momentum: 0.9 },
    split: { kind: "random", validation: 0.25 },
    epochs: 20,
  });
  const { key, request } = await makeRequest(workspace, "full", plan);
  await workspace.runs.create(key, request);
  const directory = workspace.runs.directory(key);
  expect(await startWork(directory).ended).toBe(0);
  expect(await directory.readEnd()).toMatchObject({
    state: "failed",
    reason: expect.stringMatching(/step \d+/),
  });
});

async function openWorkspaceAgain(): Promise<Workspace> {
  const folder = await temporaryFolder();
  remove = folder.remove;
  return await openWorkspace(folder.path);
}
