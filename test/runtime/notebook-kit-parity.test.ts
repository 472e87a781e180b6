import { toCell, transpile } from "@observablehq/notebook-kit";
import { describe, expect, onTestFinished, test } from "vitest";
import { builtins } from "../../cells/builtins.ts";
import type { Host } from "../../cells/host.ts";
import type { Cell, CellMode } from "../../runtime/cell.ts";
import { compileCell, isFaulty } from "../../runtime/compile.ts";
import type { CompiledCell } from "../../runtime/compiled-cell.ts";
import { importModule } from "../../runtime/import-module.ts";
import { stockNameHint } from "../../runtime/stock-names.ts";
import { installDom } from "../../server/headless/dom.ts";
import { modeCell } from "./open-workbook.ts";

// How notebook-kit reads the cells of a notebook, and how we do: the same, or a difference by name.

/** What a cell reads, defines and shows, as far as both say it. */
interface Reading {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly shows: boolean;
  readonly kind?: "view" | "mutable" | undefined;
}

type Attributes = Pick<Partial<Cell>, "hidden" | "output" | "database">;

function transpiled(mode: CellMode, value: string, attributes: Attributes = {}) {
  return transpile(toCell({ id: 1, mode, value, ...attributes }));
}

/** As notebook-kit reads a cell, or its fault. */
function theirs(mode: CellMode, source: string, attributes?: Attributes): Reading | string {
  try {
    const { inputs, outputs, output, autodisplay, autoview, automutable } = transpiled(
      mode,
      source,
      attributes,
    );
    return {
      inputs: inputs ?? [],
      outputs:
        output === undefined ? (outputs ?? []) : [output.replace(/^(viewof\$|mutable )/, "")],
      shows: autodisplay === true,
      kind: autoview ? "view" : automutable ? "mutable" : undefined,
    };
  } catch (error) {
    return String(error);
  }
}

async function compiled(
  mode: CellMode,
  source: string,
  attributes?: Attributes,
): Promise<CompiledCell> {
  const cell = await compileCell(modeCell(1, mode, source, attributes));
  if (isFaulty(cell)) throw new Error(cell.fault.message);
  return cell;
}

/** As we read a cell, or its fault, with its place as notebook-kit writes one. */
async function own(
  mode: CellMode,
  source: string,
  attributes?: Attributes,
): Promise<Reading | string> {
  const cell = await compileCell(modeCell(1, mode, source, attributes));
  if (isFaulty(cell)) {
    const { name, message, line = 0, column = 0 } = cell.fault;
    return `${name}: ${message} (${line}:${column - 1})`;
  }
  const { inputs, outputs, autodisplay: shows, kind } = cell;
  return { inputs, outputs, shows, kind: kind === "view" || kind === "mutable" ? kind : undefined };
}

describe("JavaScript is read as notebook-kit reads it", () => {
  test.each([
    // expressions show themselves
    "1 + 2",
    "a + b",
    "{a: 1}",
    "{a, b}",
    "({a})",
    "[]",
    "(foo)",
    "await x",
    "`${a}`",
    "html`<b>${x}`",
    "async () => {}",
    "typeof z",
    "undefined",
    "  a  ",
    "a\n",
    "a // comment",
    "this",
    // programs do not
    "foo;",
    "{}",
    "{a}",
    "",
    "// comment",
    "'use strict';",
    "label: 1",
    "for (const a of b) {}",
    "for await (const a of b) c(a);",
    "try {} catch (e) { e; }",
    // names that are declared at the top are outputs
    "const a = 1, b = c",
    "let x; var y = x;",
    "const {a, b: [c], ...d} = e",
    "const [a = f, ...rest] = g",
    "function f() { return g; }",
    "async function f() { await g(); }",
    "function* f() { yield g; }",
    "class A extends B { #p; static { q; } }",
    // and no others
    "if (x) { var y = 1; }",
    "const a = 1; { let b = a; }",
    "function f(a = b) { return arguments; }",
    "a.b = 1",
    "delete a.b",
    // what asks to be shown does not show itself
    "display(1)",
    "view(x)",
    "display(1); const a = view(x);",
    // names of the page
    "document",
    "structuredClone",
    "GPUBufferUsage",
    "observable.params",
    "console.log(1)",
    // files
    "FileAttachment('a.csv')",
    'const a = await FileAttachment("a.csv").csv()',
    // imports
    "import {a} from 'https://x/y.js'",
    "import * as d3 from 'npm:d3'",
    "import d3, {csv as c} from 'npm:d3'",
    "import 'npm:d3'",
    "import('npm:d3')",
  ])("%j", async (source) => {
    const reading = theirs("js", source);
    expect(reading).not.toBeTypeOf("string");
    expect(await own("js", source)).toEqual(reading);
  });
});

describe("JavaScript is refused where notebook-kit refuses it, in the same words and place", () => {
  test.each([
    "const a = ;",
    "a b",
    "1 +",
    "const a = 1;\n  const a = 2;",
    "return 1",
    "break",
    "super.x",
    "new.target",
    "yield",
    "a = 1",
    "a++",
    "({x} = y)",
    "export const a = 1",
    "const Array = 1",
    "FileAttachment(x)",
    "1;\nFileAttachment(`${x}.csv`)",
    "DatabaseClient(x)",
    "Secret(x)",
  ])("%j", async (source) => {
    const fault = theirs("js", source);
    expect(fault).toMatch(/^SyntaxError: .* \(\d+:\d+\)$/);
    expect(await own("js", source)).toBe(fault);
  });
});

describe("TypeScript is read as notebook-kit reads it", () => {
  test.each([
    "const a: number = b",
    "a as number",
    "a!",
    "a satisfies B",
    "interface X {}",
    "enum E { A }",
    "import type {x} from 'y'",
    "type T = 1; const a = 1 as T",
    "let a = <T>(x: T) => x",
    "f<number>(1)",
  ])("%j", async (source) => {
    expect(await own("ts", source)).toEqual(theirs("ts", source));
  });

  test("but a fault has its place too", async () => {
    expect(theirs("ts", "const a: = 1")).toBe("SyntaxError: Type expected.");
    expect(await own("ts", "const a: = 1")).toBe("SyntaxError: Type expected. (1:9)");
  });
});

describe("Observable JavaScript is read as notebook-kit reads it", () => {
  test.each([
    "1 + 2",
    "x = 1",
    "x = { return y; }",
    "x = { yield y; }",
    "x = await d",
    "{ return 1; }",
    "(a, b) => a",
    "function f() { return g }",
    "async function f() {}",
    "class X {}",
    "md`# hi`",
    "viewof x = html`<input>`",
    "viewof x = { return viewof y; }",
    "a + viewof b",
    "mutable x = 1",
    "mutable c",
    "++mutable c",
    "mutable c = 5",
    "FileAttachment('x.csv')",
    "x = import('d3')",
    "",
    "// comment",
    "x = ",
    "x = 1; y = 2",
  ])("%j", async (source) => {
    expect(await own("ojs", source)).toEqual(theirs("ojs", source));
  });

  test("but cells of notebooks on observablehq.com are refused, and say so", async () => {
    const source = "import {x} from '@a/b'";
    expect(theirs("ojs", source)).toMatchObject({ inputs: ["@variable"], outputs: ["x"] });
    expect(await own("ojs", source)).toMatch(/other notebooks are not imported/);
  });
});

describe("what bodies give is what notebook-kit's give", () => {
  const values = { a: 2, b: [3, 4], f: (x: number) => x * 10, element: { value: 1 } };

  test.each([
    ["js", "a + f(b[0])"],
    ["js", "{a: f(a)}"],
    ["js", "await Promise.resolve(a)"],
    ["js", "const [x, y] = b; function z() { return x + y + f(a); } const w = z();"],
    ["js", "const x = await f(a)"],
    ["js", "'a\\\nb' // comment"],
    ["ts", "const x: number = f(a) as number; enum E { A = 3 } const y = E.A;"],
    ["ojs", "x = { const y = f(a); return y + 1; }"],
    ["ojs", "Array.from(b, f)"],
    ["ojs", "x = await f(a)"],
    ["ojs", "viewof x = element"],
  ] as const)("%s %j", async (mode, source) => {
    const { body, inputs = [] } = transpiled(mode, source);
    // oxlint-disable-next-line no-implied-eval -- notebook-kit gives bodies as text
    const definition: unknown = new Function(`"use strict"; return (${body})`)();
    const given = (names: readonly string[]): unknown[] =>
      names.map((name) => Reflect.get(values, name));
    const expected: unknown = await Reflect.apply(
      definition as () => unknown,
      undefined,
      given(inputs),
    );
    const cell = await compiled(mode, source);
    const got = (await cell.run(...given(cell.inputs))) as Record<string, unknown>;
    const plain = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (_, each: unknown) => (typeof each === "function" ? "f" : each)),
      );
    expect(plain(got)).toEqual(plain(expected));
  });
});

const textModes = ["md", "html", "tex", "dot"] as const;

describe("texts are read as notebook-kit reads them", () => {
  test.each(
    textModes.flatMap((mode) =>
      ["", "a", "a ${b} c", "${b}${c + d}", "${`${b}`}", "${html`<b>${b}`}", "${a", "${}"].flatMap(
        (source) =>
          [{}, { output: "n" }, { hidden: true }].map((attributes) => ({
            mode,
            source,
            attributes,
          })),
      ),
    ),
  )("$mode $source $attributes", async ({ mode, source, attributes }) => {
    const reading = theirs(mode, source, attributes);
    const expected =
      typeof reading === "string"
        ? reading
        : { ...reading, inputs: reading.inputs.map((name) => (name === "htl" ? "html" : name)) };
    const got = await own(mode, source, attributes);
    const sorted = (each: Reading | string): unknown =>
      typeof each === "string" ? each : { ...each, inputs: [...new Set(each.inputs)] };
    expect(sorted(got)).toEqual(sorted(expected as Reading));
  });

  test.each(
    textModes.flatMap((mode) =>
      [
        "plain",
        "two\nlines",
        "back\\slash \\n \\u0041 \\x",
        "\\\\ two",
        "ends in \\",
        "ends in \\\\",
        "${1}${2} and ${'`'}",
        "$1 {2} $ {3}",
        "</script> <!-- -->",
        "é 😀 \u2028",
      ].map((source) => ({ mode, source })),
    ),
  )("$mode gives the tag the same text: $source", async ({ mode, source }) => {
    const seen: string[] = [];
    // Markdown's tag takes the text as it is cooked, the others as it stands
    const tag = (strings: TemplateStringsArray, ...values: unknown[]): void =>
      void seen.push(String.raw({ raw: mode === "md" ? strings : strings.raw }, ...values));
    const tags = {
      md: tag,
      dot: tag,
      html: tag,
      htl: { html: tag },
      tex: Object.assign(tag, { block: tag }),
    };
    const { body, inputs = [] } = transpiled(mode, source);
    // oxlint-disable-next-line no-implied-eval -- notebook-kit gives bodies as text
    const definition: unknown = new Function(`return (${body})`)();
    Reflect.apply(
      definition as () => unknown,
      undefined,
      inputs.map((name) => Reflect.get(tags, name)),
    );
    const cell = await compiled(mode, source);
    cell.run(...cell.inputs.map((name) => Reflect.get(tags, name)));
    expect(seen[1]).toBe(seen[0]);
  });

  test("but `html` cells read `html`, where notebook-kit's read `htl`", async () => {
    expect(theirs("html", "a")).toMatchObject({ inputs: ["htl"] });
    expect(await own("html", "a")).toMatchObject({ inputs: ["html"] });
  });

  test("but blank text shows nothing, where notebook-kit shows what its tag makes of it", async () => {
    expect(theirs("md", " \n")).toMatchObject({ inputs: ["md"], shows: true });
    expect(await own("md", " \n")).toMatchObject({ inputs: [], shows: false });
  });

  test.each(["html", "tex", "dot"] as const)(
    "but a backtick, and `${` that is text, come without the backslash that notebook-kit leaves: %s",
    async (mode) => {
      const seen: string[] = [];
      const tag = ({ raw }: TemplateStringsArray): void => void seen.push(raw.join(""));
      const tags = { dot: tag, html: tag, htl: { html: tag }, tex: { block: tag } };
      const { body, inputs = [] } = transpiled(mode, "\\${a} `b`");
      // oxlint-disable-next-line no-implied-eval -- notebook-kit gives bodies as text
      const definition: unknown = new Function(`return (${body})`)();
      Reflect.apply(
        definition as () => unknown,
        undefined,
        inputs.map((name) => Reflect.get(tags, name)),
      );
      const cell = await compiled(mode, "\\${a} `b`");
      cell.run(...cell.inputs.map((name) => Reflect.get(tags, name)));
      expect(seen).toEqual(["\\${a} \\`b\\`", "${a} `b`"]);
    },
  );
});

describe("SQL", () => {
  test("is asked of the workbook's own database, where notebook-kit's cells read `db`", async () => {
    expect(theirs("sql", "select ${a}", { hidden: true })).toMatchObject({ inputs: ["db", "a"] });
    expect(await own("sql", "select ${a}", { hidden: true })).toMatchObject({ inputs: ["a"] });
    expect(await own("sql", "select 1", { database: "var:db" })).toMatchObject({ inputs: [] });
  });

  test("of another database is refused, where notebook-kit reads what its server asked it", async () => {
    expect(theirs("sql", "select 1", { database: "other" })).toMatchObject({
      inputs: expect.arrayContaining(["DatabaseClient"]),
    });
    expect(await own("sql", "select 1", { database: "other" })).toMatch(
      /asks the database "other"/,
    );
  });

  test("names the rows by its output, where notebook-kit's names those that are selected in a table", async () => {
    expect(theirs("sql", "select 1", { output: "n" })).toMatchObject({ kind: "view", shows: true });
    expect(await own("sql", "select 1", { output: "n" })).toMatchObject({
      kind: undefined,
      shows: true,
    });
    expect(await own("sql", "select 1", { output: "n", hidden: true })).toMatchObject({
      ...(theirs("sql", "select 1", { output: "n", hidden: true }) as Reading),
      inputs: [],
    });
  });

  test("names other cells as tables, which notebook-kit's does not", async () => {
    const { references } = await compiled("sql", "select * from penguins");
    expect(references).toMatchObject([{ kind: "table", name: "penguins" }]);
    expect(theirs("sql", "select * from penguins")).toMatchObject({ inputs: ["db", "Inputs"] });
  });
});

describe("what needs the internet or another machine says so, where notebook-kit reaches for it:", () => {
  test("packages from a CDN", async () => {
    expect(transpiled("js", "import * as d3 from 'npm:d3'").body).toContain("cdn.jsdelivr.net");
    await expect(importModule("npm:d3")).rejects.toThrow(
      '"npm:d3" cannot be imported: a workbook must work without a network',
    );
  });

  test.each(["node", "python", "r"] as const)("an interpreter for %s", async (mode) => {
    expect(theirs(mode, "print(1)", { output: "n" })).toMatchObject({ inputs: ["Interpreter"] });
    expect(await own(mode, "print(1)", { output: "n" })).toMatch(/needs a machine with/);
  });

  test("the address of a module that a cell would be", async () => {
    expect(theirs("js", "import.meta")).not.toBeTypeOf("string");
    expect(await own("js", "import.meta")).toMatch(/no import.meta/);
  });
});

test("each name of notebook-kit's library is a builtin of ours, or an error says what to do instead", async () => {
  const dom = installDom();
  onTestFinished(() => dom.close());
  const { library } =
    await import("../../node_modules/@observablehq/notebook-kit/dist/src/runtime/stdlib/index.js");
  const names = Object.keys(library);
  expect(names.length).toBeGreaterThan(40);
  const unused = () => {
    throw new Error("no cell reads it");
  };
  const known = builtins({
    host: {} as Host,
    document,
    file: unused,
    width: unused,
  });
  const missing = names.filter((name) => !(name in known));
  expect(missing.filter((name) => stockNameHint(name) === undefined)).toEqual([]);
  expect(names.filter((name) => name in known && stockNameHint(name) !== undefined)).toEqual([]);
  expect(missing).not.toContain("Plot");
});
