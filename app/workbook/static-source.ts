import { classHighlighter, highlightCode } from "@lezer/highlight";
import type { CellMode } from "../../runtime/cell.ts";
import { element } from "./element.ts";
import { languageOf } from "./language.ts";

/**
 * A cell's source as text that is not edited, laid out as the editor lays it out, one element a
 * line. Costs a fraction of an editor, so that a long workbook opens at once.
 */
export function staticSource(source: string): HTMLElement {
  return element("div", { class: "static-source" }, ...source.split("\n").map(plainLine));
}

/** Colours a {@link staticSource} by its language. */
export function highlightSource(node: HTMLElement, source: string, mode: CellMode): void {
  const language = languageOf(mode)?.language;
  if (language === undefined) return;
  const lines: HTMLElement[] = [];
  let line = element("div", { class: "cm-line" });
  const finish = (): void => {
    if (!line.hasChildNodes()) line.append(element("br"));
    lines.push(line);
    line = element("div", { class: "cm-line" });
  };
  highlightCode(
    source,
    language.parser.parse(source),
    classHighlighter,
    (text, classes) =>
      line.append(classes === "" ? text : element("span", { class: classes, text })),
    finish,
  );
  finish();
  for (const [index, old] of Array.from(node.children).entries())
    if (old.classList.contains("error-line")) lines[index]?.classList.add("error-line");
  node.replaceChildren(...lines);
}

/** Marks one line, counted from 1, or none. */
export function markLine(node: HTMLElement, line: number | undefined): void {
  for (const marked of node.querySelectorAll(".error-line")) marked.classList.remove("error-line");
  if (line !== undefined) node.children[line - 1]?.classList.add("error-line");
}

function plainLine(text: string): HTMLElement {
  return text === ""
    ? element("div", { class: "cm-line" }, element("br"))
    : element("div", { class: "cm-line", text });
}
