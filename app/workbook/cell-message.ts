import type { CellStatus } from "../../runtime/cell.ts";
import { isNotRun, notRunOf } from "../../runtime/cell-fault.ts";
import { element } from "./element.ts";
import { cellLink, withCode, type CellLinks } from "./linked-text.ts";
import { disabledAbove, failureChain } from "./status-text.ts";

/** What a message under a cell can lead to. */
export interface MessageLinks extends CellLinks {
  statusOf(id: number): CellStatus | undefined;
  /** puts the cursor on a line of this cell, counted from 1 */
  goToLine(line: number): void;
  /** lets a disabled cell run again */
  enable(id: number): void;
}

/** What a person must read under a cell: its error, what blocks it; or nothing. */
export function cellMessage(status: CellStatus, links: MessageLinks): HTMLElement | undefined {
  if (status.disabled) return disabledMessage(status, links);
  if (isNotRun(status.error)) return notRunMessage(status);
  if (status.state === "error") return errorMessage(status, links);
  return status.state === "blocked" ? blockedMessage(status, links) : undefined;
}

function errorMessage(status: CellStatus, links: MessageLinks): HTMLElement {
  const { error } = status;
  const box = element("div", { class: "cell-message error", attributes: { role: "alert" } });
  const first = element("p", { class: "error-title" });
  if (error !== undefined && error.name !== "Error" && error.name !== "")
    first.append(element("span", { class: "error-name", text: error.name }), " ");
  first.append(...withCode(error?.message ?? "The cell failed without saying why"));
  box.append(first);
  if (error?.line !== undefined) box.append(placeButton(error.line, error.column, links));
  if (error?.hint !== undefined)
    box.append(element("p", { class: "hint" }, ...withCode(error.hint)));
  const causes = causesOf(error?.cause, error?.message);
  if (causes.length > 0)
    box.append(
      element(
        "ul",
        { class: "causes" },
        ...causes.map((cause) => element("li", {}, ...withCode(`because ${cause}`))),
      ),
    );
  return box;
}

function blockedMessage(status: CellStatus, links: MessageLinks): HTMLElement {
  const box = element("div", { class: "cell-message blocked" });
  const chain = failureChain(status.id, (id) => links.statusOf(id));
  const line = element("p", { text: "Waits for " });
  if (chain.length === 0) line.append(...withCode(status.waitsFor ?? "a cell that failed"));
  for (const [index, link] of chain.entries()) {
    if (index > 0) line.append(", which waits for ");
    line.append(cellLink(link.name, link.id, links));
  }
  const disabled = disabledAbove(status, (id) => links.statusOf(id));
  if (disabled !== undefined) {
    line.append(", which is disabled");
    const label = `Enable ${disabled.name}`;
    box.append(
      line,
      actionButton(label, () => links.enable(disabled.id)),
    );
    return box;
  }
  const last = chain.at(-1);
  const error = last === undefined ? undefined : links.statusOf(last.id)?.error;
  if (error !== undefined && isNotRun(error)) line.append(`, ${notRunOf("which", error)}`);
  else if (last?.message !== undefined) line.append(", which failed: ", ...withCode(last.message));
  box.append(line);
  return box;
}

/** No failure, so no alarm: the cell is there to be read. */
function notRunMessage({ error }: CellStatus): HTMLElement {
  const text = error?.message ?? "This cell is not run";
  return element("div", { class: "cell-message not-run" }, element("p", { text }));
}

function disabledMessage({ id }: CellStatus, links: MessageLinks): HTMLElement {
  return element(
    "div",
    { class: "cell-message disabled" },
    element("p", { text: "Disabled: it does not run, nor what reads it" }),
    actionButton("Enable", () => links.enable(id)),
  );
}

function actionButton(text: string, choose: () => void): HTMLElement {
  return element("button", {
    class: "message-action",
    text,
    attributes: { type: "button" },
    on: { click: choose },
  });
}

function placeButton(line: number, column: number | undefined, links: MessageLinks): HTMLElement {
  return element("button", {
    class: "error-place",
    text: column === undefined ? `line ${line}` : `line ${line}, column ${column}`,
    attributes: { type: "button", title: "Go to the line" },
    on: { click: () => links.goToLine(line) },
  });
}

/** The messages of an error's causes, less those that only repeat what is said already. */
function causesOf(cause: unknown, said: string | undefined): readonly string[] {
  const messages: string[] = [];
  const seen = new Set<unknown>();
  let known = said ?? "";
  while (cause instanceof Error && !seen.has(cause)) {
    seen.add(cause);
    // an engine's own report, such as DuckDB's JSON, is for programs
    const isReport = cause.message.startsWith("{");
    if (!known.includes(cause.message) && !isReport) messages.push(cause.message);
    known = `${known} ${cause.message}`;
    cause = cause.cause;
  }
  return messages;
}
