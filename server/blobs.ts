import { createHash, randomBytes, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "./durable-file.ts";
import { Mutex } from "./mutex.ts";
import { isSystemError, ServerError } from "./server-error.ts";

/** How much of a blob is here. */
export interface BlobState {
  readonly complete: boolean;
  /** from its first byte on, without gaps */
  readonly bytes: number;
}

/** Where a piece of a blob belongs; `end` is the offset after its last byte. */
export interface BlobPiece {
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

/**
 * Immutable bytes by their SHA-256. Blobs that come in pieces grow in a file of their own until
 * their digest is proven; nothing is ever visible under a digest that it does not have.
 *
 * Hashes with Node's own SHA-256, an order of magnitude faster on large files than the portable one.
 */
export class Blobs {
  private readonly growing = new Map<string, Mutex>();

  constructor(readonly folder: string) {}

  /** Where a blob lies once it is complete. */
  path(digest: string): string {
    return join(this.folder, digest.slice(0, 2), digest);
  }

  /** What is here of a blob: all, a beginning, or nothing. */
  async state(digest: string): Promise<BlobState> {
    const whole = await sizeOf(this.path(digest));
    if (whole !== undefined) return { complete: true, bytes: whole };
    return { complete: false, bytes: (await sizeOf(this.growingPath(digest))) ?? 0 };
  }

  /** Whether a blob is here to its last byte. */
  async has(digest: string): Promise<boolean> {
    return (await sizeOf(this.path(digest))) !== undefined;
  }

  /** A blob's bytes. @throws {ServerError} 404 `blob` */
  async read(digest: string): Promise<Uint8Array> {
    try {
      return await readFile(this.path(digest));
    } catch (error) {
      if (isSystemError(error, "ENOENT")) throw missingBlob(digest);
      throw error;
    }
  }

  /** Keeps bytes that are in memory; gives their digest. */
  async put(bytes: Uint8Array): Promise<string> {
    const digest = createHash("sha256").update(bytes).digest("hex");
    await this.write(digest, [bytes]);
    return digest;
  }

  /**
   * Keeps a whole blob from a stream.
   *
   * @returns whether it was new
   * @throws {ServerError} 400 `digest` if the bytes have another digest
   */
  async write(
    digest: string,
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<boolean> {
    if (await this.has(digest)) return false;
    await mkdir(dirname(this.growingPath(digest)), { recursive: true });
    const temporary = `${this.growingPath(digest)}.${randomBytes(6).toString("hex")}.tmp`;
    const hash = createHash("sha256");
    try {
      await writeAll(temporary, "wx", bytes, hash);
      proveDigest(digest, hash.digest("hex"));
      await this.place(temporary, digest);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return true;
  }

  /**
   * Adds a piece to a blob that comes in pieces. A piece that does not begin where the blob ends so
   * far changes nothing. With the last piece the digest is proven; if it is wrong all pieces go,
   * since nobody can tell which one was.
   *
   * @returns what is here afterwards
   * @throws {ServerError} 400 `digest` if all the bytes together have another digest
   */
  async append(
    digest: string,
    piece: BlobPiece,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<BlobState> {
    return await this.mutexOf(digest).run(async () => {
      const before = await this.state(digest);
      if (before.complete || piece.start !== before.bytes) return before;
      const path = this.growingPath(digest);
      await mkdir(dirname(path), { recursive: true });
      await writeAll(path, "a", bounded(bytes, piece.end - piece.start));
      const now = (await sizeOf(path)) ?? 0;
      if (now < piece.total) return { complete: false, bytes: now };
      try {
        proveDigest(digest, await fileDigest(path));
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      await this.place(path, digest);
      return { complete: true, bytes: now };
    });
  }

  /** Puts a blob's bytes at another path of the same disk without copying them, where that works. */
  async linkTo(digest: string, path: string): Promise<void> {
    try {
      await link(this.path(digest), path);
    } catch (error) {
      if (isSystemError(error, "ENOENT")) throw missingBlob(digest);
      await copyFile(this.path(digest), path);
    }
  }

  private growingPath(digest: string): string {
    return join(this.folder, "growing", digest);
  }

  private mutexOf(digest: string): Mutex {
    const mutex = this.growing.get(digest) ?? new Mutex();
    this.growing.set(digest, mutex);
    return mutex;
  }

  private async place(temporary: string, digest: string): Promise<void> {
    const path = this.path(digest);
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
    await syncFolder(dirname(path));
  }
}

/** The SHA-256 of a file's bytes, read in pieces. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return hash.digest("hex");
}

function missingBlob(digest: string): ServerError {
  return new ServerError(404, "blob", `there is no blob ${digest}`, {
    hint: "send it with PUT /api/blobs/<digest>",
  });
}

function proveDigest(wanted: string, found: string): void {
  if (wanted !== found)
    throw new ServerError(400, "digest", `the bytes have the digest ${found}, not ${wanted}`, {
      hint: "send the blob again from its first byte",
    });
}

async function* bounded(
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array> {
  let left = limit;
  for await (const piece of bytes) {
    if (piece.length > left)
      throw new ServerError(400, "range", "the body is longer than its Content-Range says");
    left -= piece.length;
    yield piece;
  }
}

async function writeAll(
  path: string,
  flags: "a" | "wx",
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash?: Hash,
): Promise<void> {
  const file = await open(path, flags);
  try {
    for await (const piece of bytes) {
      hash?.update(piece);
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
