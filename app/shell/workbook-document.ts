import type { Backend } from "./backend.ts";
import { Changes } from "./change-stream.ts";
import type { Draft, DraftStore } from "./draft-store.ts";

/** A file's text and the digest of its bytes. */
export interface FileVersion {
  readonly text: string;
  readonly digest: string;
}

/** How long an edit may be in memory only, in milliseconds. */
const draftDelay = 400;

/** One workbook: its text now, what is on disk, and the draft between the two. */
export class WorkbookDocument {
  readonly changes = new Changes();
  /** the edits that were found when it was opened */
  restored: Draft | undefined;
  /** whether the browser's storage took the last draft */
  isDraftKept = true;
  isSaving = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    readonly path: string,
    private readonly api: Pick<Backend, "readFile" | "writeFile">,
    private readonly drafts: DraftStore,
    /** the text now, with all edits */
    public text: string,
    private savedText: string,
    /** the digest that the file had when we last read or wrote it */
    public base: string,
  ) {}

  /** A workbook from its file as it was read; edits that were not saved come back. */
  static of(
    path: string,
    file: FileVersion,
    api: Pick<Backend, "readFile" | "writeFile">,
    drafts: DraftStore,
  ): WorkbookDocument {
    const draft = drafts.read(path);
    const isNews = draft !== undefined && draft.text !== file.text;
    if (draft !== undefined && !isNews) drafts.remove(path);
    // Edits keep the version that they began from, so that saving them cannot undo somebody else's.
    const document = new WorkbookDocument(
      path,
      api,
      drafts,
      isNews ? draft.text : file.text,
      file.text,
      isNews ? draft.base : file.digest,
    );
    if (isNews) document.restored = draft;
    return document;
  }

  get isUnsaved(): boolean {
    return this.text !== this.savedText;
  }

  /** The text was edited. It is in memory at once, and in the browser's storage soon. */
  edit(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.timer ??= setTimeout(() => this.keepDraft(), draftDelay);
    this.changes.notify();
  }

  /** Writes the draft to the browser's storage now, or removes it where all is saved. */
  keepDraft(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.isUnsaved) return this.drafts.remove(this.path);
    const at = new Date().toISOString();
    const isKept = this.drafts.write(this.path, { text: this.text, base: this.base, at });
    if (isKept === this.isDraftKept) return;
    this.isDraftKept = isKept;
    this.changes.notify();
  }

  /**
   * Writes a text to disk, if nobody else has changed the file since we read it.
   *
   * @throws {ApiError} `conflict`
   */
  async save(text: string): Promise<{ readonly digest: string }> {
    this.edit(text);
    this.isSaving = true;
    this.changes.notify();
    try {
      const written = await this.api.writeFile(this.path, text, this.base);
      this.base = written.digest;
      this.savedText = text;
      this.restored = undefined;
      return written;
    } finally {
      this.isSaving = false;
      this.keepDraft();
      this.changes.notify();
    }
  }

  /** What is on disk now. */
  onDisk(): Promise<FileVersion> {
    return this.api.readFile(this.path);
  }

  /** Writes a text over a version that the person has seen. */
  async replace(seen: FileVersion, text: string): Promise<{ readonly digest: string }> {
    this.base = seen.digest;
    return await this.save(text);
  }

  /** Takes the version on disk and lets the edits go. */
  take(version: FileVersion): void {
    this.text = version.text;
    this.savedText = version.text;
    this.base = version.digest;
    this.restored = undefined;
    this.keepDraft();
    this.changes.notify();
  }
}
