import * as v from "valibot";
import { unguessableName } from "../unguessable-name.ts";

/** Where copies live: a browser's storage, which can be listed. */
export type CopyStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** A workbook that somebody without a workspace keeps in their browser. */
export interface BrowserCopy {
  /** names it in this browser */
  readonly id: string;
  /** its file's name */
  readonly name: string;
  readonly title: string;
  /** the workbook's file */
  readonly text: string;
  /** when it was last written, RFC 3339, UTC */
  readonly at: string;
  readonly from: CopyOrigin;
}

/** Where a copy comes from: a publication gives it its data and results, a link gives nothing more. */
export interface CopyOrigin {
  readonly title: string;
  /** who published it, in their own words */
  readonly by: string | null;
  /** the publication's digest, and the absolute address of its folder */
  readonly publication?: { readonly digest: string; readonly folder: string };
}

/** This browser has no room for a copy. */
export class StorageFullError extends Error {
  readonly code = "storage-full";
  readonly hint = "Download the workbook, or delete copies that you no longer need";
  constructor() {
    super("This browser’s storage is full, so the copy cannot be kept in it");
    this.name = "StorageFullError";
  }
}

const copySchema = v.object({
  name: v.string(),
  title: v.string(),
  text: v.string(),
  at: v.string(),
  from: v.object({
    title: v.string(),
    by: v.nullable(v.string()),
    publication: v.exactOptional(v.object({ digest: v.string(), folder: v.string() })),
  }),
});

/** The copies that live in this browser, for one site. */
export class BrowserCopies {
  /** @param site tells sites of one origin apart: the folder that the page lies in */
  constructor(
    private readonly storage: CopyStorage,
    private readonly site: string,
  ) {}

  /** All copies, the newest first. */
  list(): readonly BrowserCopy[] {
    return this.keys()
      .filter((key) => key.startsWith(this.prefix))
      .flatMap((key) => this.read(key.slice(this.prefix.length)) ?? [])
      .sort((a, b) => (a.at < b.at ? 1 : -1));
  }

  read(id: string): BrowserCopy | undefined {
    const text = this.storage.getItem(this.prefix + id);
    if (text === null) return undefined;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), copySchema), text);
    return parsed.success ? { ...parsed.output, id } : undefined;
  }

  /**
   * Keeps a new copy.
   *
   * @throws {StorageFullError}
   */
  add(copy: Omit<BrowserCopy, "id" | "at">): BrowserCopy {
    return this.write({ ...copy, id: unguessableName() });
  }

  /**
   * Writes a copy's text, if it is still there.
   *
   * @returns what is kept now; `undefined` where it was deleted meanwhile
   * @throws {StorageFullError} and leaves it as it was
   */
  save(id: string, text: string): BrowserCopy | undefined {
    const copy = this.read(id);
    return copy && this.write({ ...copy, text });
  }

  /** Removes a copy, and all that this browser knows of it. */
  remove(id: string): void {
    const suffix = `:${this.workspace(id)}:`;
    for (const key of this.keys())
      if (key === this.prefix + id || key.includes(suffix)) this.storage.removeItem(key);
  }

  /** What drafts, permissions and holds of a copy are bound to, as others are to a workspace. */
  workspace(id: string): string {
    return `copy:${this.site}:${id}`;
  }

  private get prefix(): string {
    return `tierbook.copy:${this.site}:`;
  }

  private keys(): readonly string[] {
    return Array.from({ length: this.storage.length }, (_, i) => this.storage.key(i) ?? "");
  }

  private write({ id, ...rest }: Omit<BrowserCopy, "at">): BrowserCopy {
    const copy = { ...rest, at: new Date().toISOString() };
    try {
      this.storage.setItem(this.prefix + id, JSON.stringify(copy));
    } catch {
      throw new StorageFullError();
    }
    return { ...copy, id };
  }
}
