import { findAll, parseMarkup, textOf } from "./markup.ts";
import type { Report, ReportCell } from "./report.ts";

/** A heading of a report's text. */
export interface Heading {
  readonly level: 1 | 2 | 3;
  readonly text: string;
  /** where a link to it goes: its own id, or the cell that it stands in */
  readonly anchor: string;
}

/** The headings of a report's Markdown, in reading order. */
export function reportHeadings({ cells }: Report): Heading[] {
  const seen = new Set<string>();
  return cells.flatMap((cell) =>
    cell.mode === "md" ? cell.outputs.flatMap((html) => headingsIn(html, cell, seen)) : [],
  );
}

/** Where a link to a cell goes. */
export function cellAnchor({ id }: Pick<ReportCell, "id">): string {
  return `tb-cell-${id}`;
}

function headingsIn(html: string, cell: ReportCell, seen: Set<string>): Heading[] {
  return findAll(parseMarkup(html), ({ name }) => /^h[123]$/.test(name)).flatMap((element) => {
    const text = textOf(element.children).replace(/\s+/g, " ").trim();
    if (text === "") return [];
    const id = element.attributes["id"] ?? "";
    // a browser goes to the first of two elements with one id
    const anchor = id === "" || seen.has(id) ? cellAnchor(cell) : id;
    seen.add(id);
    return [{ level: Number(element.name[1]) as Heading["level"], text, anchor }];
  });
}
