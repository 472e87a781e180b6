import { FilesRead } from "../../cells/report/files-read.ts";
import { ApiError } from "./api.ts";
import { askAboutConflict, downloadText } from "./conflict-dialog.ts";
import { Dispatch } from "./dispatch.ts";
import { h } from "./dom.ts";
import { confirmFullRun } from "./full-run-dialog.ts";
import { LadderStrip } from "./ladder-strip.ts";
import { momentText } from "./moment-text.ts";
import { confirmOverride } from "./override-dialog.ts";
import type { PageParts } from "./page-parts.ts";
import { shellService } from "./shell-service.ts";
import { workbookActions } from "./workbook-actions.ts";
import type { WorkbookDocument } from "./workbook-document.ts";
import { WorkbookFrame } from "./workbook-frame.ts";

/** The banners of one workbook; they go with it. */
const bannerNames = [
  "held",
  "restored",
  "stuck",
  "frame",
  "save",
  "draft",
  "run",
  "report",
] as const;

/** An open workbook: its ladder, its frame, and what stands between its text and the disk. */
export class WorkbookView {
  readonly element = h("main", { class: "workbook", tabindex: -1 });
  private readonly dispatch: Dispatch;
  private readonly strip: LadderStrip;
  private readonly frame: WorkbookFrame;
  private files = new FilesRead();
  private isClosed = false;
  /** the person asked to save, and the frame has not given its text yet */
  private isSaveAsked = false;
  private readonly stop: (() => void)[];

  constructor(
    private readonly document: WorkbookDocument,
    private readonly parts: PageParts,
  ) {
    const { preferences, services, local } = parts;
    this.dispatch = new Dispatch(document.path, services, this.person(), local);
    this.strip = new LadderStrip(this.dispatch, preferences, document.path, (error) =>
      this.tell("run", error),
    );
    this.frame = this.openFrame();
    this.element.append(this.strip.element, this.frame.element);
    this.stop = [
      document.changes.listen(() => this.drawState()),
      preferences.changes.listen(() => this.sendColors()),
    ];
    this.drawHeader();
    this.drawState();
    this.tellRestored();
    this.tellHeld();
  }

  /** Lets the frame go, with all that it was given. Runs go on; the draft is kept. */
  close(): void {
    this.isClosed = true;
    this.document.keepDraft();
    this.frame.close();
    this.dispatch.close();
    this.strip.close();
    for (const stop of this.stop) stop();
    this.parts.banners.clear(bannerNames);
    this.parts.header.setActions();
    this.parts.header.setState();
  }

  /** Whether leaving the page now would cost something. */
  get isUnsaved(): boolean {
    return this.document.isUnsaved;
  }

  /** The page is being left: what ends with it is told so. */
  leave(): void {
    this.document.keepDraft();
    this.frame.revoke();
  }

  /** Saves; through the frame where it answers, since its text may be newer by a key press. */
  async save(): Promise<void> {
    try {
      this.isSaveAsked = true;
      const { remote } = this.frame;
      if (remote !== undefined) await remote.save();
      else await this.saveText(this.document.text);
    } catch (error) {
      this.tell("save", error);
    } finally {
      this.isSaveAsked = false;
    }
  }

  /** The page's colours have changed. */
  sendColors(): void {
    this.frame.sendColors();
  }

  private person(): ConstructorParameters<typeof Dispatch>[2] {
    const { preferences, api } = this.parts;
    return {
      device: () => preferences.device,
      allowsSmallRuns: () => preferences.allowsSmallRuns(this.document.path),
      // A workbook's code may call for a run at any time; only a person's click brings it forward.
      isPresent: () => navigator.userActivation.isActive,
      confirm: (asked, submit) => confirmFullRun(asked, api, submit),
      confirmOverride: (asked, submit) => confirmOverride(asked, api, submit),
      callTo: (asked) => this.strip.call(asked),
    };
  }

  private openFrame(): WorkbookFrame {
    const { document, parts } = this;
    return new WorkbookFrame({
      document,
      banners: parts.banners,
      service: (frame, running) => {
        // a new frame reads anew
        this.files = new FilesRead();
        return shellService({
          frame,
          files: this.files,
          workbook: document.path,
          api: parts.api,
          dispatch: this.dispatch,
          draft: (text) => document.edit(text),
          save: (text) => this.saveText(text),
          running,
        });
      },
      revoke: (frame) => void parts.api.revoke(frame).catch(() => undefined),
      colorScheme: () => this.colorScheme(),
      isHeld: () => this.isHeld,
      stuck: () => {
        // What was asked of a frame that hangs is done without it, from the text that it gave last.
        if (!this.isSaveAsked) return;
        this.saveText(document.text).catch((error: unknown) => this.tell("save", error));
      },
    });
  }

  private async saveText(text: string): Promise<{ readonly digest: string }> {
    this.isSaveAsked = false;
    const { guest } = this.parts;
    if (guest?.copy !== undefined) {
      await guest.copy(text);
      // the copy has the edits now
      this.document.take({ text, digest: this.document.base });
      return { digest: this.document.base };
    }
    try {
      const saved = await this.document.save(text);
      this.parts.banners.clear(["save", "restored"]);
      return saved;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "conflict")) throw error;
      return await this.settle(text, error);
    }
  }

  private async settle(text: string, conflict: ApiError): Promise<{ readonly digest: string }> {
    const theirs = await this.document.onDisk();
    const answer = await askAboutConflict(this.document.path, text, theirs.text);
    if (answer === "mine") return await this.document.replace(theirs, text);
    if (answer === "theirs") {
      this.document.take(theirs);
      this.frame.reopen();
    }
    throw conflict;
  }

  private tellRestored(): void {
    const { restored } = this.document;
    if (restored === undefined) return;
    this.parts.banners.show("restored", {
      tone: "info",
      text: `Unsaved edits from ${momentText(restored.at)} are restored.`,
      actions: [{ label: `Open ${this.savedVersion}`, press: () => void this.dropDraft() }],
      closable: true,
    });
  }

  private get savedVersion(): string {
    const { guest } = this.parts;
    if (guest === undefined) return "the version on disk";
    return guest.copy === undefined ? "the version that was saved" : "the version of the link";
  }

  private async dropDraft(): Promise<void> {
    const edits = this.document.text;
    try {
      this.document.take(await this.document.onDisk());
    } catch (error) {
      return this.tell("save", error);
    }
    this.frame.reopen();
    this.parts.banners.show("restored", {
      tone: "info",
      text: `This is ${this.savedVersion}.`,
      actions: [
        {
          label: "Download the edits",
          press: () => downloadText(`${this.document.path.split("/").at(-1)} (edits).html`, edits),
        },
      ],
      closable: true,
    });
  }

  private drawHeader(): void {
    const { document, frame, parts } = this;
    parts.header.setPath(document.path);
    parts.header.setActions(
      ...workbookActions({
        document,
        frame,
        parts,
        isHeld: this.isHeld,
        files: () => this.files.list(),
        save: () => this.save(),
        tell: (name, error) => this.tell(name, error),
      }),
    );
  }

  /** Whether a stranger made the workbook and the person has not let it run yet. */
  private get isHeld(): boolean {
    return this.parts.preferences.heldCopy(this.document.path) !== undefined;
  }

  private tellHeld(): void {
    const { preferences, banners } = this.parts;
    const copy = preferences.heldCopy(this.document.path);
    if (copy === undefined) return;
    const notes = copy.notes.map((note) => ` ${note}.`).join("");
    banners.show("held", {
      tone: "info",
      text: `This copy comes from ${copy.from}. Nothing in it runs until you say so.${notes}`,
      actions: [{ label: "Run", press: () => this.release() }],
    });
  }

  /** The person lets the workbook run, from now on. */
  private release(): void {
    const { preferences, server, banners } = this.parts;
    preferences.release(this.document.path);
    void server?.release(this.document.path).catch((error: unknown) => this.tell("run", error));
    banners.hide("held");
    this.drawHeader();
    void this.frame.release().catch((error: unknown) => this.tell("run", error));
  }

  private drawState(): void {
    const { isSaving, isUnsaved, isDraftKept } = this.document;
    const text = isSaving ? "Saving…" : isUnsaved ? "Unsaved edits" : this.savedText();
    this.parts.header.setState(
      h("span", { class: `save-state ${isUnsaved ? "unsaved" : ""}`, role: "status" }, text),
    );
    document.title = `${isUnsaved ? "• " : ""}${this.document.path.split("/").at(-1)} – Tierbook`;
    if (isDraftKept) this.parts.banners.hide("draft");
    else
      this.parts.banners.show("draft", {
        tone: "warn",
        text: "This browser’s storage is full, so unsaved edits would not survive a crash. Save soon.",
      });
  }

  private savedText(): string {
    const { savedWhere, guest } = this.parts;
    if (guest?.copy !== undefined) return "As the link has it";
    return savedWhere === undefined ? "Saved" : `Saved ${savedWhere}`;
  }

  private tell(name: (typeof bannerNames)[number], error: unknown): void {
    // These are said elsewhere; the error may have come back through the frame.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (this.isClosed || code === "server-gone" || code === "conflict" || code === "port-closed")
      return;
    const message = error instanceof Error ? error.message : String(error);
    const hint =
      error instanceof Error && "hint" in error && typeof error.hint === "string"
        ? ` ${error.hint}.`
        : "";
    const text = `${message.replace(/\.$/, "")}.${hint}`;
    this.parts.banners.show(name, { tone: "fail", text, closable: true });
  }

  private colorScheme(): "light" | "dark" {
    const { colorScheme } = this.parts.preferences;
    if (colorScheme !== "system") return colorScheme;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
}
