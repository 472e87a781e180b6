import { h } from "./dom.ts";

/** Whether another page has this one in a frame. */
export function isFramed(): boolean {
  return window.top !== window.self;
}

/**
 * What a static site shows there. Where a host sends no headers nothing else keeps a page from
 * laying itself over ours, so that somebody presses what they do not see.
 */
export function framedPage(): HTMLElement {
  return h(
    "main",
    { class: "home" },
    h("p", {}, "This page is shown inside another page, where it does nothing."),
    h("p", {}, h("a", { href: location.href, target: "_top" }, "Open it by itself")),
  );
}
