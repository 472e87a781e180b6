import type { CellMode } from "../../runtime/cell.ts";
import { modeNames } from "../mode-names.ts";
import { element } from "./element.ts";
import { icon } from "./icon.ts";
import { editableModes } from "./language.ts";

/** The buttons at the end of a workbook that add a cell, one for each mode. */
export function addButtons(add: (mode: CellMode) => void): HTMLElement {
  return element(
    "div",
    { class: "add-cell" },
    ...editableModes.map((mode) =>
      element(
        "button",
        {
          attributes: { type: "button", "aria-label": `Add a ${modeNames[mode]} cell` },
          on: { click: () => add(mode) },
        },
        icon("plus"),
        modeNames[mode],
      ),
    ),
  );
}

/** What stands in a workbook without cells. */
export function emptyMessage(): HTMLElement {
  return element(
    "div",
    { class: "empty-workbook" },
    element("h1", { text: "An empty workbook" }),
    element("p", {
      text: "Add a first cell below: SQL to read a file of the workspace, Markdown to say what you are after, JavaScript for everything else.",
    }),
  );
}
