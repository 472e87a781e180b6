import * as v from "valibot";

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
  /** whether nothing of it runs until the person says so */
  readonly held: boolean;
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
  held: v.boolean(),
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
    const copies: BrowserCopy[] = [];
    for (let i = 0; i < this.storage.length; ++i) {
      const key = this.storage.key(i);
      if (key?.startsWith(this.prefix) !== true) continue;
      const copy = this.read(key.slice(this.prefix.length));
      if (copy !== undefined) copies.push(copy);
    }
    return copies.sort((a, b) => (a.at < b.at ? 1 : -1));
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
    return this.write({ ...copy, id: newId() });
  }

  /**
   * Changes a copy, if it is still there.
   *
   * @returns what is kept now; `undefined` where it was deleted meanwhile
   * @throws {StorageFullError} and leaves it as it was
   */
  change(id: string, change: Partial<Pick<BrowserCopy, "text" | "held">>): BrowserCopy | undefined {
    const copy = this.read(id);
    return copy && this.write({ ...copy, ...change });
  }

  remove(id: string): void {
    this.storage.removeItem(this.prefix + id);
  }

  private get prefix(): string {
    return `tierbook.copy:${this.site}:`;
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

/** A name that no other copy has. A page of a plain `http:` host has no `randomUUID`. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
