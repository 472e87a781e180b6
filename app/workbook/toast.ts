import { element } from "./element.ts";

const shownFor = 8000;

let current: { readonly node: HTMLElement; readonly timer: number } | undefined;

/** Says something at the foot of the page for a while, perhaps with one thing to do about it. */
export function toast(
  message: string,
  action?: { readonly label: string; choose(): void },
  kind: "note" | "error" = "note",
): void {
  dismiss();
  const node = element(
    "div",
    { class: `toast ${kind}`, attributes: { role: kind === "error" ? "alert" : "status" } },
    element("span", { text: message }),
  );
  if (action !== undefined)
    node.append(
      element("button", {
        text: action.label,
        attributes: { type: "button" },
        on: {
          click: () => {
            dismiss();
            action.choose();
          },
        },
      }),
    );
  document.body.append(node);
  current = { node, timer: window.setTimeout(dismiss, shownFor) };
}

function dismiss(): void {
  if (current === undefined) return;
  window.clearTimeout(current.timer);
  current.node.remove();
  current = undefined;
}
