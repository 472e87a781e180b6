import { randomBytes } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestPattern } from "../runtime/sha256.ts";
import { readIfThere } from "./durable-file.ts";
import { isSystemError } from "./server-error.ts";

/** What file systems give out at once, in bytes: an empty result is not free. */
const blockBytes = 4096;
/** How many files are looked at together. */
const scanWidth = 64;

interface Entry {
  /** as counted against the limit */
  readonly bytes: number;
  /** when it was last written or read, in milliseconds since 1970 */
  used: number;
}

/**
 * What the results in a folder take, and room for more: the least recently used go first. Counted in
 * memory, and again whenever another process has written since. Whoever calls holds the folder's lock.
 */
export class ResultSpace {
  private readonly entries = new Map<string, Entry>();
  private total = 0;
  /** what this process leaves in the folder when it is the last to write */
  private readonly mark = randomBytes(8).toString("hex");

  constructor(
    private readonly folder: string,
    private readonly limit: number,
  ) {}

  /** Counts anew if another process may have written; must come before anything is written. */
  async refresh(): Promise<void> {
    const writer = join(this.folder, "writer");
    if ((await readIfThere(writer)) === this.mark) return;
    await this.scan();
    await writeFile(writer, this.mark);
  }

  /** Deletes results until a file of so many bytes fits beside the others. */
  async makeRoom(bytes: number): Promise<boolean> {
    const needed = counted(bytes);
    if (needed > this.limit) return false;
    if (this.total + needed <= this.limit) return true;
    // some more than needed, so that the next ones need not search
    const goal = Math.min(this.limit - needed, this.limit * 0.9);
    await this.evict(goal, false);
    await this.evict(this.limit - needed, true);
    return this.total + needed <= this.limit;
  }

  /** A file was written here. */
  add(path: string, bytes: number): void {
    this.remove(path);
    this.entries.set(path, { bytes: counted(bytes), used: Date.now() });
    this.total += counted(bytes);
  }

  /** A file is gone. */
  remove(path: string): void {
    this.total -= this.entries.get(path)?.bytes ?? 0;
    this.entries.delete(path);
  }

  /** @param isSure whether to delete also what another process has read meanwhile */
  private async evict(goal: number, isSure: boolean): Promise<void> {
    if (this.total <= goal) return;
    for (const [path, entry] of [...this.entries].sort(([, a], [, b]) => a.used - b.used)) {
      if (this.total <= goal) return;
      const used = isSure ? undefined : await changedAt(path);
      if (used !== undefined && used > entry.used) {
        entry.used = used;
        continue;
      }
      await rm(path, { force: true });
      this.remove(path);
    }
  }

  private async scan(): Promise<void> {
    this.entries.clear();
    this.total = 0;
    for (const { name } of await readdir(this.folder, { withFileTypes: true })) {
      if (digestPattern.test(name)) await this.scanWorkbook(join(this.folder, name));
      // made and removed within moments by whoever asks for the lock, unless he was killed
      else if (name.endsWith(".tmp")) await removeOlder(join(this.folder, name), 60_000);
    }
  }

  private async scanWorkbook(folder: string): Promise<void> {
    const names = await readdir(folder);
    for (let i = 0; i < names.length; i += scanWidth)
      await Promise.all(
        names.slice(i, i + scanWidth).map(async (name) => {
          const path = join(folder, name);
          // nobody writes while we hold the lock: what is half written stays so
          if (!digestPattern.test(name))
            return void (await rm(path, { recursive: true, force: true }));
          const found = await stat(path).catch(() => undefined);
          if (found === undefined) return;
          this.entries.set(path, { bytes: counted(found.size), used: found.mtimeMs });
          this.total += counted(found.size);
        }),
      );
  }
}

function counted(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

async function removeOlder(path: string, age: number): Promise<void> {
  const changed = await changedAt(path);
  if (changed !== undefined && Date.now() - changed > age) await rm(path, { force: true });
}

async function changedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
