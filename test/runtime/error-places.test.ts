import { describe, expect, onTestFinished, test } from "vitest";
import type { Cell, CellMode, CellStatus } from "../../runtime/cell.ts";
import { cell, modeCell, open, until } from "./open-workbook.ts";

/** Marks in a source where its fault is; taken out before the source is run. */
const mark = "▶";

const tag = (strings: TemplateStringsArray, ...values: unknown[]): string =>
  String.raw({ raw: strings }, ...values);

/** Throws from a builtin, whose own place is nobody's business. */
function explode(): never {
  throw new RangeError("exploded");
}

const builtins = {
  md: () => tag,
  html: () => tag,
  dot: () => tag,
  tex: () => ({ block: tag }),
  explode: () => explode,
};

/** A cell's status once nothing runs, beside the place that its source marks. */
async function settled(
  mode: CellMode,
  marked: string,
  others: readonly Cell[] = [],
  /** a generator fails after it has settled */
  fails = false,
): Promise<{ readonly status: CellStatus; readonly place: { line: number; column: number } }> {
  const before = marked.slice(0, marked.indexOf(mark)).split("\n");
  const { workbook } = open([modeCell(1, mode, marked.replace(mark, "")), ...others], {
    builtins,
    runSql: () => Promise.resolve(1),
  });
  onTestFinished(() => workbook.dispose());
  await workbook.settled();
  if (fails) await until(() => workbook.status(1)?.state === "error");
  const status = workbook.status(1);
  if (status === undefined) throw new Error("there is no cell 1");
  return { status, place: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } };
}

const templates = ["md", "html", "tex", "dot", "sql"] as const;

type Case = readonly [mode: CellMode, source: string];

describe("what a cell throws stands at its line and column in the person's source:", () => {
  test.each<Case>([
    ["js", "null.▶x"],
    ["js", "\n\n  null.▶x;"],
    ["js", "const a = 1;\nfunction f() {\n  return a.b.▶c;\n}\nf();"],
    ["js", "const a = 1;\r\nthrow ▶new Error('x');"],
    ["js", "await null;\nnull.▶x;"],
    ["js", "const a = '😀'; null.▶x"],
    ["js", "// a comment\nconst {▶a} = null;"],
    ["js", "import {sep} from 'node:path';\nnull.▶x;"],
    ["js", "const a = (function* () {\n  yield 1;\n  null.▶x;\n})();"],
    ["js", "const a = (async () => {\n  await null;\n  null.▶x;\n})();"],
    ["js", "[1].map((x) =>\n  x.y.▶z);"],
    ["js", "▶explode()"],
    ["ts", "const a: number = 1;\ninterface X { y: string }\n(null as any).▶x;"],
    ["ts", "enum E { A = 1 }\nconst a = <T,>(x: T) => (x as any).y.▶z;\na(E.A);"],
    ["ts", "await null;\nconst b: string = (null as any).▶x;"],
    ["ojs", "x = null.▶y"],
    ["ojs", "x = {\n  const a = 1;\n  return a.b.▶c;\n}"],
    ["ojs", "x = {\n  await null;\n  null.▶y;\n}"],
    ["ojs", "x = {\n  yield 1;\n  null.▶y;\n}"],
    ["ojs", "viewof x = null.▶y"],
    ["ojs", "mutable x = null.▶y"],
    ...templates.flatMap((mode): Case[] => [
      [mode, "a\nb ${1} c ${null.▶x} d"],
      [mode, "a\n${[1].map((x) =>\n  x.y.▶z)}"],
      [mode, "`a` \\ ${▶explode()}"],
      [mode, "é 😀 ${await null.▶x}"],
    ]),
  ])("%s %j", async (mode, source) => {
    const { status, place } = await settled(mode, source, [], true);
    expect(status.error).toMatchObject(place);
    expect(status.state).toBe("error");
    expect(status.error?.cause).toBeInstanceOf(Error);
  });
});

describe("a name that nobody defines stands where it is first read, with the nearest that there is:", () => {
  const others = [cell(9, "const flights = 1;")];
  test.each<Case>([
    ["js", "const a = 1;\nconst b = a + ▶fligths;"],
    ["ts", "const a: number = 1;\nconst b: number = a + ▶fligths;"],
    ["ojs", "x = {\n  return 1 + ▶fligths;\n}"],
    ["ojs", "x = ▶fligths"],
    ["ojs", "viewof x = ▶fligths"],
    ...templates.map((mode): Case => [mode, "a\nb ${1 + ▶fligths}"]),
  ])("%s %j", async (mode, source) => {
    const { status, place } = await settled(mode, source, others);
    expect(status.error).toMatchObject({
      ...place,
      code: "undefined-name",
      message: "`fligths` is not defined",
    });
    expect(status.error?.hint).toMatch(/^Did you mean `flights?`\?$/);
  });
});

test("the nearest name is none of the cell's own, which it could not read", async () => {
  const own = "const flight = 1; const a = fligths;";
  const alone = await settled("js", `${mark}${own}`);
  expect(alone.status.error?.hint).toMatch(/^Define it in another cell/);
  const beside = await settled("js", `${mark}${own}`, [cell(9, "const flightss = 1;")]);
  expect(beside.status.error?.hint).toBe("Did you mean `flightss`?");
});

test("a name that Observable's notebooks have says what to do instead", async () => {
  const { status } = await settled("js", `${mark}topojson.feature`);
  expect(status.error).toMatchObject({
    code: "undefined-name",
    hint: "Observable loads the package `topojson` from the internet, and a workbook must work without",
  });
  const near = await settled("js", `${mark}penguins`, [cell(9, "const penguin = 1;")]);
  expect(near.status.error?.hint).toBe(
    "Did you mean `penguin`? Observable loads the data set `penguins` from the internet; put its file beside the workbook",
  );
});

describe("what cannot be read stands where reading stopped:", () => {
  test.each<Case>([
    ["js", "const a = ▶;"],
    ["js", "1;\n  a ▶b"],
    ["js", "const b = 1;\nconst ▶b = 2;"],
    ["js", "1;\n▶outside = 2;"],
    ["js", "▶FileAttachment(x)"],
    ["ts", "const a: ▶= 1;"],
    ["ts", "const a: number = ▶;"],
    ["ojs", "x = ▶"],
    ["ojs", "x = {\n  return 1 ▶2;\n}"],
    ...templates.map((mode): Case => [mode, "a\nb ${1 +▶}"]),
  ])("%s %j", async (mode, source) => {
    const { status, place } = await settled(mode, source);
    expect(status.error).toMatchObject({ ...place, code: "syntax", name: "SyntaxError" });
  });
});

describe("a failure is told through a chain of cells, each by the name that it misses:", () => {
  test.each<readonly [mode: CellMode, source: string]>([
    ["js", "const a = missing.x;"],
    ["js", "const a = ;"],
    ["js", "throw new Error('broken'); const a = 1;"],
    ["ojs", "a = null.x"],
    ["ts", "const a: number = (null as any).x;"],
  ])("%s %j", async (mode, source) => {
    const { workbook } = open([
      modeCell(1, mode, source),
      cell(2, "const b = a;"),
      cell(3, "const c = b;"),
    ]);
    onTestFinished(() => workbook.dispose());
    await workbook.settled();
    const [first, second, third] = [1, 2, 3].map((id) => workbook.status(id));
    expect(first?.state).toBe("error");
    expect(second?.error).toMatchObject({ code: "blocked", blockedBy: { id: 1, name: "a" } });
    expect(third?.error).toMatchObject({ code: "blocked", blockedBy: { id: 2, name: "b" } });
    const { message = "" } = first?.error ?? {};
    const told = message.charAt(0).toLowerCase() + message.slice(1);
    expect(second?.error?.message).toBe(`\`a\` failed: ${told}`);
    expect(third?.error?.message).toBe(`\`b\` failed: \`a\` failed: ${told}`);
    // the first failure itself, however far away
    expect(third?.error?.cause).toBe(first?.error?.cause ?? first?.error);
  });
});

describe("what concerns several cells names each of them, in each of them:", () => {
  test.each([
    { names: "two", sources: ["const a = 1;", "const a = 2;"], said: "in cells 1 and 2" },
    {
      names: "three",
      sources: ["const a = 1;", "const a = 2;", "import {a} from 'node:path'"],
      said: "in cells 1, 2 and 3",
    },
  ])("a name in $names", async ({ sources, said }) => {
    const { workbook } = open(sources.map((source, i) => cell(i + 1, source)));
    onTestFinished(() => workbook.dispose());
    await workbook.settled();
    for (const { error } of workbook.statuses())
      expect(error).toMatchObject({
        code: "duplicate-name",
        message: `\`a\` is defined more than once: ${said}`,
      });
  });

  test("a circle of one", async () => {
    const { workbook } = open([modeCell(1, "ojs", "b = b + 1")]);
    onTestFinished(() => workbook.dispose());
    await workbook.settled();
    expect(workbook.status(1)?.error).toMatchObject({
      code: "cycle",
      message: "`b` depends on itself",
    });
  });

  test("a circle of three", async () => {
    const sources = ["const a = c;", "const b = a;", "const c = b;", "const d = 1;"];
    const { workbook } = open(sources.map((source, i) => cell(i + 1, source)));
    onTestFinished(() => workbook.dispose());
    await workbook.settled();
    for (const id of [1, 2, 3])
      expect(workbook.status(id)?.error?.message).toBe(
        "Circular definition: `c` → `b` → `a` → `c`, in cells 1, 2 and 3",
      );
    expect(workbook.status(4)?.state).toBe("fresh");
  });
});
