import { JSDOM } from "jsdom";
import * as Plot from "@observablehq/plot";
import type { Card } from "../../../cells/card.ts";
import { renderCard } from "../../../cells/render-card.ts";
import type { Report, ReportCell } from "../../../cells/report/report.ts";
import { sanitizeOutput } from "../../../cells/report/sanitize-output.ts";
import type { Receipt } from "../../../engines/receipt.ts";
import { sha256 } from "../../../runtime/sha256.ts";

const { document } = new JSDOM().window;

/** A cell as it is when nothing is special about it. */
export function reportCell(id: number, rest: Partial<ReportCell> = {}): ReportCell {
  return {
    id,
    mode: "js",
    source: `const x${id} = ${id};`,
    pinned: false,
    defines: [`x${id}`],
    state: "fresh",
    cached: false,
    volatile: false,
    fingerprint: sha256(`cell ${id}`),
    outputs: [],
    ...rest,
  };
}

/** A report with nothing in it but cells. */
export function smallReport(cells: readonly ReportCell[], rest: Partial<Report> = {}): Report {
  return {
    title: "Small",
    path: "small.html",
    at: "2026-11-21T11:41:05.000Z",
    source: "<!doctype html>\n<notebook>\n</notebook>\n",
    cells,
    provenance: {
      tierbook: "0.1.0",
      builtins: "1",
      duckdb: "1.5.6",
      files: [],
      receipts: [],
      runs: [],
      ledgerHead: null,
    },
    ...rest,
  };
}

/** A report with every state, kind of output and kind of provenance. */
export function fullReport(): Report {
  const cells = [...textCells(), ...resultCells(), ...stateCells()];
  const source = `<!doctype html>\n<notebook>\n${cells.map((cell) => cell.source).join("\n")}\n</notebook>\n`;
  return {
    title: "Late flights",
    path: "studies/late-flights.html",
    at: "2026-11-21T11:41:05.000Z",
    source,
    cells,
    provenance: {
      tierbook: "0.1.0",
      builtins: "1",
      duckdb: "1.5.6-r.1",
      files: [
        { path: "data/flights-3m.parquet", digest: sha256("flights") },
        { path: "data/airports.csv", digest: sha256("airports") },
      ],
      receipts: [
        receipt("schema", "pass", "frame", "All 6 columns are as declared"),
        receipt(
          "dryRun",
          "warn",
          "shell",
          "The plan works; 2 of 5 classes have fewer than 20 rows",
        ),
        receipt("smallRun", "pass", "shell", "PR-AUC 0.412, baseline 0.338"),
        receipt("fullRun", "fail", "server", "Lost after epoch 3: the worker was killed"),
      ],
      overrides: [
        {
          at: "2026-11-21T10:02:00.000Z",
          what: "dry run",
          reason: "The rare classes are merged downstream.",
        },
      ],
      runs: [
        {
          key: sha256("small run"),
          tier: "small",
          state: "completed",
          plan: sha256("plan"),
          engine: "tfjs",
          device: "wasm",
          rows: 200,
          metrics: { validation_pr_auc: 0.412, validation_log_loss: 0.51, seconds: 4.2 },
        },
        {
          key: sha256("full run"),
          tier: "full",
          state: "failed",
          plan: sha256("plan, scaled"),
          engine: "torch",
          device: "cuda: NVIDIA H200",
          rows: 3_000_000,
          metrics: {},
        },
      ],
      ledgerHead: sha256("ledger"),
    },
  };
}

function textCells(): ReportCell[] {
  const text = `<h1 id="late-flights">Late flights</h1>
<p><strong>Will a flight arrive at least 15 minutes late?</strong> An airline that knew the evening before could warn, rebook and staff. The answer is worth something only if it comes from what is known <em>then</em>: the schedule, and how earlier days went.</p>`;
  const data = `<h2 id="the-data">The data</h2>
<p>Flights within the United States, as <code>data/flights-3m.parquet</code> has them. See <a href="https://www.bts.gov/">the bureau</a>.</p>
<blockquote><p>The table that it trains on is never here.</p></blockquote>
<ul><li>200 rows in this page</li><li>3,000,000 on the runner</li></ul>
<h3 id="what-the-clock-gives-away">What the clock gives away</h3>
<p>The log loss is <span class="katex"><span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML"><mrow><mo>−</mo><munder><mo>∑</mo><mi>i</mi></munder><msub><mi>y</mi><mi>i</mi></msub><mi>log</mi><msub><mi>p</mi><mi>i</mi></msub></mrow></math></span></span>.</p>`;
  const results = `<h2 id="results">Results</h2><p>The model beats its baseline.</p>`;
  return [
    reportCell(1, { mode: "md", source: "# Late flights", defines: [], outputs: [text] }),
    reportCell(2, { mode: "md", source: "## The data", defines: [], outputs: [data] }),
    reportCell(3, {
      mode: "sql",
      source: "select date, delay, distance\nfrom 'data/flights-3m.parquet'",
      pinned: true,
      defines: ["recorded"],
      cached: true,
      duration: 1834,
      outputs: [tableOutput(12, 3_000_000)],
    }),
    reportCell(4, { mode: "md", source: "## Results", defines: [], outputs: [results] }),
  ];
}

function resultCells(): ReportCell[] {
  return [
    reportCell(5, { defines: ["lateByHour"], duration: 42, outputs: [chartOutput()] }),
    reportCell(6, { defines: ["trained"], duration: 4210, cached: true, outputs: [cardOutput()] }),
    reportCell(7, {
      defines: ["now"],
      source: "const now = new Date();",
      volatile: true,
      duration: 0.2,
      outputs: [
        `<div class="inspect"><span class="inspect-key">now</span>: <span class="inspect-number">2026-11-21T11:41:05.000Z</span></div>`,
      ],
    }),
  ];
}

function stateCells(): ReportCell[] {
  return [
    reportCell(8, {
      state: "stale",
      defines: ["split"],
      waitsFor: "It runs only when a person says so, and recorded has changed.",
      outputs: [`<div class="inspect"><span class="inspect-number">0.8</span></div>`],
    }),
    reportCell(9, {
      state: "error",
      source: "const rates = byHour.map(({late, flights}) =>\n  late / fligths);",
      defines: ["rates"],
      error: {
        name: "ReferenceError",
        message: "fligths is not defined",
        line: 2,
        column: 10,
        hint: "Did you mean flights?",
      },
    }),
    reportCell(10, { state: "blocked", defines: ["worst"], waitsFor: "rates failed in cell 9." }),
    reportCell(11, { state: "queued", waitsFor: "It waits for a person to start the full run." }),
    reportCell(12, { state: "running", duration: 61_000 }),
    reportCell(13, { state: "idle" }),
  ];
}

function receipt(
  stage: Receipt["stage"],
  verdict: Receipt["verdict"],
  vouchedBy: Receipt["vouchedBy"],
  summary: string,
): Receipt {
  return {
    kind: "tierbook.receipt",
    version: 1,
    id: sha256(stage),
    at: "2026-11-21T10:00:00.000Z",
    stage,
    verdict,
    vouchedBy,
    summary,
    checks: [],
    subject: {},
    metrics: {},
    environment: {},
  };
}

/** A table as the page draws one: the first rows, and the true count. */
export function tableOutput(rows: number, total: number): string {
  const columns = ["date", "delay", "distance"];
  const head = columns
    .map(
      (name, i) =>
        `<th class="${i === 0 ? "left" : "right"}" scope="col"><span class="column-name">${name}</span><span class="column-type">${i === 0 ? "timestamp" : "integer"}</span></th>`,
    )
    .join("");
  const body = Array.from(
    { length: rows },
    (_, i) =>
      `<tr><td class="left">2001-01-${String((i % 28) + 1).padStart(2, "0")} 06:${String((i * 7) % 60).padStart(2, "0")}</td><td class="right">${((i * 37) % 90) - 20}</td><td class="right">${200 + ((i * 211) % 2400)}</td></tr>`,
  );
  return sanitizeOutput(
    `<figure class="table-view"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table><figcaption>${total.toLocaleString("en")} rows, first ${rows} shown</figcaption></figure>`,
    document,
  );
}

/** A chart as Plot draws one. */
export function chartOutput(seed = 0): string {
  const chart = Plot.plot({
    document,
    height: 240,
    y: { grid: true, label: "share of late flights" },
    marks: [
      Plot.barY(
        Array.from({ length: 24 }, (_, hour) => ({ hour, late: 0.1 + ((hour + seed) % 7) / 30 })),
        { x: "hour", y: "late" },
      ),
      Plot.ruleY([0]),
    ],
  });
  return sanitizeOutput(chart.outerHTML, document);
}

function cardOutput(): string {
  const card: Card = {
    kind: "tierbook.card",
    stage: "smallRun",
    title: "Small run",
    status: "pass",
    summary: "200 rows in 4.2 s on wasm",
    parts: [
      {
        type: "facts",
        facts: [
          { label: "rows", value: "200" },
          { label: "epochs", value: "20" },
        ],
      },
      {
        type: "curve",
        title: "loss",
        x: "epoch",
        series: [
          { name: "training", points: Array.from({ length: 20 }, (_, i) => [i, 1 / (i + 1)]) },
          {
            name: "validation",
            points: Array.from({ length: 20 }, (_, i) => [i, 0.1 + 1 / (i + 1)]),
          },
        ],
      },
      {
        type: "table",
        columns: [
          { name: "metric", align: "left" },
          { name: "model", align: "right" },
          { name: "baseline", align: "right" },
        ],
        rows: [["PR-AUC", "0.4120", "0.3380"]],
      },
      {
        type: "confusion",
        labels: ["late", "punctual"],
        counts: [
          [12, 5],
          [3, 80],
        ],
      },
      {
        type: "checks",
        checks: [
          { name: "rows", verdict: "pass", message: "200 rows" },
          { name: "classes", verdict: "warn", message: "few late flights", hint: "take more rows" },
        ],
      },
    ],
    actions: [{ label: "Run in full", action: "ask", key: "x" }],
  };
  return sanitizeOutput(renderCard(document, card).outerHTML, document);
}
