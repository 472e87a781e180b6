import type { CardCurve } from "./card.ts";
import { scalesOf, type Frame, type Scales } from "./curve-scales.ts";
import { htmlElement, svgElement } from "./element.ts";
import { formatNumber } from "./number-format.ts";

const wide: Frame = {
  width: 640,
  height: 190,
  margin: { top: 8, right: 12, bottom: 22, left: 46 },
};
/** for curves whose axes go over the same domain; the lines' area is a square */
const square: Frame = {
  width: 290,
  height: 262,
  margin: { top: 8, right: 12, bottom: 36, left: 60 },
};
/** Points are marked one by one where there are no more than these. */
const mostMarks = 20;
/** The most points that a drawing's description lists. */
const mostInWords = 11;

/** Draws lines, with axes and a legend that says where each line over steps stands now. */
export function renderCurve(document: Document, part: CardCurve): HTMLElement {
  const isSquare = part.domain !== undefined;
  const legend = isSquare
    ? []
    : part.series.map(({ name, points }) => ({ name, last: lastText(points) }));
  return htmlElement(
    document,
    "figure",
    { class: isSquare ? "tb-curve tb-square" : "tb-curve" },
    htmlElement(
      document,
      "figcaption",
      {},
      htmlElement(document, "span", { class: "tb-curve-title" }, part.title),
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
      ...(part.series.some(({ rows }) => rows !== undefined)
        ? [htmlElement(document, "span", {}, "marks sized by their rows")]
        : []),
    ),
    drawing(document, part),
  );
}

type Points = CardCurve["series"][number]["points"];

function lastText(points: Points): string {
  const last = points.at(-1)?.[1];
  return last === undefined ? "" : formatNumber(last);
}

/** What a drawing shows, for those who do not see it. */
function inWords({ title, x, y, domain, series }: CardCurve): string {
  if (domain === undefined)
    return `${title} by ${x}: ${series.map(({ name, points }) => `${name} ${lastText(points)}`).join(", ")}`;
  const lists = series.map(({ points }) =>
    evenly(points, mostInWords)
      .map(([at, value]) => `${formatNumber(at)} → ${formatNumber(value)}`)
      .join(", "),
  );
  return `${title}, ${x} → ${y ?? "value"}: ${lists.join("; ")}`;
}

/** At most so many of some points, the first and the last among them. */
function evenly(points: Points, most: number): Points {
  if (points.length <= most) return points;
  return Array.from(
    { length: most },
    (_, i) => points[Math.round((i * (points.length - 1)) / (most - 1))],
  ).filter((point) => point !== undefined);
}

function drawing(document: Document, part: CardCurve): SVGElement {
  const frame = part.domain === undefined ? wide : square;
  const scales = scalesOf(part, frame);
  return svgElement(
    document,
    "svg",
    { viewBox: `0 0 ${frame.width} ${frame.height}`, role: "img", "aria-label": inWords(part) },
    ...yAxis(document, part, frame, scales),
    ...xAxis(document, part, frame, scales),
    ...diagonal(document, part, scales),
    ...part.series.map((series, i) => line(document, series, i, part, scales)),
  );
}

function yAxis(
  document: Document,
  { y }: CardCurve,
  { width, height, margin }: Frame,
  { atY, yTicks }: Scales,
): SVGElement[] {
  const ticks = yTicks.map((tick, i) =>
    svgElement(
      document,
      "g",
      { class: "tb-axis", transform: `translate(0,${round(atY(tick))})` },
      svgElement(document, "line", {
        x1: String(margin.left),
        x2: String(width - margin.right),
        ...(i === 0 && { class: "tb-base" }),
      }),
      svgElement(
        document,
        "text",
        { x: String(margin.left - 8), dy: "0.32em", "text-anchor": "end" },
        formatNumber(tick),
      ),
    ),
  );
  if (y === undefined) return ticks;
  const middle = margin.top + (height - margin.top - margin.bottom) / 2;
  const name = svgElement(
    document,
    "text",
    {
      class: "tb-tick",
      transform: `translate(14,${round(middle)}) rotate(-90)`,
      "text-anchor": "middle",
    },
    y,
  );
  return [...ticks, name];
}

/** A square drawing has its axis' name below the ticks, a wide one at their right end. */
function xAxis(
  document: Document,
  { x, domain }: CardCurve,
  { width, height, margin }: Frame,
  { atX, xTicks }: Scales,
): SVGElement[] {
  const text = (words: string, at: number, down: number, anchor: string): SVGElement =>
    svgElement(
      document,
      "text",
      {
        class: "tb-tick",
        x: round(at),
        y: String(height - margin.bottom + down),
        "text-anchor": anchor,
      },
      words,
    );
  const middle = margin.left + (width - margin.left - margin.right) / 2;
  return [
    ...xTicks.map((tick) => text(formatNumber(tick), atX(tick), 16, "middle")),
    domain === undefined ? text(x, width - margin.right, 16, "end") : text(x, middle, 32, "middle"),
  ];
}

function diagonal(
  document: Document,
  { diagonal: isWanted, domain }: CardCurve,
  { atX, atY }: Scales,
): SVGElement[] {
  if (isWanted !== true || domain === undefined) return [];
  const [low, high] = domain;
  return [
    svgElement(document, "line", {
      class: "tb-diagonal",
      x1: round(atX(low)),
      y1: round(atY(low)),
      x2: round(atX(high)),
      y2: round(atY(high)),
    }),
  ];
}

/** A line over steps is marked at its end, where it stands now; a short one over shares, at each point. */
function line(
  document: Document,
  { points, rows }: CardCurve["series"][number],
  index: number,
  { domain }: CardCurve,
  { atX, atY }: Scales,
): SVGElement {
  const path = points
    .map(([at, value], i) => `${i === 0 ? "M" : "L"}${round(atX(at))},${round(atY(value))}`)
    .join("");
  const marked = domain === undefined ? points.slice(-1) : points.length <= mostMarks ? points : [];
  return svgElement(
    document,
    "g",
    {
      class: rows === undefined ? "tb-line" : "tb-line tb-weighed",
      "data-series": String(index),
    },
    svgElement(document, "path", { d: path }),
    ...marked.map(([at, value], i) =>
      svgElement(document, "circle", {
        cx: round(atX(at)),
        cy: round(atY(value)),
        r: rows === undefined ? "2.75" : radius(rows[i] ?? 0, rows),
      }),
    ),
  );
}

/** A mark's area is in proportion to its rows; the smallest can still be seen. */
function radius(rows: number, all: readonly number[]): string {
  return Math.max(1.25, 6 * Math.sqrt(rows / Math.max(1, ...all))).toFixed(2);
}

function round(value: number): string {
  return value.toFixed(1);
}
