import type { FileRead } from "../../cells/report/files-read.ts";
import { button } from "./button.ts";
import type { Child } from "./dom.ts";
import type { FrameApi } from "../protocol.ts";
import { pageBase } from "./page-base.ts";
import type { PageParts } from "./page-parts.ts";
import { exportReport } from "./report-export.ts";
import { shareWorkbook } from "./share-dialog.ts";
import type { WorkbookDocument } from "./workbook-document.ts";
import type { WorkbookFrame } from "./workbook-frame.ts";

/** What the buttons of an open workbook work on. */
export interface WorkbookActionParts {
  readonly document: WorkbookDocument;
  readonly frame: WorkbookFrame;
  readonly parts: PageParts;
  /** whether the workbook waits for the person's leave to run */
  readonly isHeld: boolean;
  /** what the shell has given the workbook to read */
  readonly files: () => readonly FileRead[];
  readonly save: () => Promise<void>;
  /** says what went wrong */
  readonly tell: (name: "run" | "report" | "save", error: unknown) => void;
}

/** The buttons of an open workbook, for the header. */
export function workbookActions(parts: WorkbookActionParts): readonly Child[] {
  const { guest } = parts.parts;
  return [
    ...(parts.isHeld ? [] : runButtons(parts)),
    exportButton(parts),
    shareButton(parts),
    guest &&
      button("Download", { kind: "plain" }, async () => guest.download(await newestText(parts))),
    guest?.share &&
      button("Share", { kind: "plain", icon: "share" }, () =>
        guest.share?.(() => newestText(parts)),
      ),
    saveButton(parts),
  ];
}

function runButtons({ frame, tell }: WorkbookActionParts): readonly Child[] {
  const asking = (ask: (remote: FrameApi) => Promise<void>) => (): void => {
    if (frame.remote !== undefined)
      void ask(frame.remote).catch((error: unknown) => tell("run", error));
  };
  return [
    button(
      "Run stale",
      { kind: "plain", icon: "rerun", title: "Run all stale cells" },
      asking((remote) => remote.runStale()),
    ),
    button(
      "Run all",
      { kind: "plain", icon: "play", title: "Run every cell again" },
      asking((remote) => remote.runAll()),
    ),
    button(
      undefined,
      { kind: "plain", icon: "forget", name: "Forget cached results" },
      asking((remote) => remote.forgetResults()),
    ),
  ];
}

/** Reports are drawn by the server. */
function exportButton({ document, frame, parts, files, tell }: WorkbookActionParts): Child {
  const { server } = parts;
  if (server === undefined) return undefined;
  const made = button(undefined, { kind: "plain", icon: "report", name: "Export report" }, () => {
    const { remote } = frame;
    if (remote === undefined) return tell("report", notAnswering);
    made.disabled = true;
    void exportReport({ path: document.path, frame: remote, api: server, files: files() })
      .catch((error: unknown) => tell("report", error))
      .finally(() => (made.disabled = false));
  });
  return made;
}

const notAnswering = new Error("The workbook does not answer, so there is nothing to report");

/** Publishing takes a server. */
function shareButton(actions: WorkbookActionParts): Child {
  const { document, frame, parts, files } = actions;
  const { server, preferences } = parts;
  if (server === undefined) return undefined;
  return button("Share", { kind: "plain", icon: "share" }, () =>
    shareWorkbook({
      path: document.path,
      api: server,
      preferences,
      base: pageBase().href,
      text: () => newestText(actions),
      shown: () => frame.answer((remote) => remote.share()),
      files,
    }),
  );
}

/** A guest without a place to save to makes a copy, which has one. */
function saveButton({ parts: { guest, savedWhere }, save }: WorkbookActionParts): Child {
  const isCopied = guest?.copy !== undefined;
  const where = isCopied ? guest.copyWhere : savedWhere;
  const label = isCopied ? "Make a copy" : "Save";
  const title = `${[label, where].filter((text) => text !== undefined).join(" ")} (Ctrl+S or ⌘S)`;
  return button(label, { icon: "save", title }, save);
}

/** The text with the last key press; of a frame that hangs, the text that it gave last. */
function newestText({
  document,
  frame,
}: Pick<WorkbookActionParts, "document" | "frame">): Promise<string> {
  return frame.answer((remote) => remote.text()).catch(() => document.text);
}
