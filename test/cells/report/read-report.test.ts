import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isReport, readReport } from "../../../cells/report/read-report.ts";
import { renderReport } from "../../../cells/report/render-report.ts";
import { verifyReport } from "../../../cells/report/verify-report.ts";
import { fullReport, reportCell, smallReport } from "./made-up-report.ts";

/** Whatever a string can hold, and what HTML and JSON give a meaning. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "</script>",
        "<script>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "</title>",
        "</style>",
        "</pre>",
        "\r\n",
        "\r",
        "\0",
        "\uD800",
        "\uDFFF",
        "\u2028",
        "\uFEFF",
        "&amp;",
        "${x}",
        "\\u003c",
        '"',
        "0".repeat(64),
        '<script type="application/json" id="tierbook-report" data-layout="1" data-digest="',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

/** An output, which comes out of the sanitiser without what UTF-8 cannot hold. */
const output = text.map((html) => html.replace(/[\uD800-\uDFFF]/gu, "\uFFFD"));

test("a report comes out of its file as it went in", () => {
  const report = fullReport();
  expect(readReport(renderReport(report))).toEqual(report);
});

test("whatever a string holds comes back: source, titles, messages, outputs", () => {
  const reports = fc.record({
    source: text,
    title: text,
    path: text,
    cellSource: text,
    message: text,
    outputs: fc.array(output, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(reports, ({ source, title, path, cellSource, message, outputs }) => {
      const error = { name: "Error", message, line: 1 };
      const cell = reportCell(1, { source: cellSource, state: "error", error, outputs });
      const report = smallReport([cell, reportCell(2, { outputs })], { source, title, path });
      const html = renderReport(report);
      expect(readReport(html)).toEqual(report);
      expect(verifyReport(html).faults).toEqual([]);
      // a file is UTF-8, with which nothing of it changes
      expect(
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(html)),
      ).toBe(html);
    }),
    { numRuns: 300 },
  );
});

test("what an output holds that no file can hold becomes U+FFFD", () => {
  const html = renderReport(smallReport([reportCell(1, { outputs: ["a\uD800b"] })]));
  expect(readReport(html)?.cells[0]?.outputs).toEqual(["a\uFFFDb"]);
  expect(verifyReport(html).ok).toBe(true);
});

test("a report that no file could give back is refused with the place", () => {
  const report = smallReport([reportCell(1, { duration: Number.NaN })]);
  expect(() => renderReport(report)).toThrow(/cells\.0\.duration/);
});

test("what is no report is none, even where it holds one", () => {
  const html = renderReport(smallReport([]));
  expect(isReport(html)).toBe(true);
  for (const other of ["", "<!doctype html>", `<p>x</p>${html}`, "{}", html.slice(0, 300)]) {
    expect(isReport(other)).toBe(false);
    expect(readReport(other)).toBe(undefined);
  }
});

test("damaged data gives no report", () => {
  const html = renderReport(fullReport());
  const at = html.indexOf('{"places"');
  for (const damaged of [
    html.slice(0, at) + html.slice(at + 1),
    html.replace('{"places":[[', '{"places":[[1,2,"x"],['),
    html.replace('"state":"stale"', '"state":"splendid"'),
    html.replace('"title":"Late', '"tilte":"Late'),
  ]) {
    expect(damaged).not.toBe(html);
    expect(readReport(damaged)).toBe(undefined);
    expect(verifyReport(damaged).ok).toBe(false);
  }
});
