import { randomBytes } from "node:crypto";
import { link, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { readIfThere } from "./durable-file.ts";
import { isAlive, ownIdentity, type ProcessIdentity } from "./process-identity.ts";
import { isSystemError } from "./server-error.ts";

/** Who holds a lock file; `nonce` tells apart two holdings of one process. */
export interface LockHolder extends ProcessIdentity {
  readonly nonce: string;
}

const holderSchema = v.object({ pid: v.number(), started: v.string(), nonce: v.string() });

/** A lock that another living process kept for longer than we wait. */
export class LockTimeoutError extends Error {
  readonly code = "lock-timeout";
  constructor(path: string, holder: LockHolder | undefined) {
    super(
      `${path} is held${holder === undefined ? "" : ` by process ${holder.pid}`} and was not given free; end that process if it hangs`,
    );
    this.name = "LockTimeoutError";
  }
}

/**
 * Runs something while no other process on this machine that asks for the same lock file runs its
 * own. A lock whose holder is dead is broken.
 *
 * @param patience milliseconds to wait for a living holder
 * @throws {LockTimeoutError}
 */
export async function withLock<Result>(
  path: string,
  body: () => Promise<Result>,
  patience = 10_000,
): Promise<Result> {
  const deadline = Date.now() + patience;
  let release = await tryLock(path);
  for (let attempt = 0; release === undefined; attempt++) {
    if (Date.now() > deadline) throw new LockTimeoutError(path, await lockHolder(path));
    await sleep(Math.min(2 + attempt, 25) * (0.5 + Math.random()));
    release = await tryLock(path);
  }
  try {
    return await body();
  } finally {
    await release();
  }
}

/**
 * Takes a lock file if no living process holds it, and gives the way to release it.
 *
 * The file is made complete and then linked into place, so nobody ever reads half a holder.
 */
export async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  const own: LockHolder = { ...ownIdentity(), nonce: randomBytes(12).toString("hex") };
  const temporary = `${path}.${own.nonce}.tmp`;
  await writeFile(temporary, JSON.stringify(own));
  try {
    if (!(await linked(temporary, path))) {
      const holder = await lockHolder(path);
      if (holder !== undefined && isAlive(holder)) return undefined;
      if (holder !== undefined) await breakLock(path, holder);
      if (!(await linked(temporary, path))) return undefined;
    }
  } finally {
    await rm(temporary, { force: true });
  }
  return async () => {
    // the folder may have been moved away with the lock in it, and another have taken its place
    if ((await lockHolder(path))?.nonce === own.nonce) await rm(path, { force: true });
  };
}

/** Who holds a lock file now, alive or dead; undefined where nobody does. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const holder = v.safeParse(v.pipe(v.string(), v.parseJson(), holderSchema), text);
  return holder.success ? holder.output : { pid: 0, started: "unreadable", nonce: "unreadable" };
}

/**
 * Removes the lock of a dead holder. Two processes may find the same dead holder, and the slower
 * one must not remove the lock that the faster one has taken since: so breaking is itself done
 * under a lock, named after the dead holding, and only if that is what still stands there.
 */
async function breakLock(path: string, dead: LockHolder): Promise<void> {
  await withLock(`${path}.break-${dead.nonce}`, async () => {
    if ((await lockHolder(path))?.nonce === dead.nonce) await rm(path, { force: true });
  });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw error;
  }
}
