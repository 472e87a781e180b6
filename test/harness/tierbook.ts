import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isFinal, type RunState } from "../../engines/run.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A Tierbook server on a workspace of its own, on a free port. */
export interface Tierbook {
  /** what it printed: origin and token in one address */
  readonly address: string;
  readonly origin: string;
  readonly token: string;
  readonly workspace: string;
  /** stops it as a person would, with SIGINT, and waits until it is gone */
  stop(): Promise<void>;
  /** kills it without warning */
  kill(): Promise<void>;
  /** starts it again on the same workspace, on another port */
  restart(): Promise<Tierbook>;
  /** stops it and removes the workspace, and with it every run that goes on */
  dispose(): Promise<void>;
  /** a request to the server's interface, with the token */
  api(path: string, init?: RequestInit): Promise<Response>;
}

/** Makes a workspace with the penguins workbook, its data, and whatever else a test needs. */
export async function makeWorkspace(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), "tierbook-workspace-"));
  await mkdir(join(workspace, "data"));
  await cp(join(root, "workbooks/penguins.html"), join(workspace, "penguins.html"));
  await cp(join(root, "workbooks/data/penguins.csv"), join(workspace, "data/penguins.csv"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(workspace, name), text);
  return workspace;
}

/** Starts the built server on a workspace. */
export async function startTierbook(workspace: string): Promise<Tierbook> {
  const server = spawn(process.execPath, [join(root, "bin/tierbook.js"), "serve", workspace], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const address = await printedAddress(server);
  const url = new URL(address);
  const token = new URLSearchParams(url.hash.slice(1)).get("token") ?? "";
  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded()) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill(signal);
    await ended;
  };
  const tierbook: Tierbook = {
    address,
    origin: url.origin,
    token,
    workspace,
    stop: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGINT");
      return await startTierbook(workspace);
    },
    dispose: async () => {
      if (hasEnded()) return await (await startTierbook(workspace)).dispose();
      await cancelRuns(tierbook);
      await end("SIGINT");
      await rm(workspace, { recursive: true, force: true, maxRetries: 5 });
    },
    api: (path, init) =>
      fetch(`${url.origin}${path}`, {
        ...init,
        headers: { Authorization: `Bearer ${token}`, ...init?.headers },
      }),
  };
  return tierbook;
}

function printedAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += String(chunk);
      const address = /http:\/\/[\w.:]+\/#token=[\w-]+/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    };
    server.stdout?.on("data", read);
    server.stderr?.on("data", read);
    server.once("exit", (status) =>
      reject(new Error(`the server ended with ${status}:\n${output}`)),
    );
  });
}

/** Cancels what goes on and waits until it is over, so that no process outlives the test. */
async function cancelRuns(tierbook: Tierbook): Promise<void> {
  for (;;) {
    const { runs } = (await (await tierbook.api("/api/runs")).json()) as {
      runs: readonly { key: string; state: RunState }[];
    };
    const live = runs.filter(({ state }) => !isFinal(state));
    if (live.length === 0) return;
    for (const { key } of live) await tierbook.api(`/api/runs/${key}/cancel`, { method: "POST" });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
