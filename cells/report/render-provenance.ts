import { formatMetric } from "../metric-table.ts";
import { inOrderOfInterest, metricName } from "../metric-name.ts";
import { cellAnchor } from "./headings.ts";
import { htmlText } from "./html-text.ts";
import { runTime } from "./render-cell.ts";
import { dateText } from "./render-head.ts";
import { noDigest } from "./report-file.ts";
import type { Provenance, Report } from "./report.ts";
import { stateWords } from "./state-words.ts";

/** Draws where a report's numbers come from; its last line holds the place of the file's digest. */
export function renderProvenance(report: Report): string {
  const { provenance } = report;
  return `<footer class="provenance" id="tb-provenance"><h2>Where this comes from</h2>
${facts(report)}
${overrides(provenance)}${runs(provenance)}${receipts(provenance)}${files(provenance)}${cells(report)}
<p class="seal">The workbook’s source and all data of this page are inside this file: open it in Tierbook to go on from here. <code>tierbook report verify</code> tells whether anything in it was changed, and whether this workspace’s ledger knows it.</p>
<p class="seal">Digest of this file: <code>${noDigest}</code></p></footer>`;
}

function facts({ at, path, cells, provenance }: Report): string {
  const cached = cells.filter((cell) => cell.cached).length;
  const pairs: readonly (readonly [string, string])[] = [
    ["Made", dateText(at)],
    ["Workbook", path],
    ["Tierbook", provenance.tierbook],
    ["Builtins", provenance.builtins],
    ["DuckDB", provenance.duckdb],
    ["From the result cache", `${cached} of ${cells.length} cells`],
    ["Head of the ledger", provenance.ledgerHead ?? "there was no ledger"],
  ];
  return `<dl>${pairs.map(([name, value]) => `<div><dt>${name}</dt><dd>${htmlText(value)}</dd></div>`).join("")}</dl>`;
}

function overrides({ overrides: all = [] }: Provenance): string {
  return table(
    "Overrides",
    ["what was let pass", "when", "reason"],
    all.map(({ at, what, reason }) => [htmlText(what), htmlText(dateText(at)), htmlText(reason)]),
  );
}

function runs({ runs: all }: Provenance): string {
  return table(
    "Runs",
    ["tier", "state", "engine", "device", "rows", "numbers", "plan", "run"],
    all.map((run) => [
      run.tier,
      htmlText(run.state),
      htmlText(run.engine),
      htmlText(run.device),
      run.rows.toLocaleString("en"),
      inOrderOfInterest(new Set(Object.keys(run.metrics).toSorted()))
        .map(
          (name) =>
            `<span>${htmlText(metricName(name))} ${formatMetric(name, run.metrics[name])}</span>`,
        )
        .join("<br>"),
      digest(run.plan),
      digest(run.key),
    ]),
  );
}

function receipts({ receipts: all }: Provenance): string {
  return table(
    "Receipts",
    ["stage", "verdict", "found", "vouched by", "when", "receipt"],
    all.map((receipt) => [
      htmlText(stageWords[receipt.stage]),
      `<span data-verdict="${receipt.verdict}">${receipt.verdict}</span>`,
      htmlText(receipt.summary),
      vouchers[receipt.vouchedBy],
      htmlText(dateText(receipt.at)),
      digest(receipt.id),
    ]),
  );
}

const stageWords = {
  schema: "schema",
  sample: "sample",
  plan: "plan",
  dryRun: "dry run",
  smallRun: "small run",
  fullRun: "full run",
};

const vouchers = { frame: "the workbook itself", shell: "Tierbook’s page", server: "the server" };

function files({ files: all }: Provenance): string {
  return table(
    "Files that were read",
    ["path", "SHA-256"],
    all.map((file) => [htmlText(file.path), digest(file.digest)]),
  );
}

function cells({ cells: all }: Report): string {
  return table(
    "Cells",
    ["cell", "defines", "state", "result", "took", "fingerprint"],
    all.map((cell) => [
      `<a href="#${cellAnchor(cell)}">${cell.id}</a>`,
      cell.defines.map((name) => `<code>${htmlText(name)}</code>`).join(" "),
      `<span data-state="${cell.state}">${stateWords(cell).word}</span>`,
      [cell.cached ? "cached" : "", cell.volatile ? "volatile" : ""].filter(Boolean).join(", "),
      cell.duration === undefined ? "" : runTime(cell.duration),
      digest(cell.fingerprint),
    ]),
  );
}

function digest(text: string): string {
  return text === "" ? "" : `<code class="digest">${htmlText(text)}</code>`;
}

/** A table whose cells are HTML; nothing where it has no rows. */
function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return "";
  const head = columns.map((name) => `<th scope="col">${name}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
  return `<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body.join("\n")}
</tbody></table></div>
`;
}
