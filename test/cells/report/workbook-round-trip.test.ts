import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readReport } from "../../../cells/report/read-report.ts";
import { renderReport } from "../../../cells/report/render-report.ts";
import { parseNotebook } from "../../../runtime/notebook.ts";
import { anyNotebookText } from "../../runtime/random-notebook.ts";
import { chartOutput, reportCell, smallReport, tableOutput } from "./made-up-report.ts";

const outputs = [[chartOutput()], [tableOutput(3, 10)], []];

/** The workbook in the bytes of a report's file that says of its cells what the page would. */
function throughReport(source: string): string | undefined {
  const { title, cells } = parseNotebook(source);
  const report = smallReport(
    cells.map(({ id, mode, source: code, pinned }, i) =>
      reportCell(id, { mode, source: code, pinned, outputs: outputs[i % outputs.length] ?? [] }),
    ),
    { title: title ?? "", source },
  );
  return readReport(Buffer.from(renderReport(report)).toString())?.source;
}

test.each(["flights.html", "penguins.html"])("%s comes out of its report as it was", (name) => {
  const file = readFileSync(new URL(`../../../workbooks/${name}`, import.meta.url));
  expect(Buffer.from(throughReport(file.toString()) ?? "").equals(file)).toBe(true);
});

test("1,000 generated workbooks come out of their reports byte for byte", () => {
  fc.assert(
    fc.property(anyNotebookText, (text) => {
      expect(throughReport(text)).toBe(text);
    }),
    { numRuns: 1000 },
  );
});
