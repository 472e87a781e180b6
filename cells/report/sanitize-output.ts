import createPurifier, { type Config, type DOMPurify } from "dompurify";
import { confinedStyle, loadsNothing, safeDeclarations } from "./sanitize-style.ts";

/** What a page that enforces Trusted Types lets read HTML. */
export interface HtmlPolicy {
  createHTML(html: string): unknown;
  createScriptURL(url: string): unknown;
}

/**
 * HTML that a stranger's code made, less all that could run, load, send, or reach outside its own
 * output. Text, tables, SVG, MathML, pictures in `data:` URLs and styles stay; forms and buttons
 * become plain boxes, inputs cannot be used; a formula of KaTeX keeps its MathML. What comes out is
 * HTML as a serializer writes it, and stays the same when it goes through again.
 *
 * @param document one of a realm in which the stranger's code does not run
 * @param policy for a page that enforces Trusted Types
 */
export function sanitizeOutput(html: string, document: Document, policy?: HtmlPolicy): string {
  const purifier = purifierOf(document);
  const fragment = purifier.sanitize(html, {
    ...config,
    // the library's types know Trusted Types only where the DOM's do
    ...(policy !== undefined && { TRUSTED_TYPES_POLICY: policy as never }),
  });
  for (const element of fragment.querySelectorAll("form, button")) {
    const plain = document.createElement(element.localName === "form" ? "div" : "span");
    for (const { name, value } of element.attributes) plain.setAttribute(name, value);
    plain.append(...element.childNodes);
    element.replaceWith(plain);
  }
  for (const input of fragment.querySelectorAll("input, select, textarea"))
    input.setAttribute("disabled", "");
  const holder = document.createElement("div");
  holder.append(fragment);
  return holder.innerHTML;
}

const config = {
  USE_PROFILES: { html: true, svg: true, svgFilters: true, mathMl: true },
  ADD_TAGS: ["use"],
  FORBID_TAGS: [
    "animatecolor",
    "animatemotion",
    "animatetransform",
    "area",
    "audio",
    "dialog",
    "map",
    "marquee",
    "source",
    "template",
    "track",
    "video",
  ],
  // TeX beside its MathML would be read as text
  ADD_FORBID_CONTENTS: ["annotation", "annotation-xml"],
  FORBID_ATTR: [
    "action",
    "autofocus",
    "autoplay",
    "background",
    "cite",
    "command",
    "commandfor",
    "formaction",
    "nonce",
    "ping",
    "popover",
    "popovertarget",
    "popovertargetaction",
    "poster",
    "srcset",
    "target",
    "usemap",
  ],
  ALLOW_UNKNOWN_PROTOCOLS: false,
  // without it a style at the beginning would go to a head that is thrown away
  FORCE_BODY: true,
  RETURN_DOM_FRAGMENT: true,
} as const satisfies Config;

const purifiers = new WeakMap<object, DOMPurify>();

function purifierOf(document: Document): DOMPurify {
  const window = document.defaultView;
  if (window === null) throw new TypeError("sanitizeOutput: the document has no window");
  let purifier = purifiers.get(window);
  if (purifier === undefined) {
    purifier = createPurifier(window);
    purifier.addHook("uponSanitizeElement", checkElement);
    purifier.addHook("uponSanitizeAttribute", checkAttribute);
    purifiers.set(window, purifier);
  }
  return purifier;
}

const usableInputs = new Set(
  "checkbox color date datetime-local month number radio range search text time week".split(" "),
);

function checkElement(node: Node, { tagName }: { tagName: string }): void {
  // hooks see texts and comments too, which have no attributes
  if (node.nodeType !== 1) return;
  const element = node as Element;
  if (tagName === "style") {
    const css = confinedStyle(element.textContent ?? "");
    if (css === undefined) element.remove();
    else element.textContent = css;
  }
  if (tagName === "input" && !usableInputs.has(element.getAttribute("type") ?? "text"))
    element.remove();
  const classes = element.getAttribute("class")?.split(/\s+/) ?? [];
  // KaTeX writes a formula twice: what it draws needs its fonts, its MathML needs nothing
  const isTwice = classes.includes("katex-html") && hasMathBeside(element);
  if (isTwice || classes.includes("tb-card-actions")) element.remove();
}

function hasMathBeside(element: Element): boolean {
  return element.previousElementSibling?.classList.contains("katex-mathml") ?? false;
}

interface AttributeEvent {
  attrName: string;
  attrValue: string;
  keepAttr: boolean;
}

function checkAttribute(node: Element, event: AttributeEvent): void {
  const { attrName: name, attrValue: value } = event;
  if (name === "style") {
    event.attrValue = safeDeclarations(value);
    if (event.attrValue === "") event.keepAttr = false;
  } else if (name === "href" || name === "xlink:href") {
    if (!isSafeReference(node, value)) event.keepAttr = false;
  } else if (name === "src") {
    if (!picture.test(value)) event.keepAttr = false;
  } else if (name === "id" || name === "name") {
    // ours: places in the report
    if (value.trim().toLowerCase().startsWith("tb-") || value === "tierbook-report")
      event.keepAttr = false;
  } else if (paints.has(name) && !loadsNothing(value)) event.keepAttr = false;
}

const picture = /^data:image\/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]/i;

/** Links may go to the web, when a person follows them; all else only to its own file. */
function isSafeReference(node: Element, value: string): boolean {
  if (value.startsWith("#")) return true;
  const name = node.localName.toLowerCase();
  if (name === "a") return /^(?:https?:|mailto:)/i.test(value);
  return (name === "image" || name === "feimage") && picture.test(value);
}

/** Attributes of SVG that are read as CSS. */
const paints = new Set(
  "clip-path cursor fill filter marker marker-end marker-mid marker-start mask stroke".split(" "),
);
