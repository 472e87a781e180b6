import { fileStart } from "../../cells/report/report-file.ts";
import { h } from "./dom.ts";
import { fillFrame } from "./trusted-markup.ts";

/** A report that a stranger made, where its scripts cannot run and its links lead nowhere. */
export interface SavedOutputs {
  readonly element: HTMLIFrameElement;
  /** gives it the page's colours; `undefined` for the system's */
  setColors(scheme: "light" | "dark" | undefined): void;
}

/**
 * Shows saved outputs in a frame without scripts, forms, storage or an origin, which loads nothing
 * from anywhere.
 *
 * @param html a report's file, perhaps one that somebody has made to do harm
 */
export function savedOutputs(html: string, title: string): SavedOutputs {
  const element = h("iframe", { class: "saved-outputs", sandbox: "", title });
  let scheme: "light" | "dark" | undefined;
  const draw = (): void => fillFrame(element, inFrame(html, scheme));
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
 * A report as the frame shows it: its policy comes before anything that its maker wrote, and of its
 * links only those within it lead somewhere. Its colours follow the system, unless the person chose
 * others for the page.
 */
export function inFrame(html: string, scheme: "light" | "dark" | undefined): string {
  const body = html.startsWith(fileStart) ? html.slice(fileStart.length) : html;
  const colors = scheme === undefined ? "" : `<style>:root{color-scheme:${scheme}}</style>`;
  return fileStart + guards + linkedWithin(body) + colors;
}

/**
 * No policy covers the connections that a browser opens for a `<link>`, or while a link is pressed.
 * So `href` is written in a way that means the same in a text and nothing in a tag, but where it
 * names a place in the document or its own data. A link to a place would resolve against the page's
 * address, and leave the frame. No tag is searched beyond the next one, so that no text takes long.
 */
function linkedWithin(html: string): string {
  return html
    .replace(/href(\s*=)(?!"(?:#|data:))/gi, "hre&#102;$1")
    .replace(/(<a\s(?:[^<>]*\s)?href=")#/g, "$1about:srcdoc#");
}

/** The Content Security Policy does not cover the looking up of names. */
const guards = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"><meta http-equiv="x-dns-prefetch-control" content="off">`;
