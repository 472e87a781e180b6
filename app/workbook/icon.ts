const svg = "http://www.w3.org/2000/svg";

/** Paths on a 16 × 16 grid, drawn as strokes of 1.5. */
const paths = {
  run: "M5 3.2v9.6L12.6 8z",
  cancel: "M4.5 4.5h7v7h-7z",
  plus: "M8 3.2v9.6M3.2 8h9.6",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  code: "M5.6 4.4 2 8l3.6 3.6M10.4 4.4 14 8l-3.6 3.6",
  up: "M8 12.8V3.4M4.2 7.2 8 3.4l3.8 3.8",
  down: "M8 3.2v9.4M4.2 8.8 8 12.6l3.8-3.8",
  trash: "M3 4.6h10M6.4 4.4V3h3.2v1.4M4.4 4.8l.6 8.2h6l.6-8.2",
  grip: "M6 4h.01M6 8h.01M6 12h.01M10 4h.01M10 8h.01M10 12h.01",
  chevron: "M4.6 6.4 8 9.8l3.4-3.4",
  idle: "M8 8m-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0",
  queued: "M8 8m-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0-9.2 0M8 5.4V8l1.8 1.4",
  running: "M8 3.2A4.8 4.8 0 1 1 3.2 8",
  fresh: "M4.6 8.4l2.4 2.4 4.6-5.2",
  stale: "M12.4 9.4A4.7 4.7 0 1 1 11.6 5M12.6 2.8V5.6H9.8",
  blocked: "M8 8m-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0-9.2 0M5.6 8h4.8",
  error: "M8 8m-4.8 0a4.8 4.8 0 1 0 9.6 0a4.8 4.8 0 1 0-9.6 0M8 5.4v3M8 10.6v.01",
  disabled: "M8 8m-4.6 0a4.6 4.6 0 1 0 9.2 0a4.6 4.6 0 1 0-9.2 0M4.8 11.2l6.4-6.4",
  edited: "M3.6 12.4l.6-2.6 6.4-6.4 2 2-6.4 6.4z",
} as const;

/** The name of a drawn sign. */
export type IconName = keyof typeof paths;

/** A sign as an inline drawing in the colour of the text around it; hidden from screen readers. */
export function icon(name: IconName): SVGSVGElement {
  const drawing = document.createElementNS(svg, "svg");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("class", `icon icon-${name}`);
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg, "path");
  path.setAttribute("d", paths[name]);
  drawing.append(path);
  return drawing;
}
