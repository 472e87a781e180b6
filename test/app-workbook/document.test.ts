import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  openDocument,
  redo,
  undo,
  withAttributes,
  withMovedCell,
  withNewCell,
  withoutCell,
  withSource,
  type NotebookDocument,
} from "../../app/workbook/document.ts";
import { parseNotebook, serializeNotebook } from "../../runtime/notebook.ts";

const file = `<!doctype html>
<notebook theme="air">
  <title>Test</title>
  <script id="1" type="text/markdown">
    # Title
  </script>
  <script id="2" type="module" pinned="" data-kept="yes">
    const a  =  1;   // odd   spaces
  </script>
  <!-- a remark -->
  <script id="3" type="application/sql" output="t" pinned="">
    select 1
  </script>
</notebook>
`;

function open(): NotebookDocument {
  return openDocument(parseNotebook(file));
}

function textOf(document: NotebookDocument): string {
  return serializeNotebook(document.notebook);
}

function idsOf(document: NotebookDocument): readonly number[] {
  return document.notebook.cells.map((cell) => cell.id);
}

test("typing into one cell leaves the bytes of all others as they were", () => {
  const text = textOf(withSource(open(), 3, "select 2"));
  expect(text).toBe(file.replace("select 1", "select 2"));
});

test("undoing a deletion brings the cell back with every byte", () => {
  const document = withoutCell(open(), 2);
  expect(idsOf(document)).toEqual([1, 3]);
  expect(textOf(undo(document))).toBe(file);
});

test("undo takes back what was done to cells and keeps what was typed since", () => {
  const document = undo(withSource(withMovedCell(open(), 1, 2), 2, "const a = 2;"));
  expect(idsOf(document)).toEqual([1, 2, 3]);
  expect(document.notebook.cells[1]?.source).toBe("const a = 2;");
});

test("a new cell that was undone comes back with its text", () => {
  const { document, id } = withNewCell(open(), 2, "js");
  expect(idsOf(document)).toEqual([1, id, 2, 3]);
  const again = redo(undo(withSource(document, id, "typed")));
  expect(again.notebook.cells[1]).toMatchObject({ id, source: "typed" });
});

test("a move past an end, an equal name and an equal mode are nothing to undo", () => {
  const document = open();
  expect(withMovedCell(document, 1, -5)).toBe(document);
  expect(withAttributes(document, 3, { output: "t", mode: "sql" })).toBe(document);
  expect(undo(document)).toBe(document);
  expect(redo(document)).toBe(document);
});

test("any number of steps is undone to the first bytes and redone to the last", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("insert" as const), at: fc.nat(9) }),
    fc.record({ type: fc.constant("remove" as const), at: fc.nat(9) }),
    fc.record({
      type: fc.constant("move" as const),
      at: fc.nat(9),
      by: fc.integer({ min: -3, max: 3 }),
    }),
    fc.record({ type: fc.constant("mode" as const), at: fc.nat(9) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let document = open();
      for (const { type, at, ...more } of steps) {
        const ids = idsOf(document);
        const id = ids[at % Math.max(1, ids.length)];
        if (type === "insert") ({ document } = withNewCell(document, id, "js"));
        else if (id === undefined) continue;
        else if (type === "remove") document = withoutCell(document, id);
        else if (type === "mode") document = withAttributes(document, id, { mode: "html" });
        else document = withMovedCell(document, id, "by" in more ? more.by : 0);
      }
      const last = textOf(document);
      while (document.before.length > 0) document = undo(document);
      expect(textOf(document)).toBe(file);
      while (document.after.length > 0) document = redo(document);
      expect(textOf(document)).toBe(last);
    }),
  );
});

test("a policy is written into the file, and undone like what else is done to a cell", () => {
  const opened = openDocument(parseNotebook(file));
  const manual = withAttributes(opened, 1, { policy: "manual" });
  expect(serializeNotebook(manual.notebook)).toContain(
    '<script id="1" type="text/markdown" data-run="manual">',
  );
  const auto = withAttributes(manual, 1, { policy: undefined });
  expect(serializeNotebook(auto.notebook)).toBe(file);
  const typed = withSource(manual, 1, "typed since");
  const { cells } = undo(typed).notebook;
  expect(cells[0]).toMatchObject({ id: 1, source: "typed since" });
  expect(cells[0]?.policy).toBeUndefined();
  expect(redo(undo(typed)).notebook.cells[0]?.policy).toBe("manual");
});
