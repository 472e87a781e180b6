/** An element of HTML that was read from a text, or a text. */
export type MarkupNode = MarkupElement | string;

/** An element; names as written, which a serializer does in lower-case but for SVG and MathML. */
export interface MarkupElement {
  readonly name: string;
  /** where it begins in the text, in UTF-16 units */
  readonly from: number;
  /** where it ends */
  to: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: MarkupNode[];
}

/**
 * Reads HTML as a serializer writes it: tags closed, attributes quoted. It needs no document, so a
 * page and a process without one read the same. What is no such HTML is read as well as can be, in
 * time linear in its length, and must not be trusted to be what a browser would make of it.
 */
export function parseMarkup(html: string): MarkupNode[] {
  const root: MarkupElement = {
    name: "",
    from: 0,
    to: html.length,
    attributes: {},
    children: [],
  };
  const open = [root];
  const top = (): MarkupElement => open[open.length - 1] ?? root;
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf("<", at);
    if (next === -1) {
      top().children.push(decode(html.slice(at)));
      break;
    }
    if (next > at) top().children.push(decode(html.slice(at, next)));
    if (html.startsWith("<!--", next)) {
      at = after(html, "-->", next + 4);
      continue;
    }
    tag.lastIndex = next;
    const match = tag.exec(html);
    if (match === null) {
      top().children.push("<");
      at = next + 1;
      continue;
    }
    at = tag.lastIndex;
    const name = match[2] ?? "";
    if (match[1] === "/") close(open, name, at);
    else {
      const attributes = attributesOf(match[3] ?? "");
      const element: MarkupElement = { name, from: next, to: at, attributes, children: [] };
      top().children.push(element);
      if (rawText.has(name)) element.to = at = readRaw(html, at, element);
      else if (!isVoid.has(name) && !(match[3] ?? "").endsWith("/")) {
        element.to = html.length;
        open.push(element);
      }
    }
  }
  return root.children;
}

/** The text in nodes, without styles. */
export function textOf(nodes: readonly MarkupNode[]): string {
  return nodes
    .map((node) =>
      typeof node === "string" ? node : rawText.has(node.name) ? "" : textOf(node.children),
    )
    .join("");
}

/** All elements that a test accepts, in reading order; none inside another that was accepted. */
export function findAll(
  nodes: readonly MarkupNode[],
  test: (element: MarkupElement) => boolean,
): MarkupElement[] {
  return nodes.flatMap((node) =>
    typeof node === "string" ? [] : test(node) ? [node] : findAll(node.children, test),
  );
}

/** Whether an element has a class. */
export function hasClass(element: MarkupElement, name: string): boolean {
  return (element.attributes["class"] ?? "").split(/\s+/).includes(name);
}

const tag = /<(\/?)([a-zA-Z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/y;
const attribute = /([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const rawText = new Set(["style", "script"]);
const isVoid = new Set("area base br col embed hr img input link meta source track wbr".split(" "));

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = "", double, single, bare] of text.matchAll(attribute))
    attributes[name] = decode(double ?? single ?? bare ?? "");
  return attributes;
}

function close(open: MarkupElement[], name: string, at: number): void {
  for (let i = open.length - 1; i > 0; i--)
    if (open[i]?.name === name) {
      for (const element of open.splice(i)) element.to = at;
      return;
    }
}

function readRaw(html: string, at: number, element: MarkupElement): number {
  const end = html.indexOf(`</${element.name}`, at);
  element.children.push(html.slice(at, end === -1 ? undefined : end));
  return end === -1 ? html.length : after(html, ">", end);
}

function after(html: string, text: string, from: number): number {
  const at = html.indexOf(text, from);
  return at === -1 ? html.length : at + text.length;
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00A0",
};

function decode(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi,
    (all, dec, hex, name) => {
      if (typeof name === "string") return entities[name] ?? all;
      const code = typeof dec === "string" ? Number(dec) : Number.parseInt(String(hex), 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
