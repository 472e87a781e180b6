import type { Check } from "../engines/receipt.ts";
import type { CardPart, CardTable } from "./card.ts";
import { htmlElement } from "./element.ts";
import { renderConfusion } from "./render-confusion.ts";
import { renderCurve } from "./render-curve.ts";
import { marks } from "./status-word.ts";

/** Draws one part of a card. */
export function renderPart(document: Document, part: CardPart): HTMLElement {
  switch (part.type) {
    case "facts":
      return renderFacts(document, part.facts);
    case "checks":
      return renderChecks(document, part.checks);
    case "table":
      return renderTable(document, part);
    case "curve":
      return renderCurve(document, part);
    case "progress":
      return renderProgress(document, part);
    case "confusion":
      return renderConfusion(document, part);
    case "note":
      return renderNote(document, part);
  }
}

/** Whether a part's drawing can be brought up to date without a new one. */
export function isInPlace(before: CardPart, after: CardPart): boolean {
  return before.type === "progress" && after.type === "progress";
}

/** Brings a drawing up to date, where {@link isInPlace} says so. */
export function updatePart(element: Element, part: CardPart): void {
  if (part.type === "progress") showProgress(element, part);
}

type Progress = Extract<CardPart, { type: "progress" }>;

function renderProgress(document: Document, part: Progress): HTMLElement {
  const root = htmlElement(
    document,
    "div",
    { class: "tb-progress", role: "progressbar", "aria-valuemin": "0" },
    htmlElement(
      document,
      "div",
      { class: "tb-progress-track" },
      htmlElement(document, "div", { class: "tb-progress-bar" }),
    ),
    htmlElement(document, "span", { class: "tb-progress-label" }),
  );
  showProgress(root, part);
  return root;
}

function showProgress(root: Element, { done, total, label }: Progress): void {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  root.setAttribute("aria-valuemax", String(total));
  root.setAttribute("aria-valuenow", String(done));
  root.setAttribute("aria-label", label);
  root.querySelector(".tb-progress-bar")?.setAttribute("style", `width: ${100 * share}%`);
  const text = root.querySelector(".tb-progress-label");
  if (text !== null) text.textContent = `${label} · ${Math.round(100 * share)} %`;
}

function renderFacts(
  document: Document,
  facts: Extract<CardPart, { type: "facts" }>["facts"],
): HTMLElement {
  return htmlElement(
    document,
    "dl",
    { class: "tb-facts" },
    ...facts.map(({ label, value }) =>
      htmlElement(
        document,
        "div",
        {},
        htmlElement(document, "dt", {}, label),
        htmlElement(document, "dd", {}, value),
      ),
    ),
  );
}

/** What is wrong in full; what is right folded away, where there is much of it. */
function renderChecks(document: Document, checks: readonly Check[]): HTMLElement {
  const loud = checks.filter(({ verdict }) => verdict !== "pass");
  const quiet = checks.filter(({ verdict }) => verdict === "pass");
  const list = (some: readonly Check[]): HTMLElement =>
    htmlElement(
      document,
      "ul",
      { class: "tb-checks" },
      ...some.map((check) => renderCheck(document, check)),
    );
  const root = htmlElement(document, "div", { class: "tb-checks-part" });
  if (loud.length > 0) root.append(list(loud));
  if (quiet.length > 0)
    root.append(
      htmlElement(
        document,
        "details",
        {},
        htmlElement(
          document,
          "summary",
          {},
          `${quiet.length} ${quiet.length === 1 ? "check" : "checks"} passed`,
        ),
        list(quiet),
      ),
    );
  return root;
}

function renderCheck(document: Document, check: Check): HTMLElement {
  const { name, verdict, message, where, hint } = check;
  const words = htmlElement(document, "div", { class: "tb-check-words" });
  if (where !== undefined) words.append(htmlElement(document, "code", {}, where), " ");
  words.append(
    htmlElement(document, "span", { class: "tb-check-message" }, ...codeIn(document, message)),
  );
  if (hint !== undefined)
    words.append(
      htmlElement(document, "div", { class: "tb-check-hint" }, ...codeIn(document, hint)),
    );
  return htmlElement(
    document,
    "li",
    { "data-verdict": verdict },
    htmlElement(
      document,
      "span",
      { class: "tb-check-mark", role: "img", "aria-label": verdict },
      marks[verdict],
    ),
    htmlElement(document, "span", { class: "tb-check-name" }, name),
    words,
  );
}

/** A sentence in which what stands between backticks is code. */
function codeIn(document: Document, text: string): (Node | string)[] {
  return text
    .split("`")
    .map((piece, i) => (i % 2 === 1 ? htmlElement(document, "code", {}, piece) : piece))
    .filter((piece) => piece !== "");
}

function renderNote(
  document: Document,
  { verdict, text }: Extract<CardPart, { type: "note" }>,
): HTMLElement {
  return htmlElement(
    document,
    "p",
    { class: "tb-note", "data-verdict": verdict },
    ...codeIn(document, text),
  );
}

function renderTable(document: Document, part: CardTable): HTMLElement {
  const { caption, columns, rows, total } = part;
  const cell = (name: "th" | "td", text: string, column: number, scope?: string): HTMLElement =>
    htmlElement(
      document,
      name,
      { ...(columns[column]?.align === "right" && { class: "tb-number" }), scope },
      text,
    );
  const table = htmlElement(
    document,
    "table",
    { class: "tb-table" },
    ...(caption === undefined ? [] : [htmlElement(document, "caption", {}, caption)]),
    htmlElement(
      document,
      "thead",
      {},
      htmlElement(document, "tr", {}, ...columns.map(({ name }, i) => cell("th", name, i, "col"))),
    ),
    htmlElement(
      document,
      "tbody",
      {},
      ...rows.map((row) =>
        htmlElement(
          document,
          "tr",
          {},
          ...row.map((text, i) => (i === 0 ? cell("th", text, i, "row") : cell("td", text, i))),
        ),
      ),
    ),
  );
  const root = htmlElement(
    document,
    "div",
    { class: "tb-table-part", tabindex: "0", role: "region", "aria-label": caption ?? "Table" },
    table,
  );
  if (total !== undefined && total > rows.length)
    root.append(
      htmlElement(
        document,
        "p",
        { class: "tb-table-rest" },
        `${rows.length.toLocaleString("en")} of ${total.toLocaleString("en")} rows`,
      ),
    );
  return root;
}
