import type { Port } from "../../cells/port.ts";
import type { FrameApi } from "../protocol.ts";
import { parseNotebook } from "../../runtime/notebook.ts";
import { ApiError } from "./api.ts";
import { button } from "./button.ts";
import { askAboutConflict, downloadText } from "./conflict-dialog.ts";
import { Dispatch } from "./dispatch.ts";
import { h } from "./dom.ts";
import { FrameHost } from "./frame-host.ts";
import { FrameWatch } from "./frame-watch.ts";
import { confirmFullRun } from "./full-run-dialog.ts";
import { LadderStrip } from "./ladder-strip.ts";
import type { PageParts } from "./page-parts.ts";
import { shellService } from "./shell-service.ts";
import type { WorkbookDocument } from "./workbook-document.ts";

/** The banners of one workbook; they go with it. */
const bannerNames = ["restored", "stuck", "frame", "save", "draft", "run"] as const;

/** How long a frame may take to load before the person hears of it, in milliseconds. */
const loadPatience = 20_000;

/** An open workbook: its ladder, its frame, and what stands between its text and the disk. */
export class WorkbookView {
  readonly element = h("main", { class: "workbook", tabindex: -1 });
  private readonly dispatch: Dispatch;
  private readonly strip: LadderStrip;
  private readonly stage = h("div", { class: "stage" });
  private readonly disabled = new Set<number>();
  private host: FrameHost | undefined;
  private port: Port<FrameApi> | undefined;
  private watch: FrameWatch | undefined;
  private runningCell: { readonly id: number; readonly since: Date } | undefined;
  private isStuck = false;
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
    this.element.append(this.strip.element, this.stage);
    this.stop = [
      document.changes.listen(() => this.drawState()),
      preferences.changes.listen(() => this.sendColors()),
    ];
    this.drawHeader();
    this.drawState();
    this.tellRestored();
    this.openFrame();
  }

  /** Lets the frame go, with all that it was given. Runs go on; the draft is kept. */
  close(): void {
    this.isClosed = true;
    this.document.keepDraft();
    this.closeFrame();
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
    if (this.host !== undefined) void this.parts.api.revoke(this.host.id).catch(() => undefined);
  }

  /** Saves; through the frame where it answers, since its text may be newer by a key press. */
  async save(): Promise<void> {
    try {
      this.isSaveAsked = true;
      if (this.port !== undefined && !this.isStuck) await this.port.remote.save();
      else await this.saveText(this.document.text);
    } catch (error) {
      this.tell("save", error);
    }
  }

  /** The page's colours have changed. */
  sendColors(): void {
    void this.port?.remote.setColorScheme(this.colorScheme()).catch(() => undefined);
  }

  private person(): ConstructorParameters<typeof Dispatch>[2] {
    const { preferences, api } = this.parts;
    return {
      device: () => preferences.device,
      allowsSmallRuns: () => preferences.allowsSmallRuns(this.document.path),
      // A workbook's code may call for a run at any time; only a person's click brings it forward.
      isPresent: () => navigator.userActivation.isActive,
      confirm: (asked, submit) => confirmFullRun(asked, api, submit),
      callTo: (asked) => this.strip.call(asked),
    };
  }

  private openFrame(): void {
    const { document, parts } = this;
    const host = new FrameHost((own) =>
      shellService({
        frame: own.id,
        api: parts.api,
        dispatch: this.dispatch,
        draft: (text) => document.edit(text),
        save: (text) => this.saveText(text),
        running: (id) => {
          this.runningCell = id === null ? undefined : { id, since: new Date() };
        },
      }),
    );
    this.host = host;
    this.stage.replaceChildren(host.element);
    const slow = setTimeout(() => {
      parts.banners.show("frame", {
        tone: "warn",
        text: "The workbook has not loaded yet.",
        actions: [{ label: "Load it again", press: () => this.reopenFrame() }],
      });
    }, loadPatience);
    void host.connected.then(async (port) => {
      clearTimeout(slow);
      if (this.host !== host) return;
      parts.banners.hide("frame");
      this.port = port;
      void port.closed.then(() => this.lost(host));
      this.watch = new FrameWatch(
        () => port.remote.ping(),
        (isStuck) => this.setStuck(isStuck),
      );
      await port.remote
        .open({
          path: document.path,
          text: document.text,
          disabled: [...this.disabled],
          colorScheme: this.colorScheme(),
        })
        .catch((error: unknown) => this.tell("frame", error));
    });
  }

  private closeFrame(): void {
    this.watch?.stop();
    this.watch = undefined;
    const { host } = this;
    this.host = undefined;
    this.port = undefined;
    this.runningCell = undefined;
    this.setStuck(false);
    if (host === undefined) return;
    host.remove();
    void this.parts.api.revoke(host.id).catch(() => undefined);
  }

  private reopenFrame(): void {
    this.parts.banners.clear(["frame", "stuck"]);
    this.closeFrame();
    this.openFrame();
  }

  /** The frame is gone without our doing: it crashed, or a cell has navigated it away. */
  private lost(host: FrameHost): void {
    if (this.host !== host) return;
    this.closeFrame();
    this.parts.banners.show("frame", {
      tone: "fail",
      text: "The workbook’s frame is gone. Its text is kept.",
      actions: [{ label: "Open it again", press: () => this.reopenFrame() }],
    });
  }

  private setStuck(isStuck: boolean): void {
    this.isStuck = isStuck;
    if (!isStuck) return this.parts.banners.hide("stuck");
    if (this.isSaveAsked)
      this.saveText(this.document.text).catch((error: unknown) => this.tell("save", error));
    const cell = this.runningCell;
    const since = cell?.since.toLocaleTimeString(undefined, { timeStyle: "medium" });
    this.parts.banners.show("stuck", {
      tone: "warn",
      text:
        cell === undefined
          ? "The workbook does not answer. None of its cells is at work by itself."
          : `The workbook does not answer: cell ${cell.id} has been running since ${since}.`,
      actions: [
        {
          label: cell === undefined ? "Stop the workbook" : "Stop the cell",
          press: () => this.stopCell(cell?.id),
        },
      ],
    });
  }

  /**
   * Ends a frame that hangs and opens a new one from the text. The cell that hung it is disabled;
   * where none was at work by itself, a callback or a promise of some script hangs, and none of them may run.
   */
  private stopCell(id: number | undefined): void {
    for (const each of id === undefined ? scriptIds(this.document.text) : [id])
      this.disabled.add(each);
    this.document.keepDraft();
    this.reopenFrame();
    const what =
      id === undefined
        ? "The workbook was stopped. Its scripts are disabled until you enable them"
        : `Cell ${id} was stopped and is disabled until you enable it`;
    this.parts.banners.show("stuck", {
      tone: "info",
      text: `${what}; no text was lost.`,
      closable: true,
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
      this.reopenFrame();
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
    this.reopenFrame();
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
        void this.port?.remote.runStale().catch((error: unknown) => this.tell("run", error));
      }),
      button("Save", { icon: "save", title: "Save (Ctrl+S or ⌘S)" }, () => this.save()),
    );
  }

  private drawState(): void {
    const { isSaving, isUnsaved, isDraftKept } = this.document;
    const text = isSaving ? "Saving…" : isUnsaved ? "Unsaved edits" : "Saved";
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

/** The cells whose code may go on after its first turn; a text's own expressions cannot. */
function scriptIds(text: string): readonly number[] {
  try {
    return parseNotebook(text)
      .cells.filter(({ mode }) => mode === "js" || mode === "ts" || mode === "ojs")
      .map(({ id }) => id);
  } catch {
    return [];
  }
}
