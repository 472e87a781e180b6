import type { Port } from "../../cells/port.ts";
import { parseNotebook } from "../../runtime/notebook.ts";
import type { FrameApi, ShellApi } from "../protocol.ts";
import { Awaited } from "./awaited.ts";
import type { Banners } from "./banners.ts";
import { h } from "./dom.ts";
import { FrameHost } from "./frame-host.ts";
import { FrameWatch } from "./frame-watch.ts";
import type { WorkbookDocument } from "./workbook-document.ts";

/** What a frame needs of the workbook around it. */
export interface WorkbookFrameParts {
  readonly document: WorkbookDocument;
  readonly banners: Banners;
  /** what the frame may ask for; `running` is told which cell's body is at work */
  readonly service: (frame: string, running: (cell: number | null) => void) => ShellApi;
  /** ends all that the frame was given */
  readonly revoke: (frame: string) => void;
  readonly colorScheme: () => "light" | "dark";
  /** whether the workbook waits for the person's leave to run */
  readonly isHeld: () => boolean;
  /** the frame does not answer; the person has been told */
  readonly stuck: () => void;
}

/** How long a frame may take to load before the person hears of it, in milliseconds. */
const loadPatience = 20_000;

/** The place of a workbook's frame: one after the other, where one hangs or gets lost. */
export class WorkbookFrame {
  readonly element = h("div", { class: "stage" });
  private readonly disabled = new Set<number>();
  private host: FrameHost | undefined;
  private port: Port<FrameApi> | undefined;
  private watch: FrameWatch | undefined;
  private runningCell: { readonly id: number; readonly since: Date } | undefined;
  private isStuck = false;
  /** whether the frame has the workbook */
  private isOpen = false;
  private readonly awaited = new Awaited();

  constructor(private readonly parts: WorkbookFrameParts) {
    this.open();
  }

  /** The frame's interface, as long as it answers. */
  get remote(): FrameApi | undefined {
    return this.isStuck ? undefined : this.port?.remote;
  }

  /** What the frame answers to a question; rejects where it hangs, or is not there. */
  async answer<Value>(question: (remote: FrameApi) => Promise<Value>): Promise<Value> {
    const { remote } = this;
    if (remote === undefined) throw notAnswering();
    return await this.awaited.answer(question(remote));
  }

  /** The person lets a workbook run that was opened held; one that is still being opened, once it is. */
  async release(): Promise<void> {
    if (this.isOpen) await this.remote?.release();
  }

  /** Tells the frame which colours the page has now. */
  sendColors(): void {
    void this.remote?.setColorScheme(this.parts.colorScheme()).catch(() => undefined);
  }

  /** Takes everything back that the frame was given, while the page is being left. */
  revoke(): void {
    if (this.host !== undefined) this.parts.revoke(this.host.id);
  }

  /** Opens a new frame from the text as it is now, in the place of the old one. */
  reopen(): void {
    this.parts.banners.clear(["frame", "stuck"]);
    this.close();
    this.open();
  }

  /** Removes the frame, which ends whatever runs in it. */
  close(): void {
    this.watch?.stop();
    this.revoke();
    this.host?.remove();
    this.watch = undefined;
    this.host = undefined;
    this.port = undefined;
    this.runningCell = undefined;
    this.isOpen = false;
    this.setStuck(false);
  }

  private open(): void {
    const { banners, service } = this.parts;
    const host = new FrameHost(({ id }) =>
      service(id, (cell) => {
        this.runningCell = cell === null ? undefined : { id: cell, since: new Date() };
      }),
    );
    this.host = host;
    this.element.replaceChildren(host.element);
    const slow = setTimeout(() => {
      if (this.host !== host) return;
      banners.show("frame", {
        tone: "warn",
        text: "The workbook has not loaded yet.",
        actions: [{ label: "Load it again", press: () => this.reopen() }],
      });
    }, loadPatience);
    void host.left.then(() => this.lost(host));
    void host.connected.then(async (port) => {
      clearTimeout(slow);
      if (this.host === host) await this.connect(host, port);
    });
  }

  private async connect(host: FrameHost, port: Port<FrameApi>): Promise<void> {
    const { document, banners, colorScheme, isHeld } = this.parts;
    const held = isHeld();
    banners.hide("frame");
    this.port = port;
    void port.closed.then(() => this.lost(host));
    this.watch = new FrameWatch(
      () => port.remote.ping(),
      (isStuck) => this.setStuck(isStuck),
    );
    try {
      await port.remote.open({
        path: document.path,
        text: document.text,
        disabled: [...this.disabled],
        held,
        colorScheme: colorScheme(),
      });
      if (this.host !== host) return;
      this.isOpen = true;
      if (held && !isHeld()) await port.remote.release();
    } catch (error) {
      if (this.host !== host) return;
      const message = error instanceof Error ? error.message : String(error);
      banners.show("frame", { tone: "fail", text: message, closable: true });
    }
  }

  /** The frame is gone without our doing: it crashed, or a cell has navigated it away. */
  private lost(host: FrameHost): void {
    if (this.host !== host) return;
    this.close();
    this.parts.banners.show("frame", {
      tone: "fail",
      text: "The workbook’s frame is gone. Its text is kept.",
      actions: [{ label: "Open it again", press: () => this.reopen() }],
    });
  }

  private setStuck(isStuck: boolean): void {
    this.isStuck = isStuck;
    if (!isStuck) return this.parts.banners.hide("stuck");
    this.awaited.giveUp(notAnswering());
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
    this.parts.stuck();
  }

  /**
   * Ends a frame that hangs and opens a new one from the text. The cell that hung it is disabled;
   * where none was at work by itself, a callback or a promise of some script hangs, and none of them may run.
   */
  private stopCell(id: number | undefined): void {
    for (const each of id === undefined ? scriptIds(this.parts.document.text) : [id])
      this.disabled.add(each);
    this.parts.document.keepDraft();
    this.reopen();
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
}

function notAnswering(): Error {
  return new Error("The workbook does not answer: a cell may be at work, or it has not loaded yet");
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
