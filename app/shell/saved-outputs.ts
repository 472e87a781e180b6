import { h } from "./dom.ts";
import { fillFrame } from "./trusted-markup.ts";

/** A report that a stranger made, where its scripts cannot run and its links lead nowhere. */
export interface SavedOutputs {
  readonly element: HTMLElement;
  /** gives it the page's colours; `undefined` for the system's */
  setColors(scheme: "light" | "dark" | undefined): void;
}

/**
 * Shows saved outputs in a frame without scripts, forms, storage or an origin. The page's own policy
 * holds in it too, so that it loads nothing from anywhere.
 *
 * @param html a report's file
 * @param strayed hears that a link in it led away; the outputs are shown again
 */
export function savedOutputs(html: string, title: string, strayed: () => void): SavedOutputs {
  const element = h("div", { class: "saved-outputs" });
  let scheme: "light" | "dark" | undefined;
  const draw = (): void => {
    const frame = h("iframe", { sandbox: "", title });
    let isLoaded = false;
    frame.addEventListener("load", () => {
      if (isLoaded) {
        strayed();
        draw();
      }
      isLoaded = true;
    });
    fillFrame(frame, inFrame(html, scheme));
    element.replaceChildren(frame);
  };
  draw();
  return {
    element,
    setColors: (next) => {
      if (next === scheme) return;
      scheme = next;
      draw();
    },
  };
}

/**
 * A report as the frame shows it. A link within it would resolve against the page's address and
 * leave the frame; its colours follow the system, unless the person chose others for the page.
 */
export function inFrame(html: string, scheme: "light" | "dark" | undefined): string {
  const here = html.replace(/(<a\s(?:[^>]*\s)?href=")#/g, "$1about:srcdoc#");
  return scheme === undefined ? here : `${here}<style>:root{color-scheme:${scheme}}</style>`;
}
