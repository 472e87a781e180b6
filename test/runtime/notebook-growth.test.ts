import { describe, expect, test } from "vitest";
import {
  insertCell,
  moveCell,
  removeCell,
  renameNotebook,
  updateCell,
} from "../../runtime/notebook-edits.ts";
import { parseNotebook, serializeNotebook } from "../../runtime/notebook.ts";
import { growth } from "./growth.ts";

const limit = 12; // of a text four times as long: linear is 4, quadratic 16

const pieces =
  "<script>1</script>|\n  <script id=1>1</script>|<|</|<!--|<!-- -->|<!--<script>|<\\!--|<\\|\\|<a b=|<a b='|<notebook>|</notebook>|<title>|</script|<style>|\n|\r| |\t|&#1|/|a=|pinned |pinned=1".split(
    "|",
  );

describe("reading, editing and writing a large workbook", () => {
  test.each(pieces)("%j again and again takes time in proportion to the length", (piece) => {
    const between = (text: string) => edit(`<notebook>\n${text}x<script id=1></script></notebook>`);
    const inCell = (text: string) => edit(`<notebook>\n<script id=1>${text}x</script></notebook>`);
    const inTag = (text: string) => edit(`<notebook>\n<script id=1 ${text}x>x</script></notebook>`);
    for (const read of [between, inCell, inTag])
      expect(growth(read, piece, limit)).toBeLessThan(limit);
  });

  test("hundreds of thousands of cells get ids as a few do", () => {
    const notebook = parseNotebook(`<notebook>${"<script></script>".repeat(300_000)}`);
    expect(insertCell(notebook, 0, { mode: "js" }).cells[0]?.id).toBe(300_001);
  });
});

/** One edit of every kind. */
function edit(text: string): string {
  let notebook = parseNotebook(text);
  notebook = renameNotebook(notebook, "x");
  notebook = insertCell(notebook, 0, { mode: "js", source: text });
  notebook = insertCell(notebook, Infinity, { mode: "js", source: "1" });
  const id = notebook.cells[1]?.id ?? 0;
  const patch = { pinned: true, hidden: true, output: "a", mode: "ojs" } as const;
  notebook = updateCell(notebook, id, { ...patch, source: text });
  notebook = updateCell(notebook, id, { pinned: false, hidden: false, output: undefined });
  notebook = moveCell(notebook, id, Infinity);
  return serializeNotebook(removeCell(notebook, id));
}
