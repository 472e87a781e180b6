import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { ServerError } from "./server-error.ts";

/** One file that whoever knows a random URL may read, as it was when that URL was given. */
export interface Capability {
  /** the frame for which it was given */
  readonly frame: string;
  /** a real path on this machine */
  readonly path: string;
  /** SHA-256 of the bytes */
  readonly digest: string;
  readonly mediaType: string;
}

interface Kept extends Capability {
  readonly bytes: number;
  readonly modified: number;
}

/**
 * The files that sandboxed frames may read. A URL names one file, cannot be guessed, and ends with
 * its frame.
 */
export class Capabilities {
  private readonly kept = new Map<string, Kept>();

  /** @returns the path of the URL, `/b/<random>` */
  async give(capability: Capability): Promise<string> {
    const { size, mtimeMs } = await stat(capability.path);
    const name = randomBytes(32).toString("base64url");
    this.kept.set(name, { ...capability, bytes: size, modified: mtimeMs });
    return `/b/${name}`;
  }

  /**
   * The file behind a URL.
   *
   * @throws {ServerError} 404 `capability` if there is none (any more), 410 `changed` if the file is
   *   no longer the one that was named
   */
  async use(name: string): Promise<Kept> {
    const kept = this.kept.get(name);
    if (kept === undefined) throw new ServerError(404, "capability", "this address names nothing");
    const found = await stat(kept.path).catch(() => undefined);
    if (found?.size !== kept.bytes || found.mtimeMs !== kept.modified)
      throw new ServerError(410, "changed", "the file has changed since this address was given", {
        hint: "ask for the file again",
      });
    return kept;
  }

  /** Ends all that was given for a frame. */
  revoke(frame: string): void {
    for (const [name, kept] of this.kept) if (kept.frame === frame) this.kept.delete(name);
  }
}
