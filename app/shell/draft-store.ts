import * as v from "valibot";
import type { KeyValueStore } from "./session.ts";

/** Text that was edited and not saved. */
export interface Draft {
  readonly text: string;
  /** the digest of the file that the edits began from */
  readonly base: string;
  /** RFC 3339, UTC */
  readonly at: string;
}

const draftSchema = v.object({ text: v.string(), base: v.string(), at: v.string() });

/** Drafts by path, in the browser's storage, so that a crash loses nothing. */
export class DraftStore {
  constructor(
    private readonly store: KeyValueStore,
    private readonly workspace: string,
  ) {}

  read(path: string): Draft | undefined {
    const text = this.store.getItem(this.key(path));
    if (text === null) return undefined;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), draftSchema), text);
    return parsed.success ? parsed.output : undefined;
  }

  /** Keeps a draft; `false` where the browser's storage is full. */
  write(path: string, draft: Draft): boolean {
    try {
      this.store.setItem(this.key(path), JSON.stringify(draft));
      return true;
    } catch {
      return false;
    }
  }

  remove(path: string): void {
    this.store.removeItem(this.key(path));
  }

  private key(path: string): string {
    return `tierbook.draft:${this.workspace}:${path}`;
  }
}
