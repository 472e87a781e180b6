import type { Site, SiteWorkbook } from "../../cells/share/site.ts";
import { h, nodes } from "./dom.ts";
import { icon } from "./icons.ts";
import { whenText } from "./preview-facts.ts";
import { addressOf } from "./routes.ts";

/** The start page of a static site: its workbooks, and what this browser keeps. */
export function siteStart(site: Site, copies: HTMLElement | undefined): HTMLElement {
  const { title, workbooks } = site;
  return h(
    "main",
    { class: "home", tabindex: -1 },
    h(
      "header",
      { class: "home-header" },
      h("div", {}, h("h1", {}, title), h("p", { class: "hint" }, leadText(workbooks.length))),
    ),
    ...nodes(
      workbooks.length > 0 &&
        h("ul", { class: "workbooks", "aria-label": "Workbooks" }, ...workbooks.map(workbookLine)),
      copies && h("div", { class: "home-rest" }, copies),
    ),
  );
}

function leadText(numWorkbooks: number): string {
  return numWorkbooks === 0
    ? "Links that hold a workbook open on this page. Nothing of them is sent anywhere."
    : "Open a workbook to see what it showed; nothing runs until you say so. All of it happens in your browser.";
}

function workbookLine({ path, title, by, at }: SiteWorkbook): HTMLElement {
  return h(
    "li",
    {},
    h(
      "a",
      { href: addressOf({ at: "site-workbook", path }) },
      icon("workbook"),
      h(
        "span",
        { class: "workbook-text" },
        h("span", { class: "workbook-title" }, title),
        h("span", { class: "workbook-path" }, by === null ? path : `${path}, by ${by}`),
      ),
      h(
        "time",
        { datetime: at, title: whenText(at) },
        new Date(at).toLocaleDateString("en", { dateStyle: "medium" }),
      ),
    ),
  );
}
