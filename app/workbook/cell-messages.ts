import type { CellError, CellStatus } from "../../runtime/cell.ts";
import { cellMessage, type MessageLinks } from "./cell-message.ts";
import { element } from "./element.ts";
import { endsByRunning } from "./waiting-text.ts";
import { waitingNotice, type NoticeLinks } from "./waiting-notice.ts";

/** What a cell's messages need and lead to. */
export type CellMessageLinks = MessageLinks & NoticeLinks;

/** What stands around a cell's output in words: above it why it waits, below it what went wrong. */
export class CellMessages {
  readonly above = element("div", { class: "cell-notices" });
  readonly below = element("div", { class: "cell-messages" });

  /**
   * @param output what the cell shows
   * @param focusCell takes the focus from a button that goes
   */
  constructor(
    private readonly output: HTMLElement,
    private readonly links: CellMessageLinks,
    private readonly focusCell: () => void,
  ) {}

  /** @param waits why the cell waits, if it does, with names between backticks */
  draw(status: CellStatus, waits: string | undefined): void {
    const notice = waits === undefined ? undefined : waitingNotice(status.id, waits, this.links);
    const message = cellMessage(status, this.links);
    const isSaid = notice && !endsByRunning(status.id, this.links) && this.cardWaits();
    this.put(this.above, isSaid ? undefined : notice);
    this.put(this.below, message && this.cardSays(status.error) ? undefined : message);
  }

  /** A card says by itself what it waits for, but not that the cell itself is held. */
  private cardWaits(): boolean {
    return ["waiting", "stale"].includes(this.card?.dataset["status"] ?? "");
  }

  /** A card says by itself why it failed. */
  private cardSays(error: CellError | undefined): boolean {
    return error !== undefined && this.card?.textContent.includes(error.message) === true;
  }

  private get card(): HTMLElement | null {
    return this.output.querySelector<HTMLElement>(".tb-card");
  }

  /** Puts a message in its place, unless it stands there already. */
  private put(place: HTMLElement, message: HTMLElement | undefined): void {
    const before = place.firstElementChild;
    if (before === null ? message === undefined : message?.isEqualNode(before)) return;
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(...(message === undefined ? [] : [message]));
    if (hadFocus) this.focusCell();
  }
}
