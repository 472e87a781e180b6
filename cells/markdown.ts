import type MarkdownIt from "markdown-it";

/** A template tag: Markdown in, an element out. */
export type MarkdownTag = (strings: readonly string[], ...values: readonly unknown[]) => Element;

/**
 * The tag `md`: CommonMark with tables and strike-through, HTML allowed (the frame is a sandbox),
 * headings with anchors. A node, or a list of nodes, goes in as it is; any other value goes in as
 * text of the Markdown, so `**${name}**` is bold.
 */
export async function markdownTag(document: Document): Promise<MarkdownTag> {
  const { default: Markdown } = await import("markdown-it");
  const markdown = new Markdown({ html: true, linkify: true });
  return (strings, ...values) => render(document, markdown, strings, values);
}

function render(
  document: Document,
  markdown: MarkdownIt,
  strings: readonly string[],
  values: readonly unknown[],
): Element {
  const nodes: Node[] = [];
  const text = strings.reduce(
    (before, string, i) => before + (i === 0 ? "" : inserted(values[i - 1], nodes)) + string,
    "",
  );
  const root = document.createElement("div");
  const template = document.createElement("template");
  template.innerHTML = markdown.render(text);
  root.append(template.content);
  for (const slot of root.querySelectorAll(slotName)) {
    const node = nodes[Number(slot.getAttribute("data-node"))];
    if (node !== undefined) slot.replaceWith(node);
  }
  for (const heading of root.querySelectorAll("h1, h2, h3, h4, h5, h6"))
    if (heading.id === "") heading.id = slug(heading.textContent ?? "");
  return root;
}

const slotName = "tb-slot";

/** What stands in the Markdown for a value; nodes are kept aside until it is HTML. */
function inserted(value: unknown, nodes: Node[]): string {
  if (isNode(value)) return `<${slotName} data-node="${nodes.push(value) - 1}"></${slotName}>`;
  if (Array.isArray(value)) return value.map((item: unknown) => inserted(item, nodes)).join("");
  return value === undefined || value === null ? "" : String(value);
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" &&
    value !== null &&
    "nodeType" in value &&
    typeof value.nodeType === "number"
  );
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
}
