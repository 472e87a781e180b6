import { h } from "./dom.ts";
import { icon, type IconName } from "./icons.ts";

/** How a button looks: `primary` for the one thing to do next, `plain` without a border. */
export interface ButtonLook {
  readonly kind?: "primary" | "plain" | "danger";
  readonly icon?: IconName;
  /** what it is called where its label is not shown */
  readonly name?: string;
  readonly title?: string;
  readonly disabled?: boolean;
}

/** A button with a text, or with an icon and a name only. */
export function button(
  label: string | undefined,
  look: ButtonLook,
  press: () => unknown,
): HTMLButtonElement {
  return h(
    "button",
    {
      type: "button",
      class: ["button", look.kind, label === undefined ? "icon-only" : undefined]
        .filter((name) => name !== undefined)
        .join(" "),
      "aria-label": look.name,
      title: look.title ?? (label === undefined ? look.name : undefined),
      disabled: look.disabled,
      click: press,
    },
    look.icon && icon(look.icon),
    label !== undefined && h("span", {}, label),
  );
}
