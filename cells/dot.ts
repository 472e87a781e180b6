import { TemplateText, type TemplateStrings } from "../runtime/template-text.ts";
import { fitDrawing, unasked } from "./fit-drawing.ts";

/** A template tag: a graph in Graphviz's language in, its drawing out. */
export type DotTag = (strings: TemplateStrings, ...values: readonly unknown[]) => Element;

type Graphviz = Awaited<ReturnType<typeof import("@viz-js/viz").instance>>;
type Faults = ReturnType<Graphviz["render"]>["errors"];

const attributes = {
  graphAttributes: {
    bgcolor: "none",
    color: unasked,
    fontcolor: unasked,
    // what Graphviz has the widths of; drawn in the page's own type
    fontname: "Helvetica",
    fontsize: "11",
  },
  nodeAttributes: { color: unasked, fontcolor: unasked, fontname: "Helvetica", fontsize: "11" },
  edgeAttributes: { color: unasked, fontcolor: unasked, fontname: "Helvetica", fontsize: "10" },
};

/** The tag `dot`: Graphviz, compiled to WebAssembly, from our own origin. */
export async function dotTag(document: Document): Promise<DotTag> {
  const { instance } = await import("@viz-js/viz");
  const graphviz = await instance();
  return (strings, ...values) => {
    const template = document.createElement("template");
    template.innerHTML = render(graphviz, new TemplateText(strings, values));
    const drawing = template.content.querySelector("svg");
    if (drawing === null) throw new Error("Graphviz gave no drawing");
    drawing.remove();
    fitDrawing(drawing);
    return drawing;
  };
}

function render(graphviz: Graphviz, source: TemplateText): string {
  const result = graphviz.render(source.text, { ...attributes, format: "svg" });
  if (result.status === "success") return result.output;
  throw faultIn(source, result.errors);
}

/** Graphviz names a line and, at best, a word on it. */
function faultIn(source: TemplateText, faults: Faults): Error {
  const message =
    faults.find(({ level }) => level === "error")?.message ??
    faults[0]?.message ??
    "it cannot be drawn";
  const found = /^(.*?) in line (\d+)(?: near '(.*)')?/s.exec(message);
  if (found === null) return new SyntaxError(`Graphviz: ${message}`);
  const [, what = "", line = "1", near = ""] = found;
  const words = near === "" ? what : `${what} near \`${near}\``;
  return source.errorAt(offsetOf(source.text, Number(line), near), `Graphviz: ${words}`);
}

/** Where a word stands in a line, counted from 1; the line's first sign where it does not, or twice. */
function offsetOf(text: string, line: number, word: string): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  const own = lines[line - 1] ?? "";
  const at = word === "" ? -1 : own.indexOf(word);
  const isOnly = at >= 0 && at === own.lastIndexOf(word);
  return before + (isOnly ? at : Math.max(0, own.search(/\S/)));
}
