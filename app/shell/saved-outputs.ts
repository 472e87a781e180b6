import { fileStart } from "../../cells/report/report-file.ts";
import { h } from "./dom.ts";
import { fillFrame } from "./trusted-markup.ts";

/** A report that a stranger made, where its scripts cannot run and its links lead nowhere. */
export interface SavedOutputs {
  readonly element: HTMLElement;
  /** gives it the page's colours; `undefined` for the system's */
  setColors(scheme: "light" | "dark" | undefined): void;
}

/**
 * Shows saved outputs in a frame without scripts, forms, storage or an origin, which loads nothing
 * from anywhere.
 *
 * @param html a report's file, perhaps one that somebody has made to do harm
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
 * A report as the frame shows it. The policy comes before anything that its maker wrote, and they
 * have no `<link>`, which could open connections that no policy covers; a report of ours has none.
 * A link within it would resolve against the page's address and leave the frame. Its colours follow
 * the system, unless the person chose others for the page.
 */
export function inFrame(html: string, scheme: "light" | "dark" | undefined): string {
  const body = (html.startsWith(fileStart) ? html.slice(fileStart.length) : html)
    .replace(/<link/gi, "<no-link")
    .replace(/(<a\s(?:[^>]*\s)?href=")#/g, "$1about:srcdoc#");
  const colors = scheme === undefined ? "" : `<style>:root{color-scheme:${scheme}}</style>`;
  return fileStart + guards + body + colors;
}

/** The Content Security Policy does not cover the looking up of names. */
const guards = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"><meta http-equiv="x-dns-prefetch-control" content="off">`;
