import type { CellMode } from "../runtime/cell.ts";

/** What a mode is called in menus and labels. */
export const modeNames: Readonly<Record<CellMode, string>> = {
  js: "JavaScript",
  ts: "TypeScript",
  ojs: "Observable JavaScript",
  md: "Markdown",
  html: "HTML",
  tex: "TeX",
  dot: "Graphviz",
  sql: "SQL",
  node: "Node.js",
  python: "Python",
  r: "R",
};
