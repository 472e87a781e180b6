import * as fc from "fast-check";
import { expect, test } from "vitest";
import { renderReport } from "../../../cells/report/render-report.ts";
import { noDigest } from "../../../cells/report/report-file.ts";
import { verifyReport } from "../../../cells/report/verify-report.ts";
import { sha256 } from "../../../runtime/sha256.ts";
import { fullReport } from "./made-up-report.ts";

const html = renderReport(fullReport());
const { digest } = verifyReport(html);

/** A file with one thing changed where it stands last, which is where a person sees it. */
function edited(before: string, after: string, file = html): string {
  const at = file.lastIndexOf(before);
  expect(at).toBeGreaterThan(0);
  return file.slice(0, at) + after + file.slice(at + before.length);
}

/** A file with the digest that its bytes now have, as somebody who knows how would give it. */
function sealed(file: string): string {
  return file
    .replaceAll(digest, noDigest)
    .replaceAll(noDigest, sha256(file.replaceAll(digest, noDigest)));
}

test("a report as it was made has no faults, and says its digest and the ledger's head", () => {
  expect(verifyReport(html)).toEqual({
    ok: true,
    faults: [],
    compared: true,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    ledgerHead: fullReport().provenance.ledgerHead,
  });
  expect(digest).toBe(sha256(html.replaceAll(digest, noDigest)));
});

test.each([
  [
    "a number in a card",
    edited('0.4120</td><td class="tb-number">', '0.9120</td><td class="tb-number">'),
    /What cell 6 shows/,
  ],
  ["a row of a table", edited("2001-01-07 06:42", "2001-01-07"), /What cell 3 shows/],
  ["a sentence", edited("beats its baseline", "beats its baseline by far"), /What cell 4 shows/],
  [
    "a state",
    edited('data-state="stale"><p><strong>Stale.', 'data-state="fresh"><p><strong>Fresh.'),
    /In cell 8 .*fresh.*stale/,
  ],
  ["a source", edited("const now = new Date();</code>", "const now = 1;</code>"), /In cell 7 /],
  ["a verdict", edited(">fail</span>", ">pass</span>"), /table “Receipts”/],
  [
    "an override taken out",
    edited("The rare classes are merged downstream.", ""),
    /table “Overrides”/,
  ],
  ["a run's metric", edited("log loss 0.5100", "log loss 0.3100"), /table “Runs”/],
  [
    "a warning hidden by a style",
    edited("</style>\n</head>", ".warning{display:none}</style>\n</head>"),
    /file’s head/,
  ],
  ["the policy taken out", html.replace("default-src 'none'; ", ""), /file’s head/],
  ["something after the end", `${html}<p>x</p>`, /the provenance/],
  ["the title", html.replace("<title>Late", "<title>Punctual"), /file’s head/],
])("%s that was edited by hand is a fault that says where", (_, file, fault) => {
  for (const one of [file, sealed(file)]) {
    const check = verifyReport(one);
    expect(check.ok).toBe(false);
    expect(check.faults).toHaveLength(1);
    expect(check.faults[0]).toMatch(fault);
  }
});

test("edited data is a fault, with and without the page edited to match", () => {
  const data = html.replace('"tierbook":"0.1.0"', '"tierbook":"0.2.0"');
  expect(verifyReport(data).ok).toBe(false);
  const source = html.replace("<notebook>".replace("<", "\\u003c"), "\\u003cnotebook >");
  expect(source).not.toBe(html);
  expect(verifyReport(source).faults[0]).toMatch(/data inside the report was changed/);
});

test("a forger who makes data, page and digest anew gets another digest, which no ledger knows", () => {
  const report = fullReport();
  const forged = renderReport({ ...report, title: "Punctual flights" });
  const check = verifyReport(forged);
  expect(check.ok).toBe(true);
  expect(check.digest).not.toBe(digest);
});

test("of a report of another layout the outputs and the digest are checked", () => {
  const other = sealed(
    html.replace('data-layout="1"', 'data-layout="2"').replace(".about{", ".abour{"),
  );
  expect(verifyReport(other)).toMatchObject({ ok: true, compared: false });
  expect(verifyReport(edited("beats its", "beat its", other)).faults).toEqual([
    "What cell 4 shows was changed after the report was made.",
  ]);
});

test("of a report of another layout an edit beside the outputs is found by its digest", () => {
  const other = html.replace('data-layout="1"', 'data-layout="2"');
  expect(verifyReport(edited(">fail</span>", ">pass</span>", sealed(other))).faults).toEqual([
    expect.stringMatching(/^The report says that its digest is [0-9a-f]{64}, and it is /),
  ]);
});

test("what is no report is not verified", () => {
  expect(verifyReport("<p>x</p>")).toMatchObject({ ok: false, digest: "", ledgerHead: null });
});

test("no character can be changed anywhere without a fault", () => {
  fc.assert(
    fc.property(
      fc.nat(html.length - 1),
      fc.constantFrom("0", "x", "<", " ", ""),
      (at, character) => {
        fc.pre(html[at] !== character);
        const file = html.slice(0, at) + character + html.slice(at + 1);
        expect(verifyReport(file).ok).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});

test("the drawing is layout 1: with another drawing its number must change, once there are reports", () => {
  const report = fullReport();
  const cells = report.cells.map((cell) => ({
    ...cell,
    outputs: cell.outputs.map(() => "<p>x</p>"),
  }));
  expect(verifyReport(renderReport({ ...report, cells })).digest).toBe(
    "e6f913c3e1414c66246af83c92ab3264c871aed33a5a39d1b842fa7a231d9a20",
  );
});
