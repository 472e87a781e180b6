import { FilesRead } from "../../cells/report/files-read.ts";
import { ApiError } from "./api.ts";
import { button } from "./button.ts";
import { askAboutConflict, downloadText } from "./conflict-dialog.ts";
import { Dispatch } from "./dispatch.ts";
import { h } from "./dom.ts";
import { confirmFullRun } from "./full-run-dialog.ts";
import { LadderStrip } from "./ladder-strip.ts";
import { confirmOverride } from "./override-dialog.ts";
import { pageBase } from "./page-base.ts";
import type { PageParts } from "./page-parts.ts";
import { exportReport } from "./report-export.ts";
import { shareWorkbook } from "./share-dialog.ts";
import { shellService } from "./shell-service.ts";
import type { WorkbookDocument } from "./workbook-document.ts";
import { WorkbookFrame } from "./workbook-frame.ts";

/** The banners of one workbook; they go with it. */
const bannerNames = ["restored", "stuck", "frame", "save", "draft", "run", "report"] as const;

const notAnswering = new Error("The workbook does not answer, so there is nothing to report");

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
      isHeld: () => false,
      stuck: () => {
        // What was asked of a frame that hangs is done without it, from the text that it gave last.
        if (!this.isSaveAsked) return;
        this.saveText(document.text).catch((error: unknown) => this.tell("save", error));
      },
    });
  }

  private async saveText(text: string): Promise<{ readonly digest: string }> {
    this.isSaveAsked = false;
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
    const when = new Date(restored.at).toLocaleString(undefined, {
      dateStyle: "medium",
      timeStyle: "short",
    });
    this.parts.banners.show("restored", {
      tone: "info",
      text: `Unsaved edits from ${when} are restored.`,
      actions: [{ label: "Open the version on disk", press: () => void this.dropDraft() }],
      closable: true,
    });
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
      text: "This is the version on disk.",
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
    const { header } = this.parts;
    header.setPath(this.document.path);
    header.setActions(
      button("Run stale", { kind: "plain", icon: "rerun", title: "Run all stale cells" }, () => {
        void this.frame.remote?.runStale().catch((error: unknown) => this.tell("run", error));
      }),
      button("Run all", { kind: "plain", icon: "play", title: "Run every cell again" }, () => {
        void this.frame.remote?.runAll().catch((error: unknown) => this.tell("run", error));
      }),
      button(undefined, { kind: "plain", icon: "forget", name: "Forget cached results" }, () => {
        void this.frame.remote?.forgetResults().catch((error: unknown) => this.tell("run", error));
      }),
      this.exportButton(),
      this.shareButton(),
      button("Save", { icon: "save", title: `${this.saved("Save")} (Ctrl+S or ⌘S)` }, () =>
        this.save(),
      ),
    );
  }

  /** Reports are drawn by the server. */
  private exportButton(): HTMLButtonElement | undefined {
    const { document } = this;
    const { server } = this.parts;
    if (server === undefined) return undefined;
    const made = button(undefined, { kind: "plain", icon: "report", name: "Export report" }, () => {
      const frame = this.frame.remote;
      if (frame === undefined) return this.tell("report", notAnswering);
      made.disabled = true;
      void exportReport({ path: document.path, frame, api: server, files: this.files.list() })
        .catch((error: unknown) => this.tell("report", error))
        .finally(() => (made.disabled = false));
    });
    return made;
  }

  /** Publishing takes a server. */
  private shareButton(): HTMLButtonElement | undefined {
    const { document, frame } = this;
    const { server, preferences } = this.parts;
    if (server === undefined) return undefined;
    return button("Share", { kind: "plain", icon: "share" }, () =>
      shareWorkbook({
        path: document.path,
        api: server,
        preferences,
        base: pageBase().href,
        // of a frame that hangs, the text that it gave last
        text: () => frame.answer((remote) => remote.text()).catch(() => document.text),
        shown: () => frame.answer((remote) => remote.share()),
        files: () => this.files.list(),
      }),
    );
  }

  private drawState(): void {
    const { isSaving, isUnsaved, isDraftKept } = this.document;
    const text = isSaving ? "Saving…" : isUnsaved ? "Unsaved edits" : this.saved("Saved");
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

  /** "Save" or "Saved", and where to. */
  private saved(word: string): string {
    const { savedWhere } = this.parts;
    return savedWhere === undefined ? word : `${word} ${savedWhere}`;
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
