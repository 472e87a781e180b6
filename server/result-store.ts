import { createHash } from "node:crypto";
import { mkdir, open, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import {
  maxIndexBytes,
  maxIndexKeys,
  maxSmallResultBytes,
  type ResultIndex,
  type SmallResult,
} from "../cells/result-index.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";
import { withLock } from "./lock-file.ts";
import { Mutex } from "./mutex.ts";
import { resultHeaderBytes, sealResult, unsealResult } from "./result-file.ts";
import type { ResultLimits } from "./result-limits.ts";
import { digestPattern } from "../runtime/sha256.ts";
import { ResultSpace } from "./result-space.ts";

/** A result that is kept. */
export interface KeptResultFile {
  readonly key: string;
  /** in bytes, as it was given */
  readonly size: number;
}

/** How long a use need not be noted again, in milliseconds. */
const useGrain = 60_000;
/** How many files are read or looked at together. */
const readWidth = 32;

/**
 * The result cache on disk: bytes by workbook and key, which the store does not look into. Several
 * processes may use one folder. What cannot be kept is not, and what is damaged is not there: a cache
 * that fails costs time and is no error.
 *
 * A result is a file `<SHA-256 of the workbook's path>/<key>` that is whole from the moment at which
 * it has that name. Its time of change says when it was used last.
 */
export class DiskResultStore {
  private readonly writing = new Mutex();
  private readonly space: ResultSpace;

  constructor(
    readonly folder: string,
    readonly limits: ResultLimits,
  ) {
    this.space = new ResultSpace(folder, limits.diskBytes);
  }

  /** What is kept of a workbook, the last used first. */
  async list(workbook: string): Promise<KeptResultFile[]> {
    return (await this.found(workbook)).map(({ key, size }) => ({ key, size }));
  }

  /** The keys of a workbook, the newest ones at most, and the newest of its small results. */
  async index(workbook: string): Promise<ResultIndex> {
    const found = (await this.found(workbook)).slice(0, maxIndexKeys);
    const small: SmallResult[] = [];
    const gone = new Set<string>();
    const now = Date.now();
    for (const part of inParts(withinBound(found), readWidth))
      await Promise.all(
        part.map(async ({ key, place }) => {
          // one millisecond apart, so that they keep their order
          const bytes = await this.read(this.path(workbook, key), now - place);
          if (bytes === undefined) gone.add(key);
          else small[place] = { key, bytes };
        }),
      );
    return {
      keys: found.map(({ key }) => key).filter((key) => !gone.has(key)),
      // the places of what is gone are empty
      small: small.filter(() => true),
    };
  }

  /** A result's bytes; undefined where there is none, or a damaged one, which goes. */
  async get(workbook: string, key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.read(this.path(workbook, key), Date.now());
  }

  /** Keeps a result; those that were not used for the longest time go for it. @returns whether it did */
  async put(workbook: string, key: string, bytes: Uint8Array): Promise<boolean> {
    if (bytes.byteLength > this.limits.entryBytes) return false;
    const path = this.path(workbook, key);
    const size = resultHeaderBytes + bytes.byteLength;
    return await this.alone(async () => {
      await this.space.refresh();
      if (!(await this.space.makeRoom(size))) return false;
      try {
        await writeDurably(path, sealResult(bytes));
        return true;
      } finally {
        // a write that fails may leave the file as it was, or the new one
        const now = await orUndefined(stat(path));
        this.space.remove(path);
        if (now !== undefined) this.space.add(path, now.size);
      }
    }, false);
  }

  /** Forgets a result. */
  async delete(workbook: string, key: string): Promise<void> {
    await this.forget(this.path(workbook, key));
  }

  /** Forgets all results of a workbook. @returns how many there were */
  async clear(workbook: string): Promise<number> {
    return await this.alone(async () => {
      const found = await this.found(workbook);
      for (const { key } of found) {
        const path = this.path(workbook, key);
        await rm(path, { force: true });
        this.space.remove(path);
      }
      await rm(this.workbookFolder(workbook), { recursive: true, force: true });
      await syncFolder(this.folder);
      return found.length;
    }, 0);
  }

  private workbookFolder(workbook: string): string {
    return join(this.folder, createHash("sha256").update(workbook).digest("hex"));
  }

  /** @throws {TypeError} for what is no key: it would name another file */
  private path(workbook: string, key: string): string {
    if (!digestPattern.test(key))
      throw new TypeError(`${JSON.stringify(key)} is no key: expected a SHA-256 in hex`);
    return join(this.workbookFolder(workbook), key);
  }

  private async found(workbook: string): Promise<(KeptResultFile & { readonly used: number })[]> {
    const folder = this.workbookFolder(workbook);
    const names = (await orUndefined(readdir(folder))) ?? [];
    const found: (KeptResultFile & { readonly used: number })[] = [];
    const keys = names.filter((name) => digestPattern.test(name));
    for (const part of inParts(keys, readWidth))
      await Promise.all(
        part.map(async (key) => {
          const file = await orUndefined(stat(join(folder, key)));
          if (file !== undefined)
            found.push({ key, size: file.size - resultHeaderBytes, used: file.mtimeMs });
        }),
      );
    return found
      .filter(({ size }) => size >= 0)
      .sort((a, b) => b.used - a.used || (a.key < b.key ? -1 : 1));
  }

  private async read(path: string, now: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await orUndefined(open(path, "r"));
    if (file === undefined) return undefined;
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    try {
      const { size, mtimeMs } = await file.stat();
      if (size <= resultHeaderBytes + this.limits.entryBytes)
        bytes = unsealResult(await file.readFile());
      if (bytes !== undefined && now - mtimeMs > useGrain)
        await orUndefined(utimes(path, now / 1000, now / 1000));
    } catch {
      return undefined;
    } finally {
      await file.close();
    }
    if (bytes === undefined) await this.forget(path);
    return bytes;
  }

  private async forget(path: string): Promise<void> {
    // no lock: others count too much for a while, never too little
    await this.writing.run(async () => {
      const isGone = await rm(path, { force: true }).then(
        () => true,
        () => false,
      );
      if (isGone) this.space.remove(path);
    });
  }

  /** Runs something that no other writer runs meanwhile; `otherwise` where the disk does not let it. */
  private async alone<Result>(body: () => Promise<Result>, otherwise: Result): Promise<Result> {
    return await this.writing.run(async () => {
      try {
        await mkdir(this.folder, { recursive: true });
        return await withLock(join(this.folder, "lock"), body);
      } catch (error) {
        if (error instanceof Error && "code" in error) return otherwise;
        throw error;
      }
    });
  }
}

/** The newest small ones that an index may carry, each with its place among them. */
function withinBound(
  found: readonly KeptResultFile[],
): (KeptResultFile & { readonly place: number })[] {
  let left = maxIndexBytes;
  return found
    .filter(({ size }) => size <= maxSmallResultBytes && (left -= size) >= 0)
    .map((file, place) => ({ ...file, place }));
}

function inParts<Item>(items: readonly Item[], width: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / width) }, (_, i) =>
    items.slice(i * width, (i + 1) * width),
  );
}

/** Undefined where the disk refuses, for whatever reason. */
async function orUndefined<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}
