import { expect, test } from "vitest";
import { previewOfLink, previewOfPublication } from "../../app/shell/preview.ts";
import { renderReport } from "../../cells/report/render-report.ts";
import type { Report } from "../../cells/report/report.ts";
import { NotebookError } from "../../runtime/notebook.ts";
import { reportCell, smallReport } from "../cells/report/made-up-report.ts";
import { SomePublication, type Contents } from "./guest/some-publication.ts";

const workbook = `<!doctype html>
<notebook>
  <title>Penguins</title>
  <script id="1" type="module">1</script>
  <script id="2" type="module">2</script>
</notebook>
`;

function reportOf(rest: Partial<Report> = {}): string {
  return renderReport(smallReport([reportCell(1)], { source: workbook, ...rest }));
}

async function factsOf(contents: Contents): Promise<readonly string[]> {
  const some = new SomePublication({ workbook, report: reportOf(), ...contents });
  const { facts } = await previewOfPublication(await some.open());
  return facts.map(({ tone, text }) => `${tone}: ${text}`);
}

const ran = (tier: "small" | "full", state: string): Partial<Report> => {
  const { provenance } = smallReport([]);
  const run = { key: "a", plan: "b", engine: "tfjs", device: "wasm", rows: 1, metrics: {} };
  return { provenance: { ...provenance, runs: [{ ...run, tier, state }] } };
};

test("a preview says who, when, what, and whether it is what the link names", async () => {
  const [who, is, size, data, ...rest] = await factsOf({ files: { "a.csv": "x" } });
  expect(who).toMatch(
    /^info: Published 1 January 2026 at .* by Ada; nobody has checked that name$/,
  );
  expect(is).toMatch(/^pass: What came is what the link names \([0-9a-f]{8}…\)$/);
  expect(size).toMatch(/^info: 2 cells, [\d.]+ kB$/);
  expect([data, rest]).toEqual(["info: Its data is here: a.csv", []]);
});

test("nobody is made up where nobody is named", async () => {
  const [who] = await factsOf({ fields: { by: null } });
  expect(who).toMatch(/ by somebody who gave no name$/);
});

test("a name stands on one line, in our order, and leaves room for what we say of it", async () => {
  const [who] = await factsOf({ fields: { by: "Ada\u202e\n\u2067kcehc" } });
  expect(who).toMatch(/ by Ada kcehc; nobody has checked that name$/);
  const [long] = await factsOf({ fields: { by: "😀".repeat(9_000) } });
  expect(long).toMatch(/ by (?:😀){200}…; nobody has checked that name$/u);
  const [, , , data] = await factsOf({ files: { "a\u202evsc.exe": "x" } });
  expect(data).toBe("info: Its data is here: a vsc.exe");
});

test("outputs of another source are said to be so, and so is what is no report", async () => {
  const foreign = renderReport(smallReport([reportCell(1)]));
  for (const report of [foreign, "<p>all is well</p>"])
    expect((await factsOf({ report }))[1]).toMatch(
      /^warn: The outputs below are not of the source/,
    );
});

test("the highest rung that succeeded is named, and no other", async () => {
  const rung = async (rest: Partial<Report>) =>
    (await factsOf({ report: reportOf(rest) }))[2]?.split(", ")[2];
  expect(await rung({})).toBeUndefined();
  expect(await rung(ran("small", "succeeded"))).toBe("reached the small run");
  expect(await rung(ran("full", "succeeded"))).toBe("reached the full run");
  expect(await rung(ran("full", "failed"))).toBeUndefined();
});

test("files that stayed at home are named, and of many only the first", async () => {
  const facts = await factsOf({ named: ["a.csv", "b.csv", "c.csv", "d.csv"] });
  expect(facts.at(-1)).toBe(
    "warn: Its author kept a.csv, b.csv, c.csv, 1 more: cells that read it cannot run anew",
  );
});

test("a link's preview names nobody and has no outputs", () => {
  const preview = previewOfLink({ text: workbook, name: "penguins.html" });
  expect(preview).toMatchObject({ title: "Penguins", name: "penguins.html", by: null });
  expect(preview.saved).toBeUndefined();
  expect(preview.facts.map(({ text }) => text)).toContain(
    "It holds the source alone: 2 cells, 149 B; no outputs, no data",
  );
  expect(() => previewOfLink({ text: "hello", name: "hello.html" })).toThrow(NotebookError);
});
