import type { CardCurve } from "./card.ts";
import { htmlElement, svgElement } from "./element.ts";
import { formatNumber } from "./number-format.ts";
import { niceTicks } from "./ticks.ts";

const width = 640;
const height = 190;
const margin = { top: 8, right: 12, bottom: 22, left: 46 };
/** what the name of the horizontal axis takes at its right end */
const roomForName = 48;

/** Draws lines over steps, with axes and a legend that says where each line stands now. */
export function renderCurve(document: Document, part: CardCurve): HTMLElement {
  const { title, x, series } = part;
  const legend = series.map(({ name, points }) => {
    const last = points.at(-1)?.[1];
    return { name, last: last === undefined ? "" : formatNumber(last) };
  });
  return htmlElement(
    document,
    "figure",
    { class: "tb-curve" },
    htmlElement(
      document,
      "figcaption",
      {},
      htmlElement(document, "span", { class: "tb-curve-title" }, title),
      ...legend.map(({ name, last }, i) =>
        htmlElement(
          document,
          "span",
          { class: "tb-legend", "data-series": String(i) },
          name,
          " ",
          htmlElement(document, "b", {}, last),
        ),
      ),
    ),
    drawing(
      document,
      part,
      `${title} by ${x}: ${legend.map(({ name, last }) => `${name} ${last}`).join(", ")}`,
    ),
  );
}

function drawing(document: Document, { x, series }: CardCurve, label: string): SVGElement {
  const all = series.flatMap(({ points }) => points);
  const xs = all.map(([at]) => at);
  const ys = all.map(([, value]) => value);
  const low = min(ys);
  const yTicks = niceTicks(low >= 0 ? 0 : low, max(ys), 4);
  const domain = { left: min(xs), right: Math.max(max(xs), min(xs) + 1) };
  const bottom = yTicks[0] ?? 0;
  const top = yTicks.at(-1) ?? 1;
  const atX = (value: number): number =>
    margin.left +
    ((value - domain.left) / (domain.right - domain.left)) * (width - margin.left - margin.right);
  const atY = (value: number): number =>
    height -
    margin.bottom -
    ((value - bottom) / (top - bottom)) * (height - margin.top - margin.bottom);
  const xTicks = niceTicks(domain.left, domain.right, 6).filter(
    (tick) =>
      tick >= domain.left &&
      atX(tick) <= width - margin.right - roomForName &&
      Number.isInteger(tick),
  );
  return svgElement(
    document,
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    ...yTicks.map((tick) =>
      svgElement(
        document,
        "g",
        { class: "tb-axis", transform: `translate(0,${round(atY(tick))})` },
        svgElement(document, "line", {
          x1: String(margin.left),
          x2: String(width - margin.right),
          ...(tick === bottom && { class: "tb-base" }),
        }),
        svgElement(
          document,
          "text",
          { x: String(margin.left - 8), dy: "0.32em", "text-anchor": "end" },
          formatNumber(tick),
        ),
      ),
    ),
    ...xTicks.map((tick) =>
      svgElement(
        document,
        "text",
        {
          class: "tb-tick",
          x: round(atX(tick)),
          y: String(height - margin.bottom + 16),
          "text-anchor": "middle",
        },
        formatNumber(tick),
      ),
    ),
    svgElement(
      document,
      "text",
      {
        class: "tb-tick",
        x: String(width - margin.right),
        y: String(height - margin.bottom + 16),
        "text-anchor": "end",
      },
      x,
    ),
    ...series.map(({ points }, i) => {
      const last = points.at(-1);
      const path = points
        .map(([at, value], j) => `${j === 0 ? "M" : "L"}${round(atX(at))},${round(atY(value))}`)
        .join("");
      return svgElement(
        document,
        "g",
        { class: "tb-line", "data-series": String(i) },
        svgElement(document, "path", { d: path }),
        ...(last === undefined
          ? []
          : [
              svgElement(document, "circle", {
                cx: round(atX(last[0])),
                cy: round(atY(last[1])),
                r: "2.75",
              }),
            ]),
      );
    }),
  );
}

function round(value: number): string {
  return value.toFixed(1);
}

function min(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? 0);
}

function max(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), values[0] ?? 1);
}
