import type { CardPart } from "./card.ts";
import { htmlElement } from "./element.ts";

/** Draws a confusion matrix: a row for each actual class, shaded by its share of that row. */
export function renderConfusion(
  document: Document,
  { labels, counts }: Extract<CardPart, { type: "confusion" }>,
): HTMLElement {
  const head = htmlElement(
    document,
    "tr",
    {},
    htmlElement(document, "th", { scope: "col", class: "tb-corner" }, "actual ↓  predicted →"),
    ...labels.map((label) => htmlElement(document, "th", { scope: "col" }, label)),
    htmlElement(document, "th", { scope: "col", class: "tb-recall" }, "recall"),
  );
  const rows = labels.map((label, actual) => {
    const row = counts[actual] ?? [];
    const total = row.reduce((sum, n) => sum + n, 0);
    return htmlElement(
      document,
      "tr",
      {},
      htmlElement(document, "th", { scope: "row" }, label),
      ...labels.map((_, predicted) =>
        heatCell(document, row[predicted] ?? 0, total, actual === predicted),
      ),
      htmlElement(
        document,
        "td",
        { class: "tb-recall" },
        total === 0 ? "–" : `${((100 * (row[actual] ?? 0)) / total).toFixed(1)} %`,
      ),
    );
  });
  return htmlElement(
    document,
    "div",
    { class: "tb-table-part", tabindex: "0", role: "region", "aria-label": "Confusion matrix" },
    htmlElement(
      document,
      "table",
      { class: "tb-confusion" },
      htmlElement(document, "caption", {}, "Confusion matrix of the validation rows"),
      htmlElement(document, "thead", {}, head),
      htmlElement(document, "tbody", {}, ...rows),
    ),
  );
}

function heatCell(document: Document, n: number, total: number, isRight: boolean): HTMLElement {
  const share = total === 0 ? 0 : n / total;
  return htmlElement(
    document,
    "td",
    {
      class: isRight ? "tb-right" : "tb-wrong",
      style: `--tb-share: ${share.toFixed(3)}`,
      ...(n === 0 && { "data-empty": "" }),
    },
    n.toLocaleString("en"),
  );
}
