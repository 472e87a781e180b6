import * as Plot from "@observablehq/plot";
import { html } from "htl";
import { nodeCodec } from "../../../cells/results/node-codec.ts";
import { dotTag } from "../../../cells/dot.ts";
import { markdownTag } from "../../../cells/markdown.ts";
import { texTag } from "../../../cells/tex.ts";
import type { CellMode } from "../../../runtime/cell.ts";
import { decodeResult, encodeResult } from "../../../runtime/result-codec.ts";

// before any node is made
const codec = nodeCodec();

/** What the test calls in the page. */
export interface NodeCodecPage {
  /** what becomes of one of the nodes that are named here, once it is shown, kept and read again */
  keep(name: string): Promise<"equal" | "different" | "refused">;
}

const page: NodeCodecPage = {
  async keep(name) {
    const [mode, node] = (await nodes[name]?.()) ?? ["html", undefined];
    if (!(node instanceof Node)) throw new Error(`${name} is no node`);
    document.body.append(node);
    const result = { fingerprint: "f", files: {}, duration: 1, exports: {}, displays: [node] };
    const bytes = encodeResult(result, mode, [codec]);
    const back = bytes && decodeResult(bytes, [codec])?.displays[0];
    if (!(back instanceof Node)) return "refused";
    return back.isEqualNode(node) && back.ownerDocument === document ? "equal" : "different";
  },
};

const nodes: Readonly<Record<string, () => Promise<[CellMode, unknown]>>> = {
  markdown: async () => [
    "md",
    (await markdownTag(
      document,
    ))`# T\n\n| a | b |\n|---|:-:|\n| ${1} | \`x < y\` |\n\n\`\`\`\n\n code\n\`\`\`\n\n${html`<i>${1}${2}</i>`}`,
  ],
  formula: async () => [
    "tex",
    (await texTag(document)).block`\sqrt{x^2} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}`,
  ],
  graph: async () => [
    "dot",
    (await dotTag(
      document,
    ))`digraph { a -> b [label="l & m"]; a [URL="https://example.com/?a=1&b=2"] }`,
  ],
  html: async () => [
    "html",
    html`<div style=${{ color: "red", "--x": 1 }}>
      <p>${"a"}${"b"}</p>
      <svg viewBox="0 0 1 1"><text>t</text></svg>
    </div>`,
  ],
  plot: async () => ["html", html`<div>${Plot.barY([1, 2, 3]).plot({ caption: "c" })}</div>`],
  "plot with a tip": async () => [
    "html",
    Plot.plot({ marks: [Plot.dot([[1, 2]], { tip: true })] }),
  ],
  handler: async () => ["html", html`<p onclick=${() => undefined}>x</p>`],
  listener: async () => {
    const node = html`<p><b>x</b></p>`;
    node?.firstChild?.addEventListener("pointerdown", () => undefined);
    return ["html", node];
  },
  animation: async () => {
    const node = document.createElement("p");
    node.animate([{ opacity: 0 }, { opacity: 1 }], 1e6);
    return ["html", node];
  },
  "an animation of a style sheet": async () => {
    const node = html`<p style="animation: spin 1000s">x</p>`;
    const sheet = document.createElement("style");
    sheet.textContent = "@keyframes spin { to { rotate: 1turn } }";
    document.head.append(sheet);
    return ["html", node];
  },
};

Object.assign(globalThis, { nodeCodecPage: page });
