import type { CellMode } from "../../runtime/cell.ts";
import type { ValueCodec } from "../../runtime/result-codec.ts";
import { noteListeners } from "./listened-nodes.ts";
import { isOnlyMarkup } from "./only-markup.ts";

/** Cells whose nodes are mostly text that a template gave. */
const modes: readonly CellMode[] = ["md", "tex", "dot", "html"];

/**
 * Elements and texts of the DOM that are nothing but their markup: see {@link isOnlyMarkup}. Before
 * one is kept it is made again, and has to be equal. To be made before any cell runs, and where there
 * is no page after its `document` and classes were put on `globalThis`.
 */
export function nodeCodec(): ValueCodec {
  noteListeners();
  return codec;
}

const codec: ValueCodec = {
  tag: "node/1",
  encode(value, mode) {
    const isNode = value instanceof Element || value instanceof Text;
    if (!modes.includes(mode) || !isNode || !isOnlyMarkup(value)) return undefined;
    const markup = { html: htmlOf(value), texts: textPieces(value) };
    return nodeFrom(markup)?.isEqualNode(value) === true
      ? { json: markup, buffers: [] }
      : undefined;
  },
  decode({ json }) {
    const node = isMarkup(json) ? nodeFrom(json) : undefined;
    if (node === undefined) throw new TypeError("this is no markup of a node");
    return document.adoptNode(node);
  },
  inside: (value) => (value instanceof Node ? nodesWithin(value) : []),
};

/** A node as text. */
interface Markup {
  readonly html: string;
  /**
   * Texts that stand side by side, which markup cannot say: of each the place among all texts when
   * they are one, and their lengths.
   */
  readonly texts: readonly (readonly number[])[];
}

function isMarkup(json: unknown): json is Markup {
  return (
    typeof json === "object" &&
    json !== null &&
    "html" in json &&
    typeof json.html === "string" &&
    "texts" in json &&
    Array.isArray(json.texts) &&
    json.texts.every((pieces) => Array.isArray(pieces) && pieces.every(Number.isSafeInteger))
  );
}

function htmlOf(node: Element | Text): string {
  // in another document, where no image is loaded for the copy
  const holder = document.implementation.createHTMLDocument("").createElement("div");
  holder.append(holder.ownerDocument.importNode(node, true));
  return holder.innerHTML;
}

/** The node, still in a document of its own; undefined where it is not the only one. */
function nodeFrom({ html, texts }: Markup): Node | undefined {
  const template = document.createElement("template");
  template.innerHTML = html;
  const { firstChild, lastChild } = template.content;
  if (firstChild === null || firstChild !== lastChild) return undefined;
  const whole = textsWithin(firstChild);
  for (const [place, ...lengths] of texts) {
    let rest = place === undefined ? undefined : whole[place];
    for (const length of lengths.slice(0, -1)) rest = rest?.splitText(length);
  }
  return template.content.firstChild ?? undefined;
}

function textPieces(node: Node): number[][] {
  const runs: number[][] = [];
  for (const text of textsWithin(node)) {
    const isNext = text !== node && text.previousSibling instanceof Text;
    if (!isNext) runs.push([runs.length]);
    runs.at(-1)?.push(text.length);
  }
  return runs.filter(({ length }) => length > 2);
}

function textsWithin(node: Node): Text[] {
  const texts: Text[] = [];
  if (node instanceof Text) texts.push(node);
  for (const within of nodesWithin(node)) if (within instanceof Text) texts.push(within);
  return texts;
}

function* nodesWithin(node: Node): Iterable<Node> {
  const walker = node.ownerDocument?.createTreeWalker(node);
  while (walker?.nextNode()) yield walker.currentNode;
}
