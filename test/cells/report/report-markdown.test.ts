import { JSDOM } from "jsdom";
import MarkdownIt from "markdown-it";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { reportMarkdown } from "../../../cells/report/report-markdown.ts";
import type { ReportCell } from "../../../cells/report/report.ts";
import { chartOutput, fullReport, reportCell, smallReport, tableOutput } from "./made-up-report.ts";

const { text, images } = reportMarkdown(fullReport());

/** The Markdown of a cell, as a reader of Markdown sees it. */
function seen(rest: Partial<ReportCell>): Document {
  const { text: markdown } = reportMarkdown(smallReport([reportCell(1, rest)]));
  return new JSDOM(new MarkdownIt().render(markdown)).window.document;
}

test("every state is said, and why", () => {
  for (const words of [
    "> **Stale.** It runs only when a person says so, and recorded has changed.",
    "> **Failed.**\n>\n> **ReferenceError**: fligths is not defined\n>\n> line 2, column 10",
    "> **Blocked.** rates failed in cell 9.",
    "> **Waiting.** It waits for a person to start the full run.",
    "> **Running.**",
    "> **Not run.**",
    "*Cell 3: from the result cache, 1.8 s.*",
    "*Cell 7: volatile: another run may differ, under 1 ms.*",
    "> **A person let pass what a check would have stopped: dry run.**",
  ])
    expect(text).toContain(words);
});

test("a table comes with its first rows and its true count", () => {
  expect(text).toContain(
    "| date timestamp | delay integer | distance integer |\n| --- | --: | --: |\n| 2001-01-01 06:00 | -20 | 200 |",
  );
  expect(text).toContain("3,000,000 rows, first 12 shown");
});

test("a card comes as its title, its verdict and its lists", () => {
  expect(text).toContain(
    "**✓ Small run: passed** 200 rows in 4.2 s on wasm\n\n- rows: 200\n- epochs: 20",
  );
  expect(text).toContain("- ! classes few late flights take more rows");
});

test("drawings and pictures become files that the text links to", () => {
  expect(images.map(({ name }) => name)).toEqual(["cell-5.svg", "cell-6.svg"]);
  expect(text).toContain("](cell-5.svg)");
  const bytes = "iVBORw0KGgo=";
  const two = reportMarkdown(
    smallReport([
      reportCell(3, {
        outputs: [chartOutput(), `<p><img alt="dot" src="data:image/png;base64,${bytes}"></p>`],
      }),
    ]),
  );
  expect(two.images.map(({ name }) => name)).toEqual(["cell-3.svg", "cell-3-2.png"]);
  expect(btoa(String.fromCharCode(...(two.images[1]?.bytes ?? [])))).toBe(bytes);
  expect(two.text).toContain("![dot](cell-3-2.png)");
});

test("a drawing's file is XML of its own, with its styles free again", () => {
  for (const { bytes } of images) {
    const svg = new TextDecoder().decode(bytes);
    const { window } = new JSDOM(svg, { contentType: "image/svg+xml" });
    expect(window.document.documentElement.namespaceURI).toBe("http://www.w3.org/2000/svg");
    expect(svg).not.toContain("tb-output");
  }
});

test("a table keeps every cell, whatever is in it", () => {
  const words = fc.string({ unit: fc.constantFrom(..."ab|*_`[]<>#\\-1. ") });
  fc.assert(
    fc.property(fc.array(fc.tuple(words, words), { minLength: 1, maxLength: 5 }), (rows) => {
      const escape = (cell: string): string =>
        cell.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
      const body = rows.map(
        (row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`,
      );
      const html = `<table><thead><tr><th>x</th><th>y</th></tr></thead><tbody>${body.join("")}</tbody></table>`;
      const cells = [...seen({ outputs: [html] }).querySelectorAll("table")][0]?.querySelectorAll(
        "td",
      );
      expect([...(cells ?? [])].map(({ textContent }) => textContent)).toEqual(
        rows.flat().map((cell) => cell.replace(/\s+/g, " ").trim()),
      );
    }),
  );
});

test("a message that looks like Markdown stays a text", () => {
  const error = { name: "Error", message: "# no **bold** [x](y) <b>\n- `tick`" };
  const document = seen({ state: "error", error });
  expect([...document.querySelectorAll("blockquote")].at(-1)?.textContent).toContain(
    "# no **bold** [x](y) <b> - `tick`",
  );
  expect(document.querySelector("blockquote h1, blockquote a, blockquote code")).toBe(null);
});

test("a long table stays one table", () => {
  expect(seen({ outputs: [tableOutput(100, 5000)] }).querySelector("tbody")?.children).toHaveLength(
    100,
  );
});
