import { fenced } from "./fenced.ts";
import { MarkdownWriter, type MarkdownImage } from "./markdown-writer.ts";
import { notice, runFacts } from "./render-cell.ts";
import { renderHead } from "./render-head.ts";
import { renderProvenance } from "./render-provenance.ts";
import type { Report, ReportCell } from "./report.ts";

/**
 * A report as Markdown (CommonMark with tables), with its pictures as files beside it. It says the
 * same of every state as the HTML does, and has no digest, because any editor changes it.
 */
export function reportMarkdown(report: Report): {
  text: string;
  images: readonly MarkdownImage[];
} {
  const writer = new MarkdownWriter();
  const blocks = [
    ...writer.blocks(renderHead(report)),
    ...report.cells.flatMap((cell) => cellBlocks(cell, writer)),
    ...writer.blocks(renderProvenance(report)),
  ];
  return { text: `${blocks.join("\n\n")}\n`, images: writer.images };
}

function cellBlocks(cell: ReportCell, writer: MarkdownWriter): string[] {
  writer.pictureName = `cell-${cell.id}`;
  const { mode, pinned, state, source } = cell;
  const facts = mode === "md" && !cell.volatile ? [] : runFacts(cell);
  return [
    ...writer.blocks(notice(cell)),
    ...cell.outputs.flatMap((html) => writer.blocks(html)),
    ...(pinned || state === "error" ? [fenced(source, mode)] : []),
    ...(facts.length === 0 ? [] : [`*Cell ${cell.id}: ${facts.join(", ")}.*`]),
  ];
}
