import { findAll, hasClass, parseMarkup, textOf } from "./markup.ts";
import type { MarkupElement, MarkupNode } from "./markup.ts";
import { markdownTable } from "./markdown-table.ts";
import { pictureBytes, svgFile } from "./picture-file.ts";
import { fenced } from "./fenced.ts";

/** A picture that a Markdown text links to. */
export interface MarkdownImage {
  /** its file's name, as the text has it */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Writes HTML as blocks of Markdown, and keeps the pictures that it meets. */
export class MarkdownWriter {
  readonly images: MarkdownImage[] = [];
  /** what the next pictures are named after */
  pictureName = "picture";

  /** The blocks that some HTML comes to, in its order. */
  blocks(html: string): string[] {
    return this.block(parseMarkup(html), html);
  }

  private block(nodes: readonly MarkupNode[], html: string): string[] {
    const blocks: string[] = [];
    let line: MarkupNode[] = [];
    const endLine = (): void => {
      const text = this.inline(line, html).trim();
      if (text !== "") blocks.push(text);
      line = [];
    };
    for (const node of nodes)
      if (typeof node === "string" || !isBlock(node)) line.push(node);
      else {
        endLine();
        blocks.push(...this.element(node, html));
      }
    endLine();
    return blocks;
  }

  private element(element: MarkupElement, html: string): string[] {
    const { name, children } = element;
    if (hasClass(element, "seal")) return [];
    if (hasClass(element, "notice")) return [quoted(this.block(children, html))];
    if (hasClass(element, "warning"))
      return [quoted([`**${this.inline(children, html).trim()}**`])];
    if (hasClass(element, "about"))
      return [
        this.words(
          findAll(children, (node) => node.name !== "a"),
          html,
        ).join(" · "),
      ];
    if (hasClass(element, "inspect")) return [fenced(textOf(children))];
    if (hasClass(element, "tb-card-head")) return this.cardHead(element, html);
    switch (name) {
      case "nav":
      case "style":
        return [];
      case "pre":
        return [fenced(textOf(children).replace(/\n$/, ""))];
      case "blockquote":
        return [quoted(this.block(children, html))];
      case "hr":
        return ["---"];
      case "ul":
      case "ol":
        return [this.list(element, html)];
      case "dl":
        return [this.facts(element, html)];
      case "table":
        return markdownTable(element, (nodes) => this.inline(nodes, html));
      case "summary":
        return [`**${this.inline(children, html).trim()}**`];
    }
    if (/^h[1-6]$/.test(name))
      return [`${"#".repeat(Number(name[1]))} ${this.inline(children, html).trim()}`];
    return this.block(children, html);
  }

  private cardHead(element: MarkupElement, html: string): string[] {
    const part = (name: string): string =>
      this.inline(findAll([element], (node) => hasClass(node, name))[0]?.children ?? [], html);
    const head = `**${part("tb-card-mark")} ${part("tb-card-title")}: ${part("tb-card-status")}**`;
    return [`${head} ${part("tb-card-summary")}`.trim()];
  }

  private list({ name, children }: MarkupElement, html: string): string {
    const items = findAll(children, (node) => node.name === "li");
    return items
      .map((item, i) => {
        const mark = name === "ol" ? `${i + 1}. ` : "- ";
        const isCheck = "data-verdict" in item.attributes;
        const blocks = isCheck
          ? [this.words(item.children, html).join(" ")]
          : this.block(item.children, html);
        return mark + blocks.join("\n").replace(/\n/g, `\n${" ".repeat(mark.length)}`);
      })
      .join("\n");
  }

  private facts(element: MarkupElement, html: string): string {
    const of = (name: string): string[] =>
      findAll([element], (node) => node.name === name).map((node) =>
        this.inline(node.children, html).trim(),
      );
    const values = of("dd");
    return of("dt")
      .map((label, i) => `- ${label}: ${values[i] ?? ""}`)
      .join("\n");
  }

  /** What each child says, without those that say nothing. */
  private words(nodes: readonly MarkupNode[], html: string): string[] {
    return nodes.map((node) => this.inline([node], html).trim()).filter((text) => text !== "");
  }

  private inline(nodes: readonly MarkupNode[], html: string): string {
    return nodes.map((node) => this.inlineNode(node, html)).join("");
  }

  private inlineNode(node: MarkupNode, html: string): string {
    if (typeof node === "string") return escaped(node.replace(/\s+/g, " "));
    const { name, children, attributes } = node;
    switch (name) {
      case "style":
        return "";
      case "br":
        return " ";
      case "svg":
        return this.picture(
          `.svg`,
          svgFile(html.slice(node.from, node.to)),
          attributes["aria-label"] ?? "",
        );
      case "img": {
        const picture = pictureBytes(attributes["src"] ?? "");
        return picture === undefined
          ? ""
          : this.picture(picture.extension, picture.bytes, attributes["alt"] ?? "");
      }
      case "input":
        return escaped(attributes["value"] ?? "");
      case "code":
        return code(textOf(children));
    }
    const text = this.inline(children, html);
    if (text.trim() === "") return text;
    if (name === "strong" || name === "b") return around("**", text);
    if (name === "em" || name === "i") return around("*", text);
    const href = attributes["href"] ?? "";
    if (name === "a" && /^(?:https?:|mailto:)/.test(href))
      return `[${text}](<${href.replace(/[<>\s]/g, encodeURIComponent)}>)`;
    // parts that stand in lines of their own on the page
    return isBlock(node) || apart.some((part) => hasClass(node, part)) ? `${text} ` : text;
  }

  private picture(extension: string, bytes: Uint8Array, alt: string): string {
    const same = this.images.filter(({ name }) => name.startsWith(`${this.pictureName}.`)).length;
    const more = this.images.filter(({ name }) => name.startsWith(`${this.pictureName}-`)).length;
    const name = `${this.pictureName}${same + more === 0 ? "" : `-${same + more + 1}`}${extension}`;
    this.images.push({ name, bytes });
    return `![${escaped(alt)}](${name})`;
  }
}

/** Spans that the page sets apart by their looks. */
const apart = ["column-name", "tb-curve-title", "tb-legend", "tb-check-message"];

const inlineNames = new Set(
  "a abbr b bdi br cite code del em i img input ins kbd label mark math q s samp select small span strong sub sup svg time tspan u var".split(
    " ",
  ),
);

function isBlock({ name }: MarkupElement): boolean {
  return !inlineNames.has(name);
}

function quoted(blocks: readonly string[]): string {
  return blocks.join("\n\n").replace(/^/gm, "> ").replace(/^> $/gm, ">");
}

/** A text that Markdown reads as a text. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, "\\$&").replace(/^(\s*)([#+-]|\d+[.)])(?=\s)/, "$1\\$2");
}

function around(mark: string, text: string): string {
  const [, before = "", inner = "", after = ""] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? [];
  return `${before}${mark}${inner}${mark}${after}`;
}

function code(text: string): string {
  if (text === "") return "";
  const ticks = text.includes("`") ? "``" : "`";
  return ticks === "`" ? `\`${text}\`` : `${ticks} ${text} ${ticks}`;
}
