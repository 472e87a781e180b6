import { element } from "./element.ts";
import { linkedText, type CellLinks } from "./linked-text.ts";
import { endsByRunning, waitingChain, type WaitingContext } from "./waiting-text.ts";

/** What a notice at a cell's output needs and leads to. */
export interface NoticeLinks extends CellLinks, WaitingContext {
  /** runs the cell */
  run(): void;
  /** runs the cell and the stale ones that it depends on */
  runTo(): void;
}

/**
 * The line at the output of a cell that waits or is stale: why, and what runs it.
 *
 * @param text why, as a sentence with names between backticks
 */
export function waitingNotice(id: number, text: string, links: NoticeLinks): HTMLElement {
  const state = links.statusOf(id)?.state ?? "idle";
  const notice = element("div", { class: `cell-notice ${state}` }, linkedText(text, links));
  if (endsByRunning(id, links)) notice.append(runButton(id, links));
  return notice;
}

function runButton(id: number, links: NoticeLinks): HTMLElement {
  const isAlone = waitingChain(id, links).length === 0;
  return element("button", {
    class: "notice-action",
    text: isAlone ? "Run" : "Run to here",
    attributes: {
      type: "button",
      title: isAlone
        ? "Run this cell"
        : "Run this cell and, before it, the cells that it waits for",
    },
    on: { click: () => (isAlone ? links.run() : links.runTo()) },
  });
}
