import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cell } from "../../runtime/cell.ts";
import { compileCell, isFaulty, type CompileOptions } from "../../runtime/compile.ts";
import type { CompiledCell, FaultyCell } from "../../runtime/compiled-cell.ts";
import { placeAt } from "../../runtime/place.ts";
import { TemplateText, type TemplateStrings } from "../../runtime/template-text.ts";

type Source = Partial<Cell> & { source: string };

const cellOf = (cell: Source): Cell => ({
  id: 1,
  mode: "js",
  pinned: true,
  hidden: false,
  ...cell,
});

async function compiled(cell: Source, options?: CompileOptions): Promise<CompiledCell> {
  const result = await compileCell(cellOf(cell), options);
  if (isFaulty(result)) throw new Error(`${result.fault.message}`);
  return result;
}

async function fault(cell: Source): Promise<FaultyCell["fault"]> {
  const result = await compileCell(cellOf(cell));
  if (!isFaulty(result)) throw new Error("The cell has no fault");
  return result.fault;
}

/** Runs a body and gives where it says that it threw. */
async function thrownPlace(cell: CompiledCell, ...inputs: unknown[]) {
  try {
    await cell.run(...inputs);
  } catch (error) {
    return cell.locate(error);
  }
  throw new Error("The body did not throw");
}

describe("JavaScript", () => {
  test("a program defines what it declares at the top and reads what it does not", async () => {
    const cell = await compiled({
      source: "const {a, b: [c]} = x;\nfunction f() { let d = y; }\nvar z = Math.max(c, w)",
    });
    expect(cell).toMatchObject({ kind: "exports", autodisplay: false });
    expect(cell.outputs).toEqual(["a", "c", "f", "z"]);
    expect(cell.inputs).toEqual(["x", "y", "w"]);
    expect(cell.run({ a: 1, b: [2] }, 0, 3)).toMatchObject({ a: 1, c: 2, z: 3 });
  });

  test.each([
    ["a + 1", "value", true],
    ["{a: 1}", "value", true],
    ["display(a)", "value", false],
    ["view(a)", "value", false],
    ["a;", "exports", false],
    ["function f() {}", "exports", false],
    ["", "exports", false],
  ])("%j is %s, displayed by itself: %s", async (source, kind, autodisplay) => {
    expect(await compiled({ source })).toMatchObject({ kind, autodisplay });
    expect((await compiled({ source, hidden: true })).autodisplay).toBe(false);
  });

  test("a body may await, and a comment at its end hides nothing", async () => {
    const cell = await compiled({ source: "await a // done" });
    expect(await cell.run(Promise.resolve(5))).toBe(5);
  });

  test("the body runs in strict mode, with what it is called on as `this`", async () => {
    const cell = await compiled({ source: "[this, (function () { return this; })()]" });
    expect(Reflect.apply(cell.run, "before", [])).toEqual(["before", undefined]);
  });

  test.each([
    ["const a = 1;\nconst = 2;", 2, 7],
    ["a +\n  * b", 2, 3],
    ["\n\n  const document = 1", 3, 9],
    ["b;\n x = 1", 2, 2],
    ["export const a = 1", 1, 1],
    ["1;\n  import.meta.url", 2, 3],
  ])("a syntax error in %j stands at line %i, column %i", async (source, line, column) => {
    expect(await fault({ source })).toMatchObject({
      name: "SyntaxError",
      code: "syntax",
      line,
      column,
      message: expect.not.stringMatching(/\(\d+:\d+\)/),
    });
  });

  test.each([
    ["const a = 1;\n\n  undefined.b", 3, 13],
    ["undefined.b", 1, 11],
    ["\n\n(\n  [1].map((i) => i.a.b))", 4, 22],
    ["await null;\n  throw new Error('x')", 2, 9],
  ])("an error that %j throws stands at line %i, column %i", async (source, line, column) => {
    expect(await thrownPlace(await compiled({ source }))).toEqual({ line, column });
  });

  test("an error thrown in another cell's function stands where this cell called it", async () => {
    const definer = await compiled({
      id: 2,
      source: "\n\nconst f = () => { throw new Error('x'); }",
    });
    const { f } = definer.run() as { f: unknown };
    const caller = await compiled({ id: 3, source: "1;\n  f()" });
    expect(await thrownPlace(caller, f)).toEqual({ line: 2, column: 3 });
  });

  test("a value that is no error, and an error from elsewhere, have no place", async () => {
    const cell = await compiled({ source: "f()" });
    expect(cell.locate("text")).toEqual({});
    expect(cell.locate(new Error("elsewhere"))).toEqual({});
  });

  test("each input has the place where it is first read", async () => {
    const cell = await compiled({ source: "const f = () => later;\n  [here, later, here]" });
    expect(cell.places).toMatchObject({
      later: { line: 1, column: 17 },
      here: { line: 2, column: 4 },
    });
  });
});

test("what the engine alone refuses is a syntax error of the first run", async () => {
  const cell = await compiled({ source: "arguments" });
  expect(() => cell.run(1)).toThrow(
    expect.objectContaining({ name: "SyntaxError", code: "syntax" }),
  );
});

test("cells of one source have one compilation, and each its own body, name and display", async () => {
  const source = "\n (() => { throw new Error('shared'); })()";
  const [a, b] = [
    await compiled({ id: 1, source }),
    await compiled({ id: 2, source, hidden: true, output: "b" }),
  ];
  expect([a.cell.id, b.cell.id]).toEqual([1, 2]);
  expect([a.outputs, b.outputs]).toEqual([[], ["b"]]);
  expect([a.autodisplay, b.autodisplay]).toEqual([true, false]);
  expect(a.codeDigest).toBe(b.codeDigest);
  const error = await Promise.resolve()
    .then(() => a.run())
    .catch((thrown: unknown) => thrown);
  expect(a.locate(error)).toEqual({ line: 2, column: 17 });
  expect(b.locate(error)).toEqual({});
  expect((await compiled({ mode: "ojs", source: "a" })).codeDigest).not.toBe(
    (await compiled({ source: "a" })).codeDigest,
  );
});

describe("imports", () => {
  const importModule = (specifier: string) => Promise.resolve({ default: specifier, a: 1, b: 2 });

  test("go through the function given, and define what they name", async () => {
    const cell = await compiled(
      {
        source: `import d, {a as x} from "p";\nimport * as ns from "q";\nimport "r"; const y = x + 1;`,
      },
      { importModule },
    );
    expect(cell.outputs).toEqual(["d", "x", "ns", "y"]);
    expect(cell.volatile).toBe(true);
    expect(await cell.run()).toEqual({ d: "p", x: 1, y: 2, ns: { default: "q", a: 1, b: 2 } });
  });

  test("dynamic ones too, and errors keep their places", async () => {
    const cell = await compiled({ source: `(await import("p")).a\n  .b.c` }, { importModule });
    expect(await thrownPlace(cell)).toEqual({ line: 2, column: 6 });
  });

  test("of packages are refused: they would come from a CDN", async () => {
    for (const source of [`import d3 from "npm:d3"`, `import("d3")`, `import {x} from "./x.js"`])
      await expect((await compiled({ source })).run()).rejects.toMatchObject({ code: "no-import" });
    const cell = await compiled({ source: `import {c} from "p"` }, { importModule });
    await expect(cell.run()).rejects.toThrow(/does not export c/);
    const data = await compiled({
      source: `import {x} from "data:text/javascript,export const x = 7"`,
    });
    expect(await data.run()).toEqual({ x: 7 });
  });
});

describe("templates", () => {
  const tag = (strings: { raw: readonly string[] }, ...values: unknown[]) => [strings.raw, values];

  test("text reaches the tag exactly as it was written", async () => {
    const source = "# `code` \\n \\\\ $ {x} $x\n\n${a + 1} \\${b} $\\{c} \\\\${d}\\";
    const cell = await compiled({ mode: "md", source });
    expect(cell).toMatchObject({ kind: "value", inputs: ["md", "a", "d"], autodisplay: true });
    expect(cell.run(tag, 1, 2)).toEqual([
      ["# `code` \\n \\\\ $ {x} $x\n\n", " ${b} ${c} \\\\", "\\"],
      [2, 2],
    ]);
  });

  test("any text without `${` reaches the tag unchanged", async () => {
    const text = fc.string({ unit: "binary" }).filter((s) => !/\$\\?\{/.test(s) && s.trim() !== "");
    await fc.assert(
      fc.asyncProperty(text, async (source) => {
        const cell = await compiled({ mode: "html", source });
        expect(cell.run(tag)).toEqual([[source], []]);
      }),
    );
  });

  test("errors in expressions stand at the lines and columns of the source", async () => {
    expect(await fault({ mode: "md", source: "a\n\n${b +}" })).toMatchObject({
      line: 3,
      column: 6,
    });
    const cell = await compiled({ mode: "html", source: "<p>\n  ${a} ${b.c.d} ${x\n// y\n}" });
    expect(await thrownPlace(cell, tag, 1, {}, 2)).toEqual({ line: 2, column: 14 });
    expect(cell.places).toMatchObject({
      a: { line: 2, column: 5 },
      b: { line: 2, column: 10 },
      x: { line: 2, column: 19 },
    });
  });

  test("one without text shows nothing; one with a name defines it", async () => {
    expect(await compiled({ mode: "md", source: " \n" })).toMatchObject({
      autodisplay: false,
      inputs: [],
    });
    expect((await compiled({ mode: "html", source: "<b>", output: "node" })).outputs).toEqual([
      "node",
    ]);
    expect((await compiled({ mode: "tex", source: "x^2" })).inputs).toEqual(["tex"]);
    expect((await compiled({ mode: "dot", source: "graph {}" })).inputs).toEqual(["dot"]);
  });

  test("a mistake in the text that a tag finds stands at its place in the source", async () => {
    const source = "a\\${x}\n  ${[1,\n2]} b !\n${3}";
    const cell = await compiled({ mode: "md", source });
    const md = (strings: TemplateStrings, ...values: unknown[]): never => {
      const whole = new TemplateText(strings, values);
      throw whole.errorAt(whole.text.indexOf("!"), "no");
    };
    expect(await thrownPlace(cell, md)).toEqual({ line: 3, column: 7 });
    const other = Object.assign(["a", "!"], { raw: ["a", "!"] });
    const nested = (): never => {
      throw new TemplateText(other, [1]).errorAt(2, "not of this template");
    };
    expect(await thrownPlace(cell, nested)).toEqual({ line: 1, column: 1 });
  });

  test("an escaped `${` before a mistake does not move it", async () => {
    const cell = await compiled({ mode: "tex", source: "\\${a} $\\{b} !" });
    const tex = {
      block: (strings: TemplateStrings): never => {
        const whole = new TemplateText(strings, []);
        expect(whole.text).toBe("${a} ${b} !");
        throw whole.errorAt(10, "no");
      },
    };
    expect(await thrownPlace(cell, tex)).toEqual({ line: 1, column: 13 });
  });
});

describe("SQL", () => {
  test("`${}` are parameters of their own, and comments are text", async () => {
    const source = "select * -- ${no}\nfrom t where a = ${x + 1}and b in (${y},'\\n')";
    const cell = await compiled({ mode: "sql", source, output: "r" });
    expect(cell).toMatchObject({ kind: "value", inputs: ["x", "y"], outputs: ["r"] });
    expect(cell.run(1, "'; drop")).toEqual({
      strings: ["select * -- ${no}\nfrom t where a = ", "and b in (", ",'\\n')"],
      params: [2, "'; drop"],
    });
    expect(cell.references).toEqual([{ name: "t", kind: "table", start: 23, end: 24 }]);
  });

  test("a `${}` inside quotes is refused where it stands", async () => {
    for (const source of ["select 1,\n '${x}'", "select\n  $$${x}$$", 'select\n  "${x}"'])
      expect(await fault({ mode: "sql", source })).toMatchObject({
        code: "interpolation",
        line: 2,
      });
  });

  test("errors in expressions stand at the lines and columns of the source", async () => {
    const cell = await compiled({ mode: "sql", source: "select 1,\n  ${a.b.c}" });
    expect(await thrownPlace(cell, {})).toEqual({ line: 2, column: 9 });
    expect(await fault({ mode: "sql", source: "select ${a b}" })).toMatchObject({
      line: 1,
      column: 12,
    });
  });

  test("another database than the workbook's own is refused; no SQL gives no statement", async () => {
    expect(await fault({ mode: "sql", source: "select 1", database: "pg" })).toMatchObject({
      code: "foreign-database",
    });
    const cell = await compiled({ mode: "sql", source: "-- later", database: "var:db" });
    expect(cell.run()).toBeUndefined();
  });
});

describe("TypeScript", () => {
  test("types go, and what is left is compiled as JavaScript", async () => {
    const cell = await compiled({
      mode: "ts",
      source: "interface P { a: number }\nenum E { X = 3 }\nconst p: P = {a: q as number + E.X};",
    });
    expect(cell).toMatchObject({ outputs: ["E", "p"], inputs: ["q"], kind: "exports" });
    expect(cell.run(4)).toMatchObject({ p: { a: 7 } });
    const expression = await compiled({ mode: "ts", source: "{a: x! as number} // y" });
    expect(expression).toMatchObject({ kind: "value", autodisplay: true, inputs: ["x"] });
    expect(expression.run(1)).toEqual({ a: 1 });
  });

  test("errors and inputs stand at the lines and columns of the source", async () => {
    const source =
      "type A = {\n  b: number;\n};\n\nconst a: A = null as any;\n\n  const c: number = a.b + q;";
    const cell = await compiled({ mode: "ts", source });
    expect(await thrownPlace(cell, 1)).toEqual({ line: 7, column: 23 });
    expect(cell.places["q"]).toEqual({ line: 7, column: 27 });
    expect(await fault({ mode: "ts", source: "const a: = 1" })).toMatchObject({
      line: 1,
      column: 10,
    });
    const expression = await compiled({ mode: "ts", source: "  (x as any)\n    .y.z" });
    expect(await thrownPlace(expression, {})).toEqual({ line: 2, column: 8 });
  });
});

describe("Observable JavaScript", () => {
  test("named cells, views and mutables define what they name", async () => {
    expect(await compiled({ mode: "ojs", source: "a = b + 1" })).toMatchObject({
      kind: "value",
      outputs: ["a"],
      inputs: ["b"],
    });
    const block = await compiled({ mode: "ojs", source: "a = {\n  return b.c.d;\n}" });
    expect(await thrownPlace(block, {})).toEqual({ line: 2, column: 14 });
    const view = await compiled({ mode: "ojs", source: "viewof x = Inputs.range()" });
    expect(view).toMatchObject({ kind: "view", outputs: ["x"], inputs: ["Inputs"] });
    const mutable = await compiled({ mode: "ojs", source: "mutable n = 1" });
    expect(mutable).toMatchObject({ kind: "mutable", outputs: ["n"] });
    expect(mutable.run()).toBe(1);
    const reader = await compiled({ mode: "ojs", source: "mutable n = viewof x.value" });
    expect(reader.inputs).toEqual(["viewof$x"]);
    const writer = await compiled({ mode: "ojs", source: "{ ++mutable n; }" });
    expect(writer.inputs).toEqual(["mutable$n"]);
    expect(await fault({ mode: "ojs", source: 'import {a} from "@b/c"' })).toMatchObject({
      code: "syntax",
    });
  });
});

test("cells of other languages are not run, and say which they need", async () => {
  const languages = { python: "Python", r: "R", node: "Node.js" } as const;
  for (const mode of ["python", "r", "node"] as const)
    expect(await fault({ mode, source: "1" })).toMatchObject({
      code: "not-run",
      message: `This cell needs a machine with ${languages[mode]} and is not run by Tierbook`,
    });
});

test("a cell with a fault still says what it would define, so that its readers wait for it", async () => {
  const outputs = async (cell: Source) => {
    const result = await compileCell(cellOf(cell));
    return isFaulty(result) ? result.outputs : undefined;
  };
  expect(await outputs({ source: "const a = 1,;\n  const no = 2;\nasync function f( {}" })).toEqual(
    ["a", "f"],
  );
  expect(await outputs({ mode: "sql", source: "select '${x}'", output: "t" })).toEqual(["t"]);
  expect(await outputs({ mode: "python", source: "const x = 1", output: "p" })).toEqual(["p"]);
});

test("places are those that an editor shows", () => {
  expect(placeAt("ab\r\ncd\ne", 0)).toEqual({ line: 1, column: 1 });
  expect(placeAt("ab\r\ncd\ne", 5)).toEqual({ line: 2, column: 2 });
  expect(placeAt("ab\r\ncd\ne", 7)).toEqual({ line: 3, column: 1 });
});
