import { errorText } from "./dialog.ts";
import { h, nodes } from "./dom.ts";

/** Says what went wrong at the place where it did. */
export function faultBox(error: unknown): HTMLElement {
  return h("div", { class: "fault-box", role: "alert" }, ...nodes(...errorText(error)));
}
