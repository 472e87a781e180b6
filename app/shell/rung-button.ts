import { h } from "./dom.ts";
import { stateGlyph } from "./icons.ts";
import type { Rung } from "./ladder.ts";
import { RungPanel, type RungActions } from "./rung-panel.ts";

/** Milliseconds that a pointer rests on a rung before its panel opens, and how long it stays. */
const hoverDelay = { open: 350, close: 220 };

/** One rung in the strip: a button that says where it stands, and the panel that says why. */
export class RungButton {
  readonly element: HTMLLIElement;
  private readonly button: HTMLButtonElement;
  private readonly glyph = h("span", { class: "rung-glyph" });
  private readonly word = h("span", { class: "rung-word" });
  private readonly why = h("span", { class: "visually-hidden" });
  private readonly panel: RungPanel;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isPinned = false;
  private state = "";

  constructor(rung: Rung, actions: RungActions) {
    this.panel = new RungPanel(actions);
    this.why.id = `why-${rung.stage}`;
    this.panel.element.id = `panel-${rung.stage}`;
    this.button = h(
      "button",
      {
        type: "button",
        class: "rung",
        "aria-expanded": "false",
        "aria-controls": this.panel.element.id,
        "aria-describedby": this.why.id,
        click: () => this.press(),
      },
      this.glyph,
      h("span", { class: "rung-text" }, h("span", { class: "rung-title" }, rung.title), this.word),
    );
    this.element = h("li", { class: "rung-item" }, this.button, this.why, this.panel.element);
    this.listen();
    this.update(rung);
  }

  update(rung: Rung): void {
    this.word.textContent = rung.word;
    this.why.textContent = rung.why;
    if (rung.state !== this.state) {
      this.state = rung.state;
      this.element.dataset["state"] = rung.state;
      this.glyph.replaceChildren(stateGlyph(rung.state));
    }
    this.panel.update(rung);
  }

  /** Draws the eye to it, without taking the focus. */
  call(): void {
    this.element.classList.remove("called");
    void this.element.offsetWidth;
    this.element.classList.add("called");
    // Without a click of the person's, a workbook could keep the panel open by asking again.
    if (navigator.userActivation.isActive) this.open();
  }

  private listen(): void {
    const { button, panel } = this;
    for (const part of [button, panel.element]) {
      part.addEventListener("pointerenter", () => this.later(() => this.open(), hoverDelay.open));
      part.addEventListener("pointerleave", () => {
        if (!this.isPinned) this.later(() => this.close(), hoverDelay.close);
      });
    }
    button.addEventListener("focus", () => {
      if (button.matches(":focus-visible")) this.open();
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      const stays = relatedTarget instanceof Node && this.element.contains(relatedTarget);
      if (!stays && relatedTarget !== null) this.close();
    });
    panel.element.addEventListener("toggle", () => {
      const isOpen = panel.element.matches(":popover-open");
      button.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) this.isPinned = false;
    });
  }

  private press(): void {
    clearTimeout(this.timer);
    if (this.isPinned) return this.close();
    this.open();
    this.isPinned = true;
  }

  private open(): void {
    clearTimeout(this.timer);
    if (this.panel.element.matches(":popover-open")) return;
    this.panel.element.showPopover();
    const { left, bottom } = this.button.getBoundingClientRect();
    const most = window.innerWidth - this.panel.element.offsetWidth - 12;
    this.panel.element.style.left = `${Math.max(12, Math.min(left, most))}px`;
    this.panel.element.style.top = `${bottom + 6}px`;
  }

  private close(): void {
    clearTimeout(this.timer);
    if (this.panel.element.matches(":popover-open")) this.panel.element.hidePopover();
  }

  private later(act: () => void, delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, delay);
  }
}
