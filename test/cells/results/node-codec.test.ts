// @vitest-environment jsdom
import { html, svg } from "htl";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeCodec } from "../../../cells/results/node-codec.ts";
import { dotTag } from "../../../cells/dot.ts";
import { markdownTag } from "../../../cells/markdown.ts";
import { texTag } from "../../../cells/tex.ts";
import type { CellMode } from "../../../runtime/cell.ts";
import { decodeResult, encodeResult } from "../../../runtime/result-codec.ts";

// before any node is made
const codec = nodeCodec();

function restored(mode: CellMode, ...displays: unknown[]): readonly unknown[] | undefined {
  const result = { fingerprint: "f", files: {}, duration: 1, exports: {}, displays };
  const bytes = encodeResult(result, mode, [codec]);
  return bytes && decodeResult(bytes, [codec])?.displays;
}

function backAgain(mode: CellMode, node: unknown): Node {
  const back = restored(mode, node)?.[0];
  if (!(back instanceof Node)) throw new Error("the node is not restored");
  return back;
}

function parsed(source: string): Element {
  const template = document.createElement("template");
  template.innerHTML = source;
  const { firstElementChild } = template.content;
  if (firstElementChild === null) throw new Error("there is no element");
  return document.adoptNode(firstElementChild);
}

const isKept = (node: unknown): boolean => restored("html", node) !== undefined;

describe("what a template cell shows comes back equal:", () => {
  test("a text in Markdown", async () => {
    const md = await markdownTag(document);
    const node = md`# Title & more

| a | b |
|---|---|
| 1 | \`x < y\` |

> *said* **${"twice"}** ${html`<i>${1} and ${2}</i>`}`;
    const back = backAgain("md", node);
    expect(back.isEqualNode(node)).toBe(true);
    expect(back).not.toBe(node);
    expect(back.ownerDocument).toBe(document);
  });

  test("a formula, with its MathML", async () => {
    const tex = await texTag(document);
    const node = tex.block`\sqrt{x^2} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}`;
    const back = backAgain("tex", node);
    expect(back.isEqualNode(node)).toBe(true);
    expect(back instanceof Element && back.querySelector("mi")?.namespaceURI).toMatch(/MathML$/);
  });

  test("a graph, with its links", async () => {
    const dot = await dotTag(document);
    const node = dot`digraph { a -> b [label="l & m"]; a [URL="https://example.com/?a=1&b=2"] }`;
    const back = backAgain("dot", node);
    expect(back.isEqualNode(node)).toBe(true);
    expect(back instanceof Element && back.namespaceURI).toMatch(/svg$/);
  });

  test("HTML, with texts that stand side by side", () => {
    const node = html`<p title='"&lt;'>${"a"}${"b"} c ${[1, 2, 3]}</p>`;
    const back = backAgain("html", node);
    expect(back.isEqualNode(node)).toBe(true);
    expect(back.childNodes).toHaveLength(node?.childNodes.length ?? 0);
  });

  test("whatever texts there are, and wherever they are parted", () => {
    const text = fc.string({ unit: "binary" }).map((data) => document.createTextNode(data));
    const span = fc.array(text).map((texts) => {
      const element = document.createElement("span");
      element.append(...texts);
      return element;
    });
    const root = fc.array(fc.oneof(text, span)).map((parts) => {
      const element = document.createElement("div");
      element.append(...parts);
      return element;
    });
    let kept = 0;
    fc.assert(
      fc.property(root, (node) => {
        const back = restored("html", node)?.[0];
        if (back === undefined) return;
        kept++;
        expect(back instanceof Node && back.isEqualNode(node)).toBe(true);
      }),
    );
    expect(kept).toBeGreaterThan(20);
  });

  test("a row of a table, and a text by itself", () => {
    for (const node of [parsed("<tr><td>1</td></tr>"), document.createTextNode("a < b")])
      expect(backAgain("html", node).isEqualNode(node)).toBe(true);
  });
});

describe("a node is not kept", () => {
  const withProperty = (name: PropertyKey, value: unknown): Element =>
    Object.assign(parsed("<p><b>x</b></p>"), { [name]: value });
  const listening = parsed("<p><b>x</b></p>");
  listening.querySelector("b")?.addEventListener("click", () => undefined);
  const shadowed = parsed("<div></div>");
  shadowed.attachShadow({ mode: "open" });
  const handled = parsed("<p><b>x</b></p>");
  Object.assign(handled.firstElementChild ?? {}, { onclick: () => undefined });
  const nested = document.createElement("p");
  nested.append(parsed("<p>within</p>"));

  test.each([
    ..."input select textarea button canvas video audio iframe object".split(" "),
    ..."script style link template dialog form output slot details my-element".split(" "),
  ])("with a %s in it", (name) => {
    const node = document.createElement("div");
    node.append(document.createElement(name));
    expect(isKept(node)).toBe(false);
  });

  test.each([
    ["with a handler in its markup", parsed('<p onclick="go()">x</p>')],
    ["with a handler that code gave it", handled],
    ["to which somebody listens", listening],
    ["with a member that code gave it", withProperty("value", 5)],
    ["with a member that a library gave it", withProperty("__data__", [1])],
    ["with a member named by a symbol", withProperty(Symbol("mine"), 5)],
    ["with a shadow root", shadowed],
    ["with the address of a blob", parsed('<img src="blob:null/1">')],
    ["with the address of a file lent to this frame", parsed('<img src="http://l/b/xyz">')],
    ["with the like in its style", parsed('<p style="background: url(/b/xyz)">x</p>')],
    ["with an animation", svg`<svg><animate attributeName="x"></animate></svg>`],
    ["with a script in a drawing", svg`<svg><script>1</script></svg>`],
    ["that parsing does not give", nested],
    ["that is a part of a drawing", svg`<g><path d="M0,0"></path></g>`],
    ["that is a fragment", document.createDocumentFragment()],
    ["that is the document", document],
  ])("%s", (_, node) => {
    expect(isKept(node)).toBe(false);
  });

  test.each(["js", "ts", "ojs", "sql"] as const)("where a %s cell gave it", (mode) => {
    expect(restored(mode, parsed("<p>x</p>"))).toBeUndefined();
    expect(restored("html", parsed("<p>x</p>"))).toBeDefined();
  });

  test("where a node within it also stands by itself", () => {
    const node = parsed("<p><b>x</b></p>");
    expect(restored("html", node, node.firstChild)).toBeUndefined();
    const [one, two] = restored("html", node, node) ?? [];
    expect(one).toBe(two);
  });
});

test("parts that are no markup are refused", () => {
  for (const json of [null, "<p>", {}, { html: 1, texts: [] }, { html: "<p>", texts: [["0"]] }])
    expect(() => codec.decode({ json, buffers: [] })).toThrow();
  for (const source of ["", "<p></p><p></p>"])
    expect(() => codec.decode({ json: { html: source, texts: [] }, buffers: [] })).toThrow();
});
