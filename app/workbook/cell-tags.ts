import type { Cell, CellStatus } from "../../runtime/cell.ts";
import { policyOf, policyTexts } from "./cell-policy.ts";
import { element } from "./element.ts";
import { cachedText } from "./status-text.ts";

/** Words in the margin of a cell: when it runs, unless by itself, and whether its result is cached. */
export class CellTags {
  readonly root = element("div", { class: "cell-tags" });
  private readonly policy: HTMLButtonElement;
  private readonly cached = element("span", {
    class: "cell-tag",
    text: "cached",
    attributes: { role: "note", "aria-label": `cached. ${cachedText}`, "data-tip": cachedText },
  });

  /** @param choosePolicy opens the choice of policies at an element */
  constructor(choosePolicy: (anchor: HTMLElement) => void) {
    this.policy = element("button", {
      class: "cell-tag",
      attributes: { type: "button", "aria-haspopup": "menu" },
      on: { click: () => choosePolicy(this.policy) },
    });
    this.root.append(this.policy, this.cached);
    this.draw(undefined, undefined);
  }

  draw(cell: Cell | undefined, status: CellStatus | undefined): void {
    const policy = policyOf(cell);
    this.policy.hidden = policy === "auto";
    this.policy.textContent = policy;
    this.policy.setAttribute("aria-label", `${policy}. ${policyTexts[policy]}`);
    this.policy.dataset["tip"] = policyTexts[policy];
    this.cached.hidden = !(status?.cached === true && status.state === "fresh");
  }
}
