import { button } from "./button.ts";
import { h, nodes } from "./dom.ts";
import { stateGlyph } from "./icons.ts";

/** Something that the person should know now, with what can be done about it. */
export interface Banner {
  readonly tone: "info" | "warn" | "fail";
  readonly text: string;
  readonly actions?: readonly { readonly label: string; readonly press: () => unknown }[];
  /** shown at its end to put it away */
  readonly closable?: boolean;
}

/** The messages under the header. Each has a name; a new one of the same name takes its place. */
export class Banners {
  readonly element = h("div", { class: "banners", role: "status", "aria-live": "polite" });
  private readonly shown = new Map<string, HTMLElement>();

  show(name: string, banner: Banner): void {
    const element = this.draw(name, banner);
    const before = this.shown.get(name);
    if (before === undefined) this.element.append(element);
    else before.replaceWith(element);
    this.shown.set(name, element);
  }

  hide(name: string): void {
    this.shown.get(name)?.remove();
    this.shown.delete(name);
  }

  clear(names: readonly string[]): void {
    for (const name of names) this.hide(name);
  }

  private draw(name: string, { tone, text, actions = [], closable = false }: Banner): HTMLElement {
    return h(
      "div",
      { class: `banner ${tone}` },
      stateGlyph(tone),
      h("p", {}, text),
      ...nodes(...actions.map(({ label, press }) => button(label, {}, press))),
      closable &&
        button(undefined, { kind: "plain", icon: "close", name: "Dismiss" }, () => this.hide(name)),
    );
  }
}
