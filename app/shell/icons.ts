import { s } from "./dom.ts";

/** Tierbook's own mark: steps that lead up. */
export function mark(): SVGSVGElement {
  return s(
    "svg",
    { viewBox: "0 0 20 20", width: 20, height: 20, class: "mark", "aria-hidden": "true" },
    s("rect", { x: 1.5, y: 13, width: 4.6, height: 5, rx: 1.2, opacity: 0.45 }),
    s("rect", { x: 7.7, y: 8, width: 4.6, height: 10, rx: 1.2, opacity: 0.7 }),
    s("rect", { x: 13.9, y: 2, width: 4.6, height: 16, rx: 1.2 }),
  );
}

/** Line drawings on a grid of 16, by what they mean. */
const paths = {
  save: "M3 2.5h8l2.5 2.5v8.5h-11v-10.5zM5 2.5v4h5v-4M5 13.5v-4h6v4",
  rerun: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  light:
    "M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6M8 1v1.5M8 13.5v1.5M1 8h1.5M13.5 8h1.5M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  dark: "M13.5 9.5a6 6 0 0 1-7-7a6 6 0 1 0 7 7z",
  system: "M2 3h12v8h-12zM6 14h4M8 11v3",
  chevron: "M4 6l4 4l4-4",
  close: "M4 4l8 8M12 4l-8 8",
  workbook:
    "M4 1.5h8.5v13h-8.5a1.5 1.5 0 0 1-1.5-1.5v-10a1.5 1.5 0 0 1 1.5-1.5zM5.5 1.5v13M8 5h2.5M8 7.5h2.5",
  data: "M2.5 3.5c0-2.6 11-2.6 11 0v9c0 2.6-11 2.6-11 0zM2.5 3.5c0 2.6 11 2.6 11 0M2.5 8c0 2.6 11 2.6 11 0",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M10.3 10.3l3.7 3.7",
  plus: "M8 3v10M3 8h10",
  stop: "M4 4h8v8h-8z",
  forget: "M8.5 13.5h-3.5l-3-3l7-7.5l5 5l-5.5 5.5h5.5M5.3 6.9l5 5",
  report: "M3.5 14.5v-13h6l3 3v4M9.5 1.5v3h3M8 12h6.5M12 9.5l2.5 2.5l-2.5 2.5",
  play: "M5 3l8 5l-8 5z",
  share: "M8 10v-8M5 4.8l3-2.8l3 2.8M5 7h-2v7h10v-7h-2",
} as const;

/** The name of a drawing. */
export type IconName = keyof typeof paths;

/** A drawing beside a text; it says nothing by itself. */
export function icon(name: IconName): SVGSVGElement {
  return drawing(s("path", { d: paths[name] }));
}

const glyphs: Readonly<
  Record<string, readonly [tag: "path" | "circle", Record<string, string>][]>
> = {
  idle: [["circle", { cx: "8", cy: "8", r: "5.5", "stroke-dasharray": "2 2.3" }]],
  waiting: [
    ["circle", { cx: "8", cy: "8", r: "5.5" }],
    ["path", { d: "M8 5v3l2 1.5" }],
  ],
  ready: [
    ["circle", { cx: "8", cy: "8", r: "5.5" }],
    ["path", { d: "M6.8 5.6l3.6 2.4l-3.6 2.4z", class: "solid" }],
  ],
  running: [
    ["circle", { cx: "8", cy: "8", r: "5.5", opacity: "0.25" }],
    ["path", { d: "M8 2.5a5.5 5.5 0 0 1 5.5 5.5", class: "spin" }],
  ],
  pass: [
    ["circle", { cx: "8", cy: "8", r: "6.25", class: "disc" }],
    ["path", { d: "M5.3 8.2l1.9 1.9l3.6-4", class: "cut" }],
  ],
  info: [
    ["circle", { cx: "8", cy: "8", r: "6.25", class: "disc" }],
    ["path", { d: "M8 7.4v3.8M8 4.9v.1", class: "cut" }],
  ],
  warn: [
    ["path", { d: "M8 2l6.3 11.5h-12.6z", class: "disc" }],
    ["path", { d: "M8 6.4v3.2M8 11.4v.1", class: "cut" }],
  ],
  fail: [
    ["circle", { cx: "8", cy: "8", r: "6.25", class: "disc" }],
    ["path", { d: "M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4", class: "cut" }],
  ],
  published: [
    ["circle", { cx: "8", cy: "8", r: "5.5" }],
    ["path", { d: "M5.6 8.2l1.7 1.7l3.2-3.6" }],
  ],
  stale: [
    ["circle", { cx: "8", cy: "8", r: "5.5" }],
    ["path", { d: "M8 2.5a5.5 5.5 0 0 1 0 11z", class: "solid" }],
  ],
  cancelled: [
    ["circle", { cx: "8", cy: "8", r: "5.5" }],
    ["path", { d: "M5 8h6" }],
  ],
  lost: [
    ["circle", { cx: "8", cy: "8", r: "5.5", "stroke-dasharray": "4 2.6" }],
    ["path", { d: "M6.6 6.6a1.5 1.5 0 1 1 1.9 1.7c-.4.2-.5.5-.5.9M8 11.2v.1" }],
  ],
};

/** The sign of a state; a word always stands beside it. */
export function stateGlyph(state: string): SVGSVGElement {
  const shapes = glyphs[state] ?? [];
  const glyph = drawing(...shapes.map(([tag, attributes]) => s(tag, attributes)));
  glyph.classList.add("glyph");
  return glyph;
}

function drawing(...shapes: readonly SVGElement[]): SVGSVGElement {
  const size = { viewBox: "0 0 16 16", width: 16, height: 16 };
  return s("svg", { ...size, class: "icon", "aria-hidden": "true" }, ...shapes);
}
