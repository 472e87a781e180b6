import { deserialize, serialize, toNotebook } from "@observablehq/notebook-kit";
import * as fc from "fast-check";
import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import { contentFromSource, sourceFromContent } from "../../runtime/cell-text.ts";
import {
  insertCell,
  moveCell,
  removeCell,
  renameNotebook,
  updateCell,
} from "../../runtime/notebook-edits.ts";
import { createNotebook, parseNotebook, serializeNotebook } from "../../runtime/notebook.ts";

const window = new JSDOM("").window;
const parser = new window.DOMParser();

const pieces = fc.constantFrom(
  ..."<!--|-->|--!>|<!-->|<!--->|<script|<script>|<SCRIPT |</script|</script>|</Script >|</script/>|<\\|\\|\\\\|<\\!--|<\\script>|<\\/script>|<\\\\/script>|/|>|<|-|\0|\r|\n|\r\n|\n\n|\t|    |  |\u2028|`|${x}|const a = 1;|é|😀|&amp;|\u00a0|\v".split(
    "|",
  ),
);
const anySource = fc.oneof(
  fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join("")),
  fc.string({ unit: "grapheme" }),
);

const foreign = [
  "<!DOCTYPE html>\r\n<!-- <notebook> <script>no</script> -->\r\n<html><head>",
  "<style>script { } /* <notebook> */</style><meta name=a content='<notebook>'>",
  `<notebook theme="light-dark(air, ink)" readonly data-tier=small>\r\n  <title>A &amp; b</title>`,
  `<p>stray</p>\r\n<script id=7 data-x="a>b" type='text/markdown' Pinned>\r\n    # Hé\r\n\r\n      x\r\n  </script>`,
  `<script>no frame</script><script id="7" type=module hidden>\n    const a = \`x\n\n    y\`;\n  </script >`,
  `<script id="-1" type="application/sql" output="t &amp; u" database=db>select 1</script>`,
  `<!-- <script>also no</script> --></notebook><script>not a cell</script>\n</html>`,
].join("");

describe("parseNotebook", () => {
  test("a foreign file's cells are read, and its bytes come back", () => {
    const notebook = parseNotebook(foreign);
    expect(serializeNotebook(notebook)).toBe(foreign);
    expect(notebook).toMatchObject({
      title: "A & b",
      theme: "light-dark(air, ink)",
      readOnly: true,
    });
    expect(notebook.cells).toEqual([
      { id: 7, mode: "md", source: "# Hé\r\n\r\n  x", pinned: true, hidden: false },
      { id: 8, mode: "js", source: "no frame", pinned: false, hidden: false },
      { id: 9, mode: "js", source: "const a = `x\n\ny`;", pinned: false, hidden: true },
      {
        id: 10,
        mode: "sql",
        source: "select 1",
        pinned: false,
        hidden: false,
        output: "t & u",
        database: "db",
      },
    ]);
  });

  test("any text comes back byte for byte, or is no notebook", () => {
    const html = fc.array(
      fc.oneof(
        pieces,
        fc.constantFrom(
          ..."<notebook>|</notebook>|<title>|</title>|<style>|</style>|<a b='|'>|<a b=\">|<?x|<!x|</|<textarea>".split(
            "|",
          ),
        ),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(html, (parts) => {
        const text = `<notebook>${parts.join("")}`;
        expect(serializeNotebook(parseNotebook(text))).toBe(text);
      }),
      { numRuns: 2000 },
    );
    expect(() => parseNotebook("<p>hello")).toThrow(/no <notebook> element/);
  });

  test("cells end where a browser's parser ends them, escaped comment states included", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        // The one text that we read otherwise: our own escapes, in a file that is not ours.
        if (/<\\+(?:!--|script|\/script\/)/i.test(parts.join(""))) return;
        const text = `<notebook><script id=1>${parts.join("")}</script><script id=2>end</script></notebook>`;
        const ours = parseNotebook(text);
        const theirs = deserialize(text, { parser });
        const plain = (value: string) => value.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
        expect(ours.cells.length).toBe(theirs.cells.length);
        expect(ours.cells.slice(1).map(({ source }) => plain(source))).toEqual(
          theirs.cells.slice(1).map(({ value }) => value),
        );
      }),
      { numRuns: 1500 },
    );
  });
});

describe("the text of a cell", () => {
  test("every source survives the file, whatever it holds", () => {
    fc.assert(
      fc.property(anySource, fc.constantFrom("\n", "\r\n"), (source, newline) => {
        expect(sourceFromContent(contentFromSource(source, newline))).toBe(source);
      }),
      { numRuns: 5000 },
    );
  });

  test("notebook-kit reads what we write, and loses no cell", () => {
    fc.assert(
      fc.property(fc.array(anySource, { maxLength: 3 }), (sources) => {
        let notebook = createNotebook("T");
        for (const source of sources) notebook = insertCell(notebook, 99, { mode: "js", source });
        const { cells } = deserialize(serializeNotebook(notebook), { parser });
        expect(cells.length).toBe(sources.length);
        cells.forEach(({ value }, i) => {
          const source = sources[i] ?? "";
          if (/<\\*!--|<\\*\/script(?=\/|$)/i.test(source) || /[\r\0\ud800-\udfff]/.test(source))
            return;
          expect(value).toBe(source);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("where notebook-kit loses the cells after `<!--<script>`, ours keeps them", () => {
    const sources = ["const a = '<!--<script>'", "a"];
    const theirs = serialize(
      toNotebook({ cells: sources.map((value, i) => ({ id: i + 1, value, mode: "js" as const })) }),
      { document: window.document },
    );
    expect(deserialize(theirs, { parser }).cells.length).toBe(1);
    let ours = createNotebook("T");
    for (const source of sources) ours = insertCell(ours, 9, { mode: "js", source });
    const text = serializeNotebook(ours);
    expect(parseNotebook(text).cells.map(({ source }) => source)).toEqual(sources);
    expect(deserialize(text, { parser }).cells.length).toBe(2);
  });

  test("a new file of plain cells is what notebook-kit writes", () => {
    const cells = [
      { id: 1, mode: "md", value: "# Title\n\nText", pinned: false },
      { id: 2, mode: "js", value: 'const a = "</script>";\n  a', pinned: true },
      {
        id: 3,
        mode: "sql",
        value: "select 1",
        pinned: true,
        output: "a&b",
        hidden: true,
        database: "db",
      },
    ] as const;
    let ours = createNotebook("A < b");
    for (const { id: _, value: source, ...cell } of cells)
      ours = insertCell(ours, 9, { ...cell, source });
    expect(serializeNotebook(ours)).toBe(
      serialize(toNotebook({ title: "A < b", cells: [...cells] }), {
        document: window.document,
      }).replace("A &lt; b", "A &lt; b"),
    );
  });
});

describe("edits", () => {
  test("an edited cell reads back, and every other byte stays", () => {
    fc.assert(
      fc.property(anySource, fc.nat(3), (source, at) => {
        const notebook = parseNotebook(foreign);
        const cell = notebook.cells[at];
        if (!cell || cell.source === source) return;
        const edited = updateCell(notebook, cell.id, { source });
        const again = parseNotebook(serializeNotebook(edited));
        expect(again.cells.map((other) => other.source)).toEqual(
          notebook.cells.map((other) => (other === cell ? source : other.source)),
        );
        const bytes = ({ parts }: typeof notebook) =>
          parts
            .filter((part) => part.kind !== "cell" || part.cell.id !== cell.id)
            .map((part) =>
              part.kind === "cell" ? part.open + part.content + part.close : part.text,
            );
        expect(bytes(edited)).toEqual(bytes(notebook));
      }),
      { numRuns: 1000 },
    );
  });

  test("changing an attribute leaves the source's bytes and unknown attributes alone", () => {
    const notebook = parseNotebook(foreign);
    const text = serializeNotebook(
      updateCell(notebook, 7, { mode: "html", pinned: false, output: 'a"b' }),
    );
    expect(text).toBe(
      foreign.replace(
        `<script id=7 data-x="a>b" type='text/markdown' Pinned>`,
        `<script id=7 data-x="a>b" type="text/html" output="a&quot;b">`,
      ),
    );
    expect(serializeNotebook(updateCell(notebook, 10, { output: undefined }))).toBe(
      foreign.replace(
        `id="-1" type="application/sql" output="t &amp; u"`,
        `id="10" type="application/sql"`,
      ),
    );
    expect(updateCell(notebook, 7, { source: "# Hé\r\n\r\n  x", pinned: true })).toBe(notebook);
  });

  test("inserting, moving and removing cells keeps the others' bytes and reads back", () => {
    const command = fc.record({
      verb: fc.constantFrom("insert", "remove", "move"),
      at: fc.nat(5),
      to: fc.nat(6),
      source: anySource,
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 8 }), (commands) => {
        let notebook = parseNotebook(foreign);
        const expected = notebook.cells.map(({ source }) => source);
        for (const { verb, at, to, source } of commands) {
          const cell = notebook.cells[at];
          if (verb === "insert") {
            notebook = insertCell(notebook, to, { mode: "js", source });
            expected.splice(to, 0, source);
          } else if (cell && verb === "remove") {
            notebook = removeCell(notebook, cell.id);
            expected.splice(at, 1);
          } else if (cell) {
            notebook = moveCell(notebook, cell.id, to);
            expected.splice(to, 0, ...expected.splice(at, 1));
          }
        }
        const text = serializeNotebook(notebook);
        expect(notebook.cells.map(({ source }) => source)).toEqual(expected);
        expect(parseNotebook(text).cells.map(({ source }) => source)).toEqual(expected);
        for (const part of [`<p>stray</p>`, `<!-- <script>also no</script> -->`])
          expect(text).toContain(part);
      }),
      { numRuns: 500 },
    );
  });

  test("a cell that is put in and taken out again leaves the file as it was", () => {
    const notebook = insertCell(createNotebook("T"), 0, { mode: "js", source: "1" });
    const text = serializeNotebook(notebook);
    for (const at of [0, 1]) {
      const more = insertCell(notebook, at, { mode: "md", source: "x" });
      expect(serializeNotebook(removeCell(more, 2))).toBe(text);
    }
    expect(() => removeCell(notebook, 5)).toThrow(/no cell 5/);
  });

  test("a notebook is renamed where its title stands, and gets one where it had none", () => {
    expect(serializeNotebook(renameNotebook(parseNotebook(foreign), "x < y"))).toBe(
      foreign.replace("A &amp; b", "x &lt; y"),
    );
    const bare = renameNotebook(parseNotebook("<notebook a='>'>\n</notebook>"), "New");
    expect(parseNotebook(serializeNotebook(bare)).title).toBe("New");
  });
});
