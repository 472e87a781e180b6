import { element } from "./element.ts";
import { endsByRunning, isWaiting, type WaitingContext } from "./waiting-text.ts";

/** How many cells *Run stale* would run, by why. */
export interface StaleCounts {
  readonly stale: number;
  /** wait for a person to run them for the first time, or for such cells */
  readonly waiting: number;
  readonly edited: number;
}

/** Counts the cells that *Run stale* would run; each cell once. */
export function staleCounts(
  ids: readonly number[],
  context: WaitingContext & { isEdited(id: number): boolean },
): StaleCounts {
  const counts = { stale: 0, waiting: 0, edited: 0 };
  for (const id of ids) {
    const status = context.statusOf(id);
    if (context.isEdited(id)) counts.edited++;
    else if (isWaiting(status) && endsByRunning(id, context))
      counts[status.state === "stale" ? "stale" : "waiting"]++;
  }
  return counts;
}

/** Counts as a person reads them: “2 stale, 1 edited”; empty where there is nothing to run. */
export function staleCountText({ stale, waiting, edited }: StaleCounts): string {
  return [
    stale === 0 ? "" : `${stale} stale`,
    waiting === 0 ? "" : `${waiting} not run`,
    edited === 0 ? "" : `${edited} edited`,
  ]
    .filter((text) => text !== "")
    .join(", ");
}

/** At the foot of the page: how much there is to run, and a button that runs it. */
export class StaleCount {
  readonly root: HTMLElement;
  private readonly text = element("span", { attributes: { role: "status" } });
  private readonly button: HTMLButtonElement;

  constructor(runStale: () => void) {
    this.button = element("button", {
      text: "Run stale",
      attributes: { type: "button", title: "Run what is stale, not run or edited" },
      on: { click: runStale },
    });
    this.root = element("div", { class: "stale-count" }, this.text, this.button);
    this.draw({ stale: 0, waiting: 0, edited: 0 });
  }

  draw(counts: StaleCounts): void {
    const text = staleCountText(counts);
    if (this.text.textContent !== text) this.text.textContent = text;
    this.root.classList.toggle("empty", text === "");
    this.button.hidden = text === "";
  }
}
