import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Dispatcher } from "../../server/dispatcher.ts";
import { LocalExecutor } from "../../server/local-executor.ts";
import { identityOf } from "../../server/process-identity.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { builtCli } from "./build-cli.ts";
import { eventually, makePlan, makeRequest, temporaryFolder } from "./fixtures.ts";

let cli: string;
let workspace: Workspace;
let remove: () => Promise<void>;
let dispatcher: Dispatcher;
const servers: ChildProcess[] = [];

beforeAll(async () => (cli = await builtCli()), 120_000);
beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  workspace = await openWorkspace(folder.path);
  dispatcher = makeDispatcher();
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.kill("SIGKILL");
  for (const { key } of await workspace.runs.unfinished()) await dispatcher.cancel(key);
  await dispatcher.stop();
  await remove();
}, 30_000);

const makeDispatcher = (command: readonly string[] = [process.execPath, cli]): Dispatcher =>
  new Dispatcher(workspace, new LocalExecutor({ command, grace: 2_000 }), { interval: 100 });

async function submit(epochs: number, to: Dispatcher = dispatcher): Promise<string> {
  const { key, request } = await makeRequest(workspace, "full", makePlan({ epochs }));
  await to.submit(key, request);
  return key;
}

/** Makes a run that nobody in this process will start. */
async function leaveWaiting(epochs: number): Promise<string> {
  const { key, request } = await makeRequest(workspace, "full", makePlan({ epochs }));
  await workspace.runs.create(key, request);
  return key;
}

const stateOf = async (key: string): Promise<string> => await workspace.runs.directory(key).state();
const reaches = async (key: string, state: string): Promise<true> =>
  await eventually(async () => (await stateOf(key)) === state || undefined);
/** Why a run ended; its result comes after the event that says so. */
const reasonOf = async (key: string, state: string): Promise<string | undefined> => {
  const result = await eventually(async () => (await workspace.runs.get(key)).result);
  expect(result.state).toBe(state);
  return result.reason;
};
const workerOf = async (key: string): Promise<number> =>
  (await eventually(() => workspace.runs.directory(key).worker())).pid;

/** A server of its own process on the workspace. */
async function startServer(): Promise<ChildProcess> {
  const server = spawn(process.execPath, [cli, "serve", workspace.root], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TIERBOOK_CLI: cli },
  });
  servers.push(server);
  await new Promise((resolve) => server.stdout?.once("data", resolve));
  return server;
}

async function killed(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill(signal);
  await gone;
}

test.each(["SIGKILL", "SIGTERM"] as const)(
  "a run outlives a server that ends by %s, and the next server has it to its end",
  async (signal) => {
    const key = await leaveWaiting(100_000);
    const server = await startServer();
    await reaches(key, "running");
    const worker = await workerOf(key);
    await killed(server, signal);
    expect(identityOf(worker)).toBeDefined();
    const next = await startServer();
    expect(await stateOf(key)).toBe("running");
    await dispatcher.cancel(key);
    expect(await stateOf(key)).toBe("cancelled");
    await eventually(() => identityOf(worker) === undefined || undefined);
    await eventually(async () => {
      const entries = await workspace.ledger.entries();
      return entries.some(({ body }) => JSON.stringify(body).includes('"ended"')) || undefined;
    });
    await killed(next, "SIGINT");
    expect(next.exitCode).toBe(0);
  },
  40_000,
);

test("a run whose process died with its server is lost, not running for ever", async () => {
  const key = await leaveWaiting(100_000);
  const server = await startServer();
  await reaches(key, "running");
  const worker = await workerOf(key);
  await killed(server, "SIGKILL");
  process.kill(worker, "SIGKILL");
  await eventually(() => identityOf(worker) === undefined || undefined);
  await startServer();
  expect(await stateOf(key)).toBe("lost");
  expect(await workspace.runs.get(key)).toMatchObject({
    result: { state: "lost", reason: expect.stringContaining("gone without a result") },
  });
});

test("a run whose process is killed is lost, and says by what", async () => {
  await dispatcher.start();
  const key = await submit(100_000);
  await reaches(key, "running");
  process.kill(await workerOf(key), "SIGKILL");
  expect(await reasonOf(key, "lost")).toContain("SIGKILL");
  const { events } = await workspace.runs.directory(key).readEvents();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.at(-1)).toMatchObject({ type: "state", state: "lost" });
});

test("a run whose process fails to start has failed, with what it last said", async () => {
  const says = ["-e", "console.error('no such engine'); process.exit(3)", "--"];
  const broken = makeDispatcher([process.execPath, ...says]);
  await broken.start();
  const key = await submit(1, broken);
  expect(await reasonOf(key, "failed")).toMatch(/status 3.*no such engine/s);
  await broken.stop();
  const none = makeDispatcher(["/no/such/program"]);
  await none.start();
  const other = await submit(2, none);
  expect(await reasonOf(other, "failed")).toContain("ENOENT");
  await none.stop();
});

test("a run that was asked to stop by the system goes on by itself", async () => {
  await dispatcher.start();
  const key = await submit(1_500);
  await reaches(key, "running");
  const directory = workspace.runs.directory(key);
  await eventually(
    async () =>
      (await directory.readEvents()).events.some(({ type }) => type === "metric") || undefined,
  );
  process.kill(await workerOf(key), "SIGTERM");
  await reaches(key, "succeeded");
  const { events } = await directory.readEvents();
  const states = events.flatMap((event) => (event.type === "state" ? [event.state] : []));
  expect(states.slice(3)).toEqual(["running", "preempted", "queued", "running", "succeeded"]);
}, 40_000);

test("a process that does not stop when asked is ended, with all that it has started", async () => {
  const script = `
    const { spawn } = require("node:child_process");
    process.on("SIGTERM", () => {});
    const helper = spawn("sleep", ["600"]);
    require("node:fs").writeFileSync(process.argv[2] + "/helper", String(helper.pid));
    setInterval(() => {}, 1000);`;
  const stubborn = new Dispatcher(
    workspace,
    new LocalExecutor({ command: [process.execPath, "-e", script, "--"], grace: 200 }),
    { interval: 50 },
  );
  await stubborn.start();
  const key = await submit(1, stubborn);
  const helper = await eventually(() =>
    readFile(`${workspace.runs.directory(key).path}/helper`, "utf8").then(Number, () => undefined),
  );
  expect(identityOf(helper)).toBeDefined();
  await stubborn.cancel(key);
  expect(await stateOf(key)).toBe("cancelled");
  await eventually(() => identityOf(helper) === undefined || undefined);
  await stubborn.stop();
});

test("a cancellation that a dead server has begun is brought to its end", async () => {
  await dispatcher.start();
  const key = await submit(100_000);
  await reaches(key, "running");
  await dispatcher.stop();
  await workspace.runs.directory(key).markCancelled();
  const next = makeDispatcher();
  await next.start();
  await reaches(key, "cancelled");
  await next.stop();
});

test("what an earlier process left waiting is started", async () => {
  const key = await leaveWaiting(3);
  await dispatcher.start();
  await reaches(key, "succeeded");
});

test("two dispatchers on one workspace give each run one process", async () => {
  const other = makeDispatcher();
  await Promise.all([dispatcher.start(), other.start()]);
  const keys = [await submit(20), await submit(21, other), await submit(22)];
  for (const key of keys) {
    await reaches(key, "succeeded");
    const { events } = await workspace.runs.directory(key).readEvents();
    const running = events.filter((event) => event.type === "state" && event.state === "running");
    expect(running).toHaveLength(1);
  }
  const isRecorded = async (): Promise<true | undefined> => {
    const entries = await workspace.ledger.entries();
    const ends = entries.filter(({ body }) => JSON.stringify(body).includes('"event":"ended"'));
    expect(ends.length).toBeLessThanOrEqual(3);
    return ends.length === 3 || undefined;
  };
  await eventually(isRecorded);
  await other.stop();
}, 40_000);
