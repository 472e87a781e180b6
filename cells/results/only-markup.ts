import { isListened } from "./listened-nodes.ts";

const namespaces = {
  html: "http://www.w3.org/1999/xhtml",
  svg: "http://www.w3.org/2000/svg",
  math: "http://www.w3.org/1998/Math/MathML",
} as const;

/**
 * Elements of HTML that have no state besides their attributes and children, start nothing, and that
 * a person cannot change: `details` opens and shuts after the cell has made it.
 */
const htmlNames = namesIn(`
  a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup data dd del dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd
  li main mark menu meter nav ol p picture pre progress q rp rt ruby s samp section small source span
  strong sub sup table tbody td tfoot th thead time tr u ul var wbr`);

/** The like of SVG: no scripts, style sheets or animations. */
const svgNames = namesIn(`
  a circle clipPath defs desc ellipse feBlend feColorMatrix feComponentTransfer feComposite
  feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feOffset
  filter foreignObject g image line linearGradient marker mask metadata path pattern polygon polyline
  radialGradient rect stop svg switch symbol text textPath title tspan use view`);

/** What an attribute's name says that markup alone is not all there is. */
const livelyAttribute = /^(on.*|is|popover|contenteditable|autofocus)$/i;

/** Addresses that end with the page: of blobs, and of files that were lent to this frame. */
const passingAddress = /blob:|\/b\//;

/**
 * Whether a node and all that is in it is nothing but its markup, so that parsing that gives the
 * same node: no form fields, media, scripts, style sheets, frames or elements of the workbook's own;
 * no handlers or listeners; no members that code gave it; nothing that only this page can fetch.
 */
export function isOnlyMarkup(node: Node): boolean {
  if (!isPlainNode(node) || isAnimated(node)) return false;
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (!isOnlyMarkup(child)) return false;
  return true;
}

function isPlainNode(node: Node): boolean {
  if (isListened(node) || hasMembers(node)) return false;
  if (node instanceof Element) return isPlainElement(node);
  return node.nodeType === Node.TEXT_NODE || node.nodeType === Node.COMMENT_NODE;
}

function isPlainElement(element: Element): boolean {
  const { localName, namespaceURI } = element;
  const isKnown =
    namespaceURI === namespaces.html
      ? htmlNames.has(localName)
      : namespaceURI === namespaces.svg
        ? svgNames.has(localName)
        : namespaceURI === namespaces.math && localName !== "maction";
  return (
    isKnown &&
    element.shadowRoot === null &&
    element.getAttributeNames().every((name) => isPlainAttribute(element, name)) &&
    handlerNames(element).every((name) => isUnset(Reflect.get(element, name)))
  );
}

function isPlainAttribute(element: Element, name: string): boolean {
  return !livelyAttribute.test(name) && !passingAddress.test(element.getAttribute(name) ?? "");
}

/** Members that code gave a node; Plot and D3 keep what they know there. */
function hasMembers(node: Node): boolean {
  return (
    Object.getOwnPropertyNames(node).length > 0 ||
    Object.getOwnPropertySymbols(node).some((key) => !platformSymbols().has(key))
  );
}

let ofPlatform: ReadonlySet<symbol> | undefined;

/** What every node has: nothing in a browser, something where the DOM is written in JavaScript. */
function platformSymbols(): ReadonlySet<symbol> {
  if (ofPlatform !== undefined) return ofPlatform;
  const probe = document.createElement("i");
  // some are there only once somebody has looked
  if (probe.attributes.length > 0) throw new Error("a new element has attributes");
  return (ofPlatform = new Set(Object.getOwnPropertySymbols(probe)));
}

/** Whether code set something in motion; what style sheets move is in the markup. */
function isAnimated(node: Node): boolean {
  return (
    node instanceof Element &&
    "getAnimations" in node &&
    node.getAnimations().some((one) => Object.getPrototypeOf(one) === Animation.prototype)
  );
}

const handlers = new WeakMap<object, readonly string[]>();

/** The names under which a kind of element has handlers: `onclick` and the like. */
function handlerNames(element: Element): readonly string[] {
  const prototype: object = Object.getPrototypeOf(element);
  let names = handlers.get(prototype);
  if (names === undefined) {
    const found: string[] = [];
    for (const name in prototype) if (name.startsWith("on")) found.push(name);
    handlers.set(prototype, (names = found));
  }
  return names;
}

function isUnset(value: unknown): boolean {
  return value === null || value === undefined;
}

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
