import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { renderReport } from "../../../cells/report/render-report.ts";
import { chartOutput, fullReport, reportCell, smallReport } from "./made-up-report.ts";

const { document } = new JSDOM(renderReport(fullReport())).window;

function cell(id: number): Element {
  const found = document.getElementById(`tb-cell-${id}`);
  if (found === null) throw new Error(`the report shows no cell ${id}`);
  return found;
}

test("a report is one file that asks for nothing and runs nothing", () => {
  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]");
  expect(policy?.getAttribute("content")).toMatch(
    /^default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:/,
  );
  expect(document.querySelectorAll("script:not([type='application/json'])")).toHaveLength(0);
  expect(document.querySelectorAll("link, iframe, object, embed, form, base")).toHaveLength(0);
  expect(document.querySelector("[src]:not([src^='data:'])")).toBe(null);
});

test("every cell that is not up to date says so above what it shows", () => {
  expect(cell(8).firstElementChild?.textContent).toContain(
    "Stale. It runs only when a person says so",
  );
  expect(cell(9).firstElementChild?.textContent).toContain(
    "ReferenceError: fligths is not definedline 2, column 10Did you mean flights?",
  );
  expect(cell(10).firstElementChild?.textContent).toContain("Blocked. rates failed in cell 9.");
  expect(cell(11).firstElementChild?.textContent).toContain("Waiting.");
  expect(cell(12).firstElementChild?.textContent).toContain("Running.");
  expect(cell(13).firstElementChild?.textContent).toContain("Not run.");
  expect(document.querySelector("[role=note]")?.textContent).toContain(
    "1 cell failed, 1 cell is blocked, 1 cell is stale",
  );
});

test("a report in which all is up to date has no such marks", () => {
  const html = renderReport(smallReport([reportCell(1), reportCell(2)]));
  const { window } = new JSDOM(html);
  expect(window.document.querySelectorAll(".notice, [role=note]")).toHaveLength(0);
});

test("a cached result and a volatile one say so", () => {
  expect(cell(3).querySelector("summary")?.textContent).toContain("from the result cache");
  expect(cell(7).querySelector("summary")?.textContent).toContain("volatile");
});

test("a pinned source and one that failed are open, with the failing line marked; others are folded", () => {
  const isOpen = (id: number): boolean =>
    cell(id).querySelector("details.code")?.hasAttribute("open") ?? false;
  expect([3, 5, 9].map(isOpen)).toEqual([true, false, true]);
  expect(cell(9).querySelector("mark")?.textContent).toBe("  late / fligths);");
});

test("the contents lead to the headings of the text", () => {
  const links = [...document.querySelectorAll("nav a")];
  expect(links.map(({ textContent }) => textContent)).toEqual([
    "Late flights",
    "The data",
    "What the clock gives away",
    "Results",
  ]);
  for (const link of links)
    expect(document.getElementById(link.getAttribute("href")?.slice(1) ?? "")?.textContent).toBe(
      link.textContent,
    );
});

test("a heading without an id, or with one that stands twice, is found by its cell", () => {
  const outputs = ["<h2 id='a'>One</h2>", "<h2 id='a'>Two</h2>", "<h2>Three</h2>"];
  const report = smallReport(
    outputs.map((html, i) => reportCell(i + 1, { mode: "md", outputs: [html] })),
  );
  const { window } = new JSDOM(renderReport(report));
  expect(
    [...window.document.querySelectorAll("nav a")].map((link) => link.getAttribute("href")),
  ).toEqual(["#a", "#tb-cell-2", "#tb-cell-3"]);
});

test("the provenance names cells, files, receipts with who vouched, runs, overrides and the ledger's head", () => {
  const { provenance, cells } = fullReport();
  const said = document.querySelector("footer")?.textContent ?? "";
  for (const text of [
    provenance.ledgerHead ?? "",
    ...provenance.files.flatMap(({ path, digest }) => [path, digest]),
    ...provenance.receipts.flatMap(({ id, summary }) => [id, summary]),
    ...provenance.runs.flatMap(({ key, plan, device }) => [key, plan, device]),
    ...cells.map(({ fingerprint }) => fingerprint),
    "the workbook itself",
    "Tierbook’s page",
    "The rare classes are merged downstream.",
    "2 of 13 cells",
  ])
    expect(said).toContain(text);
});

test("what a workbook says is text wherever it is no output", () => {
  const evil = `"><img src=x onerror=alert(1)></title></style></script>`;
  const cells = [
    reportCell(1, {
      state: "error",
      source: evil,
      defines: [evil],
      waitsFor: evil,
      fingerprint: evil,
      error: { name: evil, message: evil, hint: evil },
    }),
    reportCell(2, {
      mode: "md",
      outputs: [`<h1>&lt;img src=x&gt;</h1><h2 id="&quot;&gt;<img>">x</h2>`],
    }),
  ];
  const { window } = new JSDOM(
    renderReport(smallReport(cells, { title: evil, path: evil, at: evil, source: evil })),
  );
  expect(
    window.document.querySelectorAll("main img, head img, footer img, nav img, header img"),
  ).toHaveLength(0);
  expect(window.document.title).toBe(evil);
});

test("a file holds nothing that mail and editors turn into something else", () => {
  const odd = "a\r\nb\0c\uD800d";
  const error = { name: odd, message: odd, line: 2 };
  const cell = reportCell(1, { source: odd, state: "error", defines: [odd], error });
  const html = renderReport(smallReport([cell], { title: odd, path: odd, source: odd }));
  expect(html).not.toMatch(/[\r\0]|[\uD800-\uDFFF]/);
});

test("a report is at most 1.2 times its outputs, and 24 KiB", () => {
  const cells = Array.from({ length: 100 }, (_, i) =>
    reportCell(i + 1, { outputs: [chartOutput(i)] }),
  );
  const outputs = cells.reduce((sum, { outputs: [html = ""] }) => sum + html.length, 0);
  expect(renderReport(smallReport([])).length).toBeLessThan(24 * 1024);
  expect(renderReport(smallReport(cells)).length).toBeLessThan(1.2 * outputs + 24 * 1024);
});
