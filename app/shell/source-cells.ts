import type { Cell } from "../../runtime/cell.ts";
import { parseNotebook } from "../../runtime/notebook.ts";
import { modeNames } from "../mode-names.ts";
import { h } from "./dom.ts";
import { counted } from "./plan-text.ts";

/** The most cells that are shown: a short link can hold millions, which no page lays out. */
const mostCells = 2_000;

/** A workbook's source, cell by cell, to be read: nothing of it is markup or code here. */
export function sourceCells(source: string): HTMLElement {
  const { cells } = parseNotebook(source);
  return h(
    "div",
    { class: "source-cells", tabindex: 0, role: "region", "aria-label": "Source" },
    h("ol", {}, ...cells.slice(0, mostCells).map(sourceCell)),
    cells.length > mostCells &&
      h("p", {}, `And ${counted(cells.length - mostCells, "more cell")}.`),
  );
}

function sourceCell({ id, mode, output, source }: Cell): HTMLElement {
  return h(
    "li",
    { class: "source-cell", "aria-label": `Cell ${id}, ${modeNames[mode]}` },
    h(
      "p",
      { class: "source-cell-head" },
      h("span", {}, modeNames[mode]),
      output !== undefined && h("code", {}, output),
    ),
    h("pre", {}, h("code", {}, source)),
  );
}
