import { afterAll, beforeAll, expect, test } from "vitest";
import { builtins } from "../../cells/builtins.ts";
import type { WorkspaceFile } from "../../cells/file-attachment.ts";
import { tableFromRows } from "../../data/index.ts";
import { Workbook } from "../../runtime/workbook.ts";
import type { Cell, CellError, CellMode } from "../../runtime/cell.ts";
import { installDom, type HeadlessDom } from "../../server/headless/dom.ts";
import { FakeHost, nativeClient } from "./fake-host.ts";

const client = nativeClient();
let dom: HeadlessDom;

beforeAll(() => void (dom = installDom()));

afterAll(async () => {
  dom.close();
  await client.close();
});

function fileOf(path: string): Promise<WorkspaceFile> {
  const text = "a\tb\n1\tx\n2\ty\n".replaceAll("\t", path.endsWith(".tsv") ? "\t" : ",");
  return Promise.resolve({
    url: `/b/${path}`,
    digest: "0".repeat(64),
    mediaType: "text/plain",
    bytes: () => Promise.resolve(new TextEncoder().encode(path.endsWith(".json") ? "[1]" : text)),
  });
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

interface Written {
  readonly mode?: CellMode;
  /** JavaScript cells that stand before */
  readonly before?: readonly string[];
}

/** The value of a JavaScript expression, or of a cell of another mode, with all builtins. */
async function valueOf(source: string, written: Written = {}): Promise<unknown> {
  const workbook = workbookOf(source, written);
  try {
    return await workbook.value("result");
  } finally {
    workbook.dispose();
  }
}

/** Why a cell fails. */
async function faultOf(source: string, written: Written): Promise<CellError | undefined> {
  const workbook = workbookOf(source, written);
  await workbook.settled();
  const error = workbook.status(99)?.error;
  workbook.dispose();
  return error;
}

function workbookOf(source: string, { mode = "js", before = [] }: Written): Workbook {
  const cell = (id: number, text: string, own: CellMode): Cell => ({
    id,
    mode: own,
    source: text,
    pinned: false,
    hidden: true,
    ...(own !== "js" && { output: "result" }),
  });
  const table = tableFromRows("birds", [
    { kind: "owl", mass: 2 },
    { kind: "hawk", mass: 3 },
  ]);
  return new Workbook(
    [
      ...before.map((text, i) => cell(i + 1, text, "js")),
      cell(99, mode === "js" ? `const result = ${source}` : source, mode),
    ],
    {
      builtins: {
        ...builtins({
          host: new FakeHost(client),
          document: dom.document,
          file: fileOf,
          width: () => 640,
          dark: () => false,
          now: () => 5,
        }),
        birds: () => table,
      },
    },
  );
}

function html(value: unknown): string {
  return value instanceof Element ? value.outerHTML : `not an element: ${String(value)}`;
}

test("Plot draws a SQL cell's table without a page, legends included", async () => {
  const plot = await valueOf(
    `Plot.plot({color: {legend: true}, marks: [Plot.dot(birds, {x: "mass", y: "mass", fill: "kind"})]})`,
  );
  expect(html(plot)).toContain("<svg");
  expect(html(plot).match(/<circle/g)?.length).toBe(2);
  expect(html(plot)).toContain("hawk");
  const ramp = await valueOf(`Plot.legend({color: {type: "linear", domain: [0, 10]}})`);
  expect(html(ramp)).toContain("<svg");
});

test("an input has its initial value, and a cell that views it has that", async () => {
  expect(await valueOf("view(Inputs.range([4, 64], {value: 16, step: 4}))")).toBe(16);
  expect(await valueOf(`view(Inputs.select(["a", "b"], {value: "b"}))`)).toBe("b");
  expect(await valueOf(`view(Inputs.checkbox(["a", "b"], {value: ["a"]}))`)).toEqual(["a"]);
  expect(await valueOf("view(Inputs.toggle({value: true}))")).toBe(true);
  expect(await valueOf(`view(Inputs.text({value: "hi"}))`)).toBe("hi");
});

test("an input that is set later takes the value", async () => {
  expect(await valueOf("((input) => (input.value = 9, input.value))(Inputs.range([0, 10]))")).toBe(
    9,
  );
});

test("Inputs.table shows the columns and rows of a SQL cell's table", async () => {
  const table = html(await valueOf("Inputs.table(birds)"));
  expect(table).toContain("kind");
  expect(table).toContain("mass");
  expect(await valueOf("rows.length", { before: ["const rows = view(Inputs.table(birds))"] })).toBe(
    2,
  );
});

test("html and svg make elements, with values in them", async () => {
  expect(html(await valueOf("html`<b>${1 + 1}</b>`"))).toBe("<b>2</b>");
  const circle = await valueOf("svg`<circle r=${3} />`");
  expect(html(circle)).toBe('<circle r="3"></circle>');
  expect(circle instanceof Element && circle.namespaceURI).toBe("http://www.w3.org/2000/svg");
});

test("a Markdown cell has its values in it, anchors on its headings, and nodes as they are", async () => {
  const text = "# Up the ladder!\n\nIt is **${name}** ${html`<i>and ${name}</i>`} | `x`";
  const made = html(await valueOf(text, { mode: "md", before: ['const name = "owl"'] }));
  expect(made).toContain('<h1 id="up-the-ladder">Up the ladder!</h1>');
  expect(made).toContain("<strong>owl</strong>");
  expect(made).toContain("<i>and owl</i>");
  expect(made).toContain("<code>x</code>");
});

test("nodes of a Markdown cell stand where they were written, also in lists and tables", async () => {
  const list = await valueOf("md`- ${[html`<b>1</b>`, html`<b>2</b>`]}\n- ${html`<u>3</u>`} end`");
  expect(html(list).replaceAll("\n", "")).toBe(
    "<div><ul><li><b>1</b><b>2</b></li><li><u>3</u> end</li></ul></div>",
  );
});

test("tex draws formulas for the eye and for the ear, within a line and by themselves", async () => {
  const inline = html(await valueOf("tex`\\frac{1}{${n}}`", { before: ["const n = 42"] }));
  expect(inline).toMatch(/^<span class="katex">/);
  expect(inline).toContain("<mfrac><mn>1</mn><mn>42</mn></mfrac>");
  expect(html(await valueOf("tex.block`x`"))).toMatch(/^<span class="katex-display">/);
  expect(
    html(await valueOf("tex.options({displayMode: true, output: 'mathml'})`x`")),
  ).not.toContain("katex-html");
  const cell = html(await valueOf("\\sqrt{${n}}", { mode: "tex", before: ["const n = 7"] }));
  expect(cell).toContain("<msqrt><mn>7</mn></msqrt>");
  const text = "A ${tex`x^2`} B";
  expect(html(await valueOf(text, { mode: "md" }))).toContain("<msup><mi>x</mi><mn>2</mn></msup>");
});

test("dot draws a graph in the page's colours and type, and its own where it has some", async () => {
  const drawn = html(
    await valueOf(
      `digraph { a -> "\${name}"; b [style=filled]; c [color=red, fontname=Courier]; d [shape=point] }`,
      { mode: "dot", before: ['const name = "owl"'] },
    ),
  );
  expect(drawn).toMatch(/^<svg [^>]*max-width: 100%/);
  expect(drawn).toContain(">owl</text>");
  expect(drawn).toContain('stroke="currentColor"');
  expect(drawn).toContain('stroke="red"');
  expect(drawn).toContain('font-family="Courier');
  expect(drawn).toContain('font-size="10.34"');
  expect(drawn).not.toMatch(/#000001|Helvetica|Times|fill="white"/);
  // what is written on a filled node stays legible, and a point stays a point
  expect(
    drawn.match(/<ellipse fill="currentColor"[^>]*>/g)?.map((part) => /0\.1/.test(part)),
  ).toEqual([true, false]);
});

test("what is written on a colour of the graph's own stays black, also in a cluster", async () => {
  const drawn = await valueOf(
    `dot\`digraph {
      subgraph cluster_a { style=filled; fillcolor=gold; label=inside; own }
      filled [style=filled fillcolor=orange]; square [shape=box style="filled,rounded" fillcolor=pink]
      tinted [style=filled]; plain
    }\``,
  );
  if (!(drawn instanceof Element)) throw new Error("there is no drawing");
  const colours = Array.from(drawn.querySelectorAll("text"), (text) => [
    text.textContent,
    text.getAttribute("fill"),
  ]);
  expect(Object.fromEntries(colours)).toEqual({
    inside: "black",
    own: "black",
    filled: "black",
    square: "black",
    tinted: "currentColor",
    plain: "currentColor",
  });
});

test("mistakes in TeX and in Graphviz's language stand at their lines and columns", async () => {
  const at = (mode: CellMode, source: string): Promise<CellError | undefined> =>
    faultOf(source, { mode, before: ["const two = 'x\\ny'"] });
  expect(await at("tex", "a +\n  ${two} \\nonsense{1}")).toMatchObject({
    message: "TeX: Undefined control sequence: \\nonsense",
    line: 2,
    column: 10,
  });
  expect(await at("tex", "\\frac{1}{")).toMatchObject({ line: 1, column: 10 });
  expect(await at("dot", 'digraph {\n  "${two}" -> a;\n  b ]\n}')).toMatchObject({
    message: "Graphviz: syntax error near `]`",
    line: 3,
    column: 5,
  });
  expect(await at("dot", "digraph {\n  a -> b")).toMatchObject({ line: 2 });
});

test("FileAttachment reads the workspace's files", async () => {
  expect(plain(await valueOf(`await FileAttachment("a.csv").csv({typed: true})`))).toEqual([
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ]);
  expect(plain(await valueOf(`await FileAttachment("a.tsv").tsv()`))).toEqual([
    { a: "1", b: "x" },
    { a: "2", b: "y" },
  ]);
  expect(plain(await valueOf(`await FileAttachment("a.csv").csv({array: true})`))).toEqual([
    ["a", "b"],
    ["1", "x"],
    ["2", "y"],
  ]);
  expect(await valueOf(`await FileAttachment("a.json").json()`)).toEqual([1]);
  expect(await valueOf(`(await FileAttachment("a.csv").text()).length`)).toBe(12);
  expect(await valueOf(`(await FileAttachment("a.csv").arrayBuffer()).byteLength`)).toBe(12);
  expect(await valueOf(`await FileAttachment("a.csv").url()`)).toBe("/b/a.csv");
});

test("Mutable gives its value to other cells, and each new one", async () => {
  const counted = await valueOf("count + 1", { before: ["const count = Mutable(41)"] });
  expect(counted).toBe(42);
  const mutable = builtinsOf()["Mutable"]?.();
  if (typeof mutable !== "function") throw new Error("there is no Mutable");
  const count: { value: number } & AsyncIterator<number> = Reflect.apply(mutable, null, [1]);
  expect((await count.next()).value).toBe(1);
  const next = count.next();
  count.value += 1;
  expect([(await next).value, count.value]).toEqual([2, 2]);
});

test("Generators give what is observed, newest only or all of it, and can be left while they wait", async () => {
  const { Generators } = await import("../../cells/generators.ts");
  const send: ((value: number) => void)[] = [];
  let stopped = 0;
  const start = (change: (value: number) => void) => {
    send.push(change);
    return () => void stopped++;
  };
  const newest = Generators.observe(start);
  const all = Generators.queue(start);
  const firsts = [newest.next(), all.next()];
  for (const change of send) for (const value of [1, 2, 3]) change(value);
  expect((await Promise.all(firsts)).map(({ value }) => value)).toEqual([1, 1]);
  expect([(await newest.next()).value, (await all.next()).value]).toEqual([3, 2]);
  const waiting = newest.next();
  await newest.return();
  expect([(await waiting).done, stopped]).toEqual([true, 1]);
});

test("the stages and their helpers are there, and the place's own values", async () => {
  expect(
    await valueOf(
      `[typeof schema, typeof fullRun, embedding("origin", 8), dense(3), batchNorm(), layerNorm(), dropout(0.5), width, dark, now]`,
    ),
  ).toEqual([
    "function",
    "function",
    { type: "embedding", columns: ["origin"], units: 8 },
    { type: "dense", units: 3 },
    { type: "batchNorm" },
    { type: "layerNorm" },
    { type: "dropout", rate: 0.5 },
    640,
    false,
    5,
  ]);
});

test("libraries are loaded when a cell reads them, not before", () => {
  const all = builtinsOf();
  const lazy = ["Plot", "d3", "Inputs", "htl", "html", "svg", "md", "tex", "dot"];
  for (const name of lazy)
    expect(String(all[name]), name).toMatch(/import|inputs|markdownTag|texTag|dotTag/);
});

function builtinsOf(): Record<string, () => unknown> {
  return builtins({
    host: new FakeHost(client),
    document: dom.document,
    file: fileOf,
    width: () => 640,
  });
}
