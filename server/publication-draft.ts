import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  partsOf,
  writePublication,
  type Part,
  type Publication,
} from "../cells/share/publication.ts";
import { formatBytes } from "../cells/number-format.ts";
import { fileDigest } from "./blobs.ts";
import { syncFile, syncFolder, writeDurably } from "./durable-file.ts";
import { bytesFrom } from "./limit-text.ts";
import { isSystemError, ServerError } from "./server-error.ts";

/** How the name of a folder begins that is not whole yet, or not any more. */
export const draftPrefix = ".draft-";

/** The file of a publication in its folder. */
export const publicationFile = "publication.json";

/** How many of the biggest parts are named where all are too large. */
const mostNamed = 3;

/**
 * A publication's folder while it is being filled: under another name, beside those that are whole.
 * What is past the limit is only counted, so that a person hears of all of it.
 */
export class PublicationDraft {
  private readonly sizes = new Map<string, number>();
  private readonly digests = new Set<string>();
  private total = 0;

  private constructor(
    private readonly parent: string,
    readonly folder: string,
    private readonly limit: number,
  ) {}

  /** @param parent the folder that holds publications, each under its digest */
  static async begin(
    parent: string,
    limit: number = publicationLimit(),
  ): Promise<PublicationDraft> {
    const folder = join(parent, draftPrefix + randomBytes(8).toString("hex"));
    await mkdir(join(folder, "parts"), { recursive: true });
    return new PublicationDraft(parent, folder, limit);
  }

  /** What all parts take together. */
  get bytes(): number {
    return this.total;
  }

  /** Where a part lies. */
  path({ digest }: Part): string {
    return join(this.folder, "parts", digest);
  }

  /** @param name what a person would call it */
  async addBytes(name: string, bytes: Uint8Array): Promise<Part> {
    const digest = createHash("sha256").update(bytes).digest("hex");
    const part = { digest, size: bytes.byteLength };
    if (this.digests.has(digest)) return part;
    this.digests.add(digest);
    if (this.count(name, part.size)) await writeDurably(this.path(part), bytes);
    return part;
  }

  /** Adds a file as it is now, by copying it: what becomes of the file is then of no matter. */
  async addFile(name: string, from: string): Promise<Part> {
    const { size } = await stat(from);
    if (!this.count(name, size)) return { digest: "", size };
    const temporary = join(this.folder, randomBytes(8).toString("hex"));
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    const digest = await fileDigest(temporary);
    await syncFile(temporary);
    const part = { digest, size: (await stat(temporary)).size };
    this.total += (this.digests.has(digest) ? 0 : part.size) - size;
    this.digests.add(digest);
    await rename(temporary, this.path(part));
    return part;
  }

  /** @throws {ServerError} 413 `too-large` that names the biggest parts */
  checkSize(): void {
    if (this.total <= this.limit) return;
    const biggest = [...this.sizes].sort(([, a], [, b]) => b - a).slice(0, mostNamed);
    const named = biggest.map(([name, size]) => `${name} (${formatBytes(size)})`).join(", ");
    throw new ServerError(
      413,
      "too-large",
      `the publication would have ${formatBytes(this.total)}, and at most ${formatBytes(this.limit)} are published; the biggest parts: ${named}`,
      {
        hint: "leave the data out, read less of it, or start the server with a larger TIERBOOK_PUBLICATION, such as 2GB",
      },
    );
  }

  /** Writes the publication down and gives the folder its name: from then on it is whole. */
  async finish(publication: Publication): Promise<string> {
    const { text, digest } = writePublication(publication);
    await this.keepOnly(publication);
    await writeDurably(join(this.folder, publicationFile), text);
    await syncFolder(join(this.folder, "parts"));
    try {
      await rename(this.folder, join(this.parent, digest));
    } catch (error) {
      if (!isSystemError(error, "ENOTEMPTY", "EEXIST")) throw error;
      await this.discard();
    }
    await syncFolder(this.parent);
    return digest;
  }

  /** Removes all of it. */
  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What was copied and then not used stays at home. */
  private async keepOnly(publication: Publication): Promise<void> {
    const used = new Set(partsOf(publication).map(({ digest }) => digest));
    for (const digest of this.digests)
      if (!used.has(digest)) await rm(this.path({ digest, size: 0 }), { force: true });
  }

  /** @returns whether it still fits */
  private count(name: string, size: number): boolean {
    this.sizes.set(name, (this.sizes.get(name) ?? 0) + size);
    this.total += size;
    return this.total <= this.limit;
  }
}

/**
 * The most that all parts of a publication may have together, in bytes: 256 MiB, or what
 * `TIERBOOK_PUBLICATION` says, such as `2GB`.
 *
 * @throws {ServerError} 400 `limit` for what is no amount
 */
export function publicationLimit(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): number {
  return bytesFrom("TIERBOOK_PUBLICATION", environment["TIERBOOK_PUBLICATION"]) ?? 256 << 20;
}
