// @vitest-environment jsdom
import { expect, test } from "vitest";
import type { Card } from "../../../cells/card.ts";
import { staticOutput, type StaticTools } from "../../../cells/report/static-output.ts";
import { tableFromRows } from "../../../data/index.ts";

const noDatabase: StaticTools["client"] = {
  query: () => Promise.reject(new Error("there is no database")),
  release: () => Promise.resolve(),
};

function shown(value: unknown): Promise<string> {
  return staticOutput(value, { document, client: noDatabase });
}

function parsed(html: string): HTMLElement {
  const holder = document.createElement("div");
  holder.innerHTML = html;
  return holder;
}

test("SVG and HTML stand as they are", async () => {
  const html = '<figure class="a"><svg viewBox="0 0 1 1"><path d="M0,0"></path></svg> b</figure>';
  expect(await shown(parsed(html).firstChild)).toBe(html);
});

test("scripts, comments and what would load more are left out, and what is missed is said", async () => {
  const div = parsed("a<script>1</script><!-- c --><template>t</template><iframe></iframe>");
  const made = parsed(await shown(div));
  expect(made.querySelector("script, template, iframe")).toBeNull();
  expect(made.textContent).toBe("a(not in a report: an iframe)");
});

test("inputs are their present values, said once, and their buttons only text", async () => {
  const form = parsed(
    `<form class="f"><label>Units</label><input type="number" value="1"><input type="range">
     <select><option>x</option><option>y</option></select><input type="checkbox">
     <input type="password" value="p"><textarea></textarea><input type="hidden" value="h">
     <button onclick="alert()">Go</button></form>`,
  );
  const [number, , , checkbox] = form.querySelectorAll("input");
  if (number !== undefined) number.value = "24";
  if (checkbox !== undefined) form.querySelectorAll("input")[2]?.click();
  const select = form.querySelector("select");
  if (select !== null) select.value = "y";
  const area = form.querySelector("textarea");
  if (area !== null) area.value = "typed";
  const made = parsed(await shown(form.firstChild));
  expect(made.querySelector("form, input, select, textarea, button")).toBeNull();
  expect(Array.from(made.querySelectorAll("output"), (output) => output.textContent)).toEqual([
    "24",
    "y",
    "☑",
    "••••",
    "typed",
  ]);
  expect(made.textContent).toContain("Go");
});

test("a table has its first rows, and the true count", async () => {
  const rows = Array.from({ length: 1234 }, (_, i) => ({ n: i, name: i === 1 ? null : `<${i}>` }));
  const made = parsed(await shown(tableFromRows("many", rows)));
  expect(made.querySelectorAll("tbody tr")).toHaveLength(20);
  expect(made.querySelector("figcaption")?.textContent).toBe(
    "many: 1,234 rows × 2 columns; the first 20 rows",
  );
  expect(made.querySelector("tbody tr:nth-child(2)")?.textContent).toBe("1null");
  expect(made.querySelector("tbody tr:nth-child(3)")?.textContent).toBe("2<2>");
});

test("a short table is whole and says so by saying nothing", async () => {
  const made = parsed(await shown(tableFromRows("few", [{ n: 1 }])));
  expect(made.querySelector("figcaption")?.textContent).toBe("few: 1 row × 1 column");
});

test("a table's rows come from the database where they are not here", async () => {
  const near = tableFromRows("far", [{ n: 1 }]);
  const own = { isLocal: false, numRows: 5e6 };
  const table: unknown = Object.assign(Object.create(Object.getPrototypeOf(near)), near, own);
  const made = parsed(await shown(table));
  expect(made.textContent).toContain("5,000,000 rows × 1 column, kept in the database: Error");
});

test("a card is drawn with its texts and without its buttons", async () => {
  const card: Card = {
    kind: "tierbook.card",
    stage: "smallRun",
    title: "Small run",
    status: "waiting",
    summary: "40 epochs <b>on</b> 120 rows",
    parts: [{ type: "facts", facts: [{ label: "rows", value: "120" }] }],
    actions: [{ label: "Run small", action: "ask", key: "0".repeat(64) }],
  };
  const made = parsed(await shown(card));
  expect(made.querySelector("button, b")).toBeNull();
  expect(made.textContent).toContain("40 epochs <b>on</b> 120 rows");
  expect(made.textContent).not.toContain("Run small");
});

test("a value is inspected one level deep, with nothing to press", async () => {
  const made = parsed(await shown({ a: 1, deep: { b: [2] } }));
  expect(made.querySelector("button")).toBeNull();
  expect(made.querySelectorAll(".inspect-members > .inspect")).toHaveLength(2);
  expect(made.textContent).toContain("deep: {b: Array(1)}");
});

test("an error and a value that throws are said in words", async () => {
  expect(parsed(await shown(new TypeError("<no>"))).textContent).toBe("TypeError: <no>");
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("never");
      },
      getPrototypeOf: () => {
        throw new Error("never");
      },
    },
  );
  await expect(shown(hostile)).resolves.toContain("This value cannot be shown: never");
});

test("a canvas is a picture of its pixels; one that cannot be read says so", async () => {
  const canvas = document.createElement("canvas");
  canvas.toDataURL = () => "data:image/png;base64,AAAA";
  expect(await shown(canvas)).toContain('<img src="data:image/png;base64,AAAA"');
  canvas.toDataURL = () => {
    throw new DOMException("tainted", "SecurityError");
  };
  expect(await shown(canvas)).toContain("(not in a report: a picture)");
});

test("an image that cannot be fetched is its text", async () => {
  const made = parsed(await shown(parsed('<img src="http://127.0.0.1:1/x.png" alt="a map">')));
  expect(made.querySelector("img")).toBeNull();
  expect(made.textContent).toBe("(not in a report: a map)");
});
