import { expect, test } from "vitest";
import { inFrame } from "../../app/shell/saved-outputs.ts";
import { renderReport } from "../../cells/report/render-report.ts";
import { JSDOM } from "jsdom";
import { reportCell, smallReport } from "../cells/report/made-up-report.ts";

function documentOf(output: string, scheme?: "light" | "dark"): Document {
  const html = renderReport(smallReport([reportCell(1, { outputs: [output] })]));
  return new JSDOM(inFrame(html, scheme)).window.document;
}

test("the policy of saved outputs is the first thing in them", () => {
  for (const html of [renderReport(smallReport([])), "<p>no report</p>", ""]) {
    const { head } = new JSDOM(inFrame(html, undefined)).window.document;
    expect(head.firstElementChild?.getAttribute("content")).toMatch(/^default-src 'none'; /);
  }
});

test("only links within them lead somewhere, and a text is as it was", () => {
  const document = documentOf(
    `<a href="#here">1</a><a class="x" href="#there">2</a><a href="https://a.example/">3</a><a HREF='/w/a'>4</a><a href = x>5</a><svg><use href="#id"/><image href="data:image/png;base64,"/><image xlink:href="https://a.example/"/></svg><p title="href=1">say href="2"</p><link rel="preconnect" href="https://a.example/">`,
  );
  const outputs = document.querySelector(".tb-output");
  const links = [...(outputs?.querySelectorAll("a, use, image, link") ?? [])];
  expect(links.map((link) => link.getAttribute("href") ?? link.getAttribute("xlink:href"))).toEqual(
    [
      "about:srcdoc#here",
      "about:srcdoc#there",
      null,
      null,
      null,
      "#id",
      "data:image/png;base64,",
      null,
      null,
    ],
  );
  const text = outputs?.querySelector("p");
  expect([text?.title, text?.textContent]).toEqual(["href=1", 'say href="2"']);
});

test.each(["<a ", '<a href="', "href ", "<a\n\t"])("a long text of %j takes no time", (piece) => {
  const start = performance.now();
  inFrame(piece.repeat(60_000), undefined);
  expect(performance.now() - start).toBeLessThan(1_000);
});

test("they have the page's colours only where the person chose some", () => {
  const last = (scheme?: "light" | "dark") =>
    [...documentOf("", scheme).querySelectorAll("style")].at(-1)?.textContent;
  expect(last("dark")).toBe(":root{color-scheme:dark}");
  expect(last()).not.toBe(":root{color-scheme:dark}");
});
