import { htmlElement } from "../element.ts";
import { controlText } from "./control-text.ts";
import { dataUrlOf } from "./data-url.ts";

/** Elements that only do something, or that show what a report does not have. */
const dropped = new Set(["script", "noscript", "template", "link", "meta", "base", "param"]);
const unheld = new Set(["iframe", "object", "embed", "video", "audio", "frame", "frameset"]);

/**
 * Nodes as markup that means the same without script: a canvas is its picture, an input its present
 * value, an image its bytes. What is left out for good is said in its place. It makes no markup safe:
 * whoever reads it must sanitise it.
 */
export async function staticMarkup(nodes: Iterable<Node>, document: Document): Promise<string> {
  const copier = new Copier(document);
  const holder = document.createElement("div");
  for (const node of nodes) copier.into(holder, node);
  await Promise.all(copier.pending);
  return holder.innerHTML;
}

class Copier {
  /** images that are still being read */
  readonly pending: Promise<void>[] = [];

  constructor(private readonly document: Document) {}

  into(parent: Node, node: Node): void {
    if (node.nodeType === Node.TEXT_NODE) parent.appendChild(node.cloneNode());
    else if (node instanceof Element) this.element(parent, node);
    else if (node.nodeType === Node.DOCUMENT_FRAGMENT_NODE) this.children(parent, node);
  }

  private children(parent: Node, node: Node): void {
    for (const child of node.childNodes) this.into(parent, child);
  }

  private element(parent: Node, element: Element): void {
    const name = element.localName;
    if (dropped.has(name)) return;
    if (unheld.has(name)) parent.appendChild(this.missing(`${articleOf(name)} ${name}`));
    else if (element instanceof HTMLCanvasElement) parent.appendChild(this.picture(element));
    else if (name === "img" || name === "image") parent.appendChild(this.image(element));
    else if (/^(input|select|textarea|datalist)$/.test(name)) this.control(parent, element);
    else if (name === "button") this.renamed(parent, element, "span");
    else if (name === "form") this.renamed(parent, element, "div");
    else if (!(element.hasAttribute("hidden") && element.childNodes.length === 0)) {
      const copy = element.cloneNode(false);
      parent.appendChild(copy);
      this.children(copy, element);
    }
  }

  private renamed(parent: Node, element: Element, name: "span" | "div"): void {
    const copy = htmlElement(this.document, name, { class: element.className || undefined });
    parent.appendChild(copy);
    this.children(copy, element);
  }

  private control(parent: Node, control: Element): void {
    const text = controlText(control);
    if (text === undefined) return;
    parent.appendChild(htmlElement(this.document, "output", { class: "report-input" }, text));
  }

  private picture(canvas: HTMLCanvasElement): HTMLElement {
    const { width, height } = canvas.style;
    try {
      const image = htmlElement(this.document, "img", {
        src: canvas.toDataURL("image/png"),
        alt: canvas.getAttribute("aria-label") ?? "",
        class: canvas.className || undefined,
        width: width === "" ? String(canvas.width) : undefined,
      });
      if (width !== "") image.style.width = width;
      if (height !== "") image.style.height = height;
      return image;
    } catch {
      // pixels of another origin are in it
      return this.missing("a picture");
    }
  }

  private image(image: Element): Element {
    const copy = image.cloneNode(false) as Element;
    copy.removeAttribute("srcset");
    const attributes = ["src", "href", "xlink:href"].filter((name) => copy.hasAttribute(name));
    for (const name of attributes) {
      const address = copy.getAttribute(name) ?? "";
      if (address.startsWith("data:")) continue;
      copy.removeAttribute(name);
      const read = dataUrlOf(new URL(address, image.baseURI).href).then(
        (url) => copy.setAttribute(name, url),
        () => copy.replaceWith(this.missing(copy.getAttribute("alt") || "a picture")),
      );
      this.pending.push(read);
    }
    return copy;
  }

  private missing(what: string): HTMLElement {
    return htmlElement(
      this.document,
      "em",
      { class: "report-missing" },
      `(not in a report: ${what})`,
    );
  }
}

function articleOf(name: string): string {
  return /^[aeiou]/.test(name) ? "an" : "a";
}
