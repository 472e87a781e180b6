import * as v from "valibot";
import { htmlText } from "./html-text.ts";
import { renderCell } from "./render-cell.ts";
import { renderHead } from "./render-head.ts";
import { renderProvenance } from "./render-provenance.ts";
import {
  dataBlock,
  fileable,
  fileStart,
  noDigest,
  outputMark,
  withDigest,
  type Place,
} from "./report-file.ts";
import { reportSchema } from "./report-schema.ts";
import { reportStyle } from "./report-style.ts";
import type { Report } from "./report.ts";

/**
 * A report as one HTML file that needs no network and no script: what a person reads, and inside it
 * the data that it was made from, with the workbook's source and the digest of the whole. The same
 * report gives the same bytes everywhere. What the workbook wrote is in the body only, and comes
 * out as given: outputs must have been through {@link sanitizeOutput}.
 *
 * @throws {TypeError} for a report that no file could give back, such as one with a metric NaN
 */
export function renderReport(report: Report): string {
  const filed = fileable(checked(report));
  const page = renderPage(filed);
  const head = fileStart + metas + dataBlock(filed, page.places, noDigest);
  return withDigest(head + page.html);
}

/** Nothing is loaded and nothing runs, whatever the outputs hold. */
const metas = `<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
`;

function checked(report: Report): Report {
  const { success, output, issues } = v.safeParse(reportSchema, report);
  if (success) return output;
  const places = issues.map((issue) => `${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
  throw new TypeError(`This report cannot be written: ${places.join("; ")}`);
}

/** All that follows the data. */
function renderPage(report: Report): { html: string; places: readonly Place[] } {
  const places: Place[] = [];
  let html = `
<title>${htmlText(report.title)}</title>
<style>${reportStyle(report.cells.flatMap(({ outputs }) => outputs))}</style>
</head>
<body>
${renderHead(report)}
<main>
`;
  for (const cell of report.cells) {
    const { before, between, after } = renderCell(cell);
    html += before;
    for (const output of cell.outputs) {
      html += between[0];
      places.push([html.length, output.length, outputMark(output)]);
      html += output + between[1];
    }
    html += after;
  }
  html += `</main>
${renderProvenance(report)}
</body>
</html>
`;
  return { html, places };
}
