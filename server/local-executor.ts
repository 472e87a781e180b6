import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { Executor, Exit } from "./executor.ts";
import { identityOf, isAlive, type ProcessIdentity } from "./process-identity.ts";
import { RunDirectory } from "./run-directory.ts";
import { isSystemError } from "./server-error.ts";

/** How processes are started and stopped. */
export interface LocalExecutorOptions {
  /** the program and its first arguments, to which `work DIR` is added */
  readonly command?: readonly string[];
  /** milliseconds between asking a process to stop and ending it */
  readonly grace?: number;
}

/**
 * Executes runs as processes of this machine. Each is the leader of a session and process group of
 * its own, so it outlives whoever started it, and all that it starts can be ended with it.
 */
export class LocalExecutor implements Executor {
  private readonly children = new Map<string, ChildProcess>();
  private readonly exits = new Map<string, Exit>();
  private readonly listeners: ((directory: string) => void)[] = [];
  private readonly command: readonly string[];
  private readonly grace: number;

  constructor({ command = tierbookCommand(), grace = 10_000 }: LocalExecutorOptions = {}) {
    this.command = command;
    this.grace = grace;
  }

  async start(directory: string): Promise<void> {
    const [program = process.execPath, ...first] = this.command;
    const log = await open(new RunDirectory(directory).log, "a");
    try {
      const child = spawn(program, [...first, "work", directory], {
        detached: true,
        stdio: ["ignore", "ignore", log.fd],
      });
      this.exits.delete(directory);
      this.children.set(directory, child);
      child.once("exit", (status, signal) =>
        this.ended(directory, signal === null ? { status: status ?? 1 } : { signal }),
      );
      await new Promise<void>((resolve, reject) => {
        child.once("spawn", resolve);
        child.once("error", reject);
      });
      child.unref();
    } catch (error) {
      this.children.delete(directory);
      throw error;
    } finally {
      await log.close();
    }
  }

  async isAlive(directory: string): Promise<boolean> {
    return (
      this.children.has(directory) || (await new RunDirectory(directory).worker()) !== undefined
    );
  }

  exitOf(directory: string): Exit | undefined {
    return this.exits.get(directory);
  }

  async cancel(directory: string): Promise<void> {
    const leader = await this.leaderOf(directory);
    if (leader === undefined) return;
    const deadline = Date.now() + this.grace;
    if (isAlive(leader)) signalGroup(leader.pid, "SIGTERM");
    while (isAlive(leader) && Date.now() < deadline) await sleep(20);
    // the leader may be gone and have left others behind, which keep the group's number taken
    signalGroup(leader.pid, "SIGKILL");
    while (isAlive(leader) || this.children.has(directory)) await sleep(20);
  }

  onExit(listener: (directory: string) => void): void {
    this.listeners.push(listener);
  }

  private ended(directory: string, exit: Exit): void {
    this.children.delete(directory);
    this.exits.set(directory, exit);
    for (const listener of this.listeners) listener(directory);
  }

  /** The process to stop: our own child, or the one that has claimed the run. */
  private async leaderOf(directory: string): Promise<ProcessIdentity | undefined> {
    const pid =
      this.children.get(directory)?.pid ?? (await new RunDirectory(directory).worker())?.pid;
    return pid === undefined ? undefined : identityOf(pid);
  }
}

/** How this installation's own command line is started. */
export function tierbookCommand(): readonly string[] {
  const named = process.env["TIERBOOK_CLI"];
  if (named !== undefined && named !== "") return [process.execPath, named];
  const built = ["./cli.js", "../dist/server/cli.js"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = built.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error("the command line that executes runs is not built; run `npm run build`");
  return [process.execPath, found];
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!isSystemError(error, "ESRCH", "EPERM")) throw error;
  }
}
