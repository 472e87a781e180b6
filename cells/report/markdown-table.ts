import { findAll, hasClass, type MarkupElement, type MarkupNode } from "./markup.ts";

/** A table as Markdown has them, with its caption above it; nothing for one without rows. */
export function markdownTable(
  table: MarkupElement,
  inline: (nodes: readonly MarkupNode[]) => string,
): string[] {
  const caption = findAll([table], ({ name }) => name === "caption").map(
    ({ children }) => `**${inline(children).trim()}**`,
  );
  const rows = findAll([table], ({ name }) => name === "tr").map((row) =>
    findAll(row.children, ({ name }) => name === "th" || name === "td"),
  );
  const [head = [], ...body] = rows.filter((row) => row.length > 0);
  if (head.length === 0) return caption;
  const rule = head.map((_, i) => (isRight(body[0]?.[i] ?? head[i]) ? "--:" : "---"));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const texts = (row: readonly MarkupElement[]): string[] =>
    head.map((_, i) =>
      inline(row[i]?.children ?? [])
        .replace(/\s+/g, " ")
        .trim(),
    );
  return [
    ...caption,
    [line(texts(head)), line(rule), ...body.map((row) => line(texts(row)))].join("\n"),
  ];
}

function isRight(cell: MarkupElement | undefined): boolean {
  return cell !== undefined && (hasClass(cell, "right") || hasClass(cell, "tb-number"));
}
