import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { makeReport } from "../../server/make-report.ts";
import { openWorkspace } from "../../server/workspace.ts";
import { builtCli } from "./build-cli.ts";
import { temporaryFolder } from "./fixtures.ts";

let cli: string;
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => (cli = await builtCli()), 120_000);
beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
afterEach(() => remove());

/** The command with arguments: its status and what it printed. */
async function tierbook(
  ...args: readonly string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [cli, ...args]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk: Buffer) => (stderr += String(chunk)));
  const [status] = (await once(child, "close")) as [number];
  return { status, stdout, stderr };
}

test("the version and the help are printed", async () => {
  expect(await tierbook("--version")).toMatchObject({ status: 0, stdout: "0.1.0\n" });
  const help = await tierbook("--help");
  expect(help.status).toBe(0);
  for (const command of [
    "serve",
    "run FILE",
    "report FILE",
    "report verify FILE",
    "build [FILE|DIR…]",
    "work DIR",
    "ledger verify DIR",
  ])
    expect(help.stdout).toContain(`tierbook ${command}`);
});

test.each([
  [["sevre"], 'no command "sevre"'],
  [["serve", "--prot", "1"], "--prot"],
  [["serve", "--port", "many"], '"many" is no port'],
  [["serve", "a", "b"], '"b" is one too many'],
  [["work"], "name the run's directory"],
  [["run"], "name the workbook"],
  [["run", "a.html", "--override", "because"], "--override: give a reason in words, 10 to 2,000"],
  [["report"], "name the workbook"],
  [["report", "verify"], "name the report"],
  [["report", "verify", "a.html", "--out", "b"], "no options"],
  [["report", "a.html", "--out", ""], "--out needs a name"],
  [["report", "a.html", "b.html"], '"b.html" is one too many'],
  [["build"], "name the folder to make with --out"],
  [["build", "a.html", "--out", ""], "--out needs a name"],
  [["ledger"], "tierbook ledger verify DIR"],
  [["toString"], 'no command "toString"'],
])("the wrong command line %j is a 2 that says what is wrong", async (args, message) => {
  const { status, stderr } = await tierbook(...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(stderr).toContain("tierbook --help");
});

test("no command at all shows the help and is a 2", async () => {
  expect(await tierbook()).toMatchObject({ status: 2, stdout: expect.stringContaining("serve") });
});

test("a folder that is not there is a 1 in words", async () => {
  const { status, stderr } = await tierbook("serve", join(folder, "nowhere"));
  expect(status).toBe(1);
  expect(stderr).toContain("there is no folder");
  expect(stderr).not.toContain("    at ");
});

test("a port that is taken is a 1 that says so", async () => {
  const server = spawn(process.execPath, [cli, "serve", folder]);
  const [first] = (await once(server.stdout, "data")) as [Buffer];
  const printed = /http:\/\/127\.0\.0\.1:(\d+)/.exec(String(first)) ?? (await nextAddress(server));
  const { status, stderr } = await tierbook("serve", folder, "--port", printed[1] ?? "");
  expect([status, stderr]).toEqual([1, expect.stringContaining("cannot listen")]);
  server.kill("SIGINT");
  expect(await once(server, "exit")).toEqual([0, null]);
});

test("serving prints the address with its token, the workspace and the versions", async () => {
  const server = spawn(process.execPath, [cli, "serve", folder]);
  let printed = "";
  for await (const chunk of server.stdout) {
    printed += String(chunk);
    if (printed.includes("#token=")) break;
  }
  const address = new URL(/http:\S+/.exec(printed)?.[0] ?? "");
  expect(printed).toContain(`Workspace ${folder}`);
  expect(printed).toMatch(/Tierbook 0\.1\.0, Node v\d+.*, DuckDB v1\.5/);
  const token = new URLSearchParams(address.hash.slice(1)).get("token") ?? "";
  expect(Buffer.from(token, "base64url").length).toBe(32);
  const answer = await fetch(`${address.origin}/api/session`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(200);
  server.kill("SIGTERM");
  expect(await once(server, "exit")).toEqual([0, null]);
});

test("a whole ledger verifies; one with a changed line does not, and the line is named", async () => {
  const { ledger } = await openWorkspace(folder);
  await ledger.append([
    { type: "run", body: { n: 1 } },
    { type: "run", body: { n: 2 } },
  ]);
  expect(await tierbook("ledger", "verify", folder)).toMatchObject({
    status: 0,
    stdout: `2 entries, whole; the last is ${(await ledger.head()).hash}\n`,
  });
  await writeFile(ledger.path, (await readFile(ledger.path, "utf8")).replace('"n":2', '"n":3'));
  const { status, stderr } = await tierbook("ledger", "verify", folder);
  expect([status, stderr]).toEqual([1, expect.stringContaining("line 2")]);
});

test("a report that no ledger knows, and a file that is none, do not verify", async () => {
  const workspace = await openWorkspace(folder);
  const text = `<!doctype html><notebook><title>t</title></notebook>`;
  const shown = { text, cells: [], receipts: [], runs: [] };
  const { html } = await makeReport(workspace, { path: "a.html", shown, files: [] });
  await writeFile(join(folder, "a-report.html"), html);
  const other = await temporaryFolder();
  await mkdir(join(other.path, ".tierbook"));
  await writeFile(join(other.path, "a-report.html"), html);
  await writeFile(join(folder, "a.html"), text);
  const verify = async (file: string): Promise<unknown> => {
    const { status, stderr } = await tierbook("report", "verify", file);
    return [status, stderr];
  };
  const elsewhere = await verify(join(other.path, "a-report.html"));
  expect(elsewhere).toEqual([1, expect.stringMatching(/is whole, but the ledger/)]);
  expect(await verify(join(folder, "a.html"))).toEqual([1, expect.stringContaining("no report")]);
  await other.remove();
});

async function nextAddress(server: ReturnType<typeof spawn>): Promise<RegExpExecArray> {
  let text = "";
  for await (const chunk of server.stdout ?? []) {
    text += String(chunk);
    const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
    if (found !== null) return found;
  }
  throw new Error(`no address was printed: ${text}`);
}
