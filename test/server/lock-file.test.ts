import { execFileSync, spawnSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LockTimeoutError, tryLock, withLock } from "../../server/lock-file.ts";
import { identityOf, isAlive, ownIdentity } from "../../server/process-identity.ts";
import { temporaryFolder } from "./fixtures.ts";

let folder: string;
let path: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: folder, remove } = await temporaryFolder());
  path = join(folder, "lock");
});
afterEach(() => remove());

test("only one of many holds a lock at a time", async () => {
  let holders = 0;
  let most = 0;
  const body = async (): Promise<void> => {
    most = Math.max(most, ++holders);
    await sleep(1);
    holders--;
  };
  await Promise.all(Array.from({ length: 20 }, () => withLock(path, body)));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test("a living holder is waited for, and named when patience ends", async () => {
  const release = await tryLock(path);
  const waiting = withLock(path, async () => undefined, 30);
  await expect(waiting).rejects.toThrow(LockTimeoutError);
  await expect(withLock(path, async () => undefined, 30)).rejects.toThrow(String(process.pid));
  await release?.();
  expect(await withLock(path, async () => "mine")).toBe("mine");
});

test("the lock of a dead process is broken by exactly one of those who find it", async () => {
  const { pid } = spawnSync("true");
  for (let round = 0; round < 20; round++) {
    const dead = { pid, started: "long ago", nonce: `dead${round}` };
    await writeFile(path, JSON.stringify(dead));
    const takers = await Promise.all(Array.from({ length: 8 }, () => tryLock(path)));
    const holders = takers.filter((release) => release !== undefined);
    expect(holders.length).toBe(1);
    await holders[0]?.();
  }
  expect(await readdir(folder)).toEqual([]);
});

test("a recycled process number does not keep a lock", async () => {
  const recycled = { pid: process.pid, started: "another boot:1", nonce: "a" };
  await writeFile(path, JSON.stringify(recycled));
  expect(await tryLock(path)).toBeDefined();
});

test("a process is itself only with its start time, and gone once it has ended", () => {
  const own = ownIdentity();
  expect(isAlive(own)).toBe(true);
  expect(isAlive({ ...own, started: "0" })).toBe(false);
  expect(identityOf(process.ppid)).toBeDefined();
  expect(execFileSync("true").length).toBe(0);
  expect(identityOf(spawnSync("true").pid)).toBeUndefined();
});
