import { parse } from "acorn";
import * as fc from "fast-check";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import type { Cell } from "../../runtime/cell.ts";
import { compileCell, isFaulty } from "../../runtime/compile.ts";
import { printSyntax } from "../../runtime/syntax-print.ts";
import { isVolatile } from "../../runtime/volatile.ts";

async function digest(source: string, mode: Cell["mode"] = "js"): Promise<string> {
  const cell = await compileCell({ id: 1, mode, source, pinned: true, hidden: false });
  if (isFaulty(cell)) throw new Error(cell.fault.message);
  return cell.codeDigest;
}

const sources = [
  "const a = 1, b = [x, , 'y'];",
  "async function* f({a = 1, ...b}, [c]) { for await (const d of e) yield* d?.[a]?.b; }",
  "class A extends B { #p = 1; static { this.q = 2; } get r() { return super.r ?? this.#p; } }",
  "`a ${b} \\n` + /x(?<y>z)/giu.source + 10n + 0x1f + 1e3",
  "(x) => ({ x, 'y-z': (-x) ** 2, [x]: x ? y : z })",
  "label: for (;;) { if (a) continue label; else break label; }",
  "a, (b, c), a && (b || c), new (f())(), (await x).y",
];

describe("the digest of a cell's code", () => {
  // results are kept under these digests, so a change of them must be meant
  test.each([
    [
      "js",
      "const a = 1, b = [x, , 'y'];",
      "2face75e17262259e15f6c3df8cef9243d0eef9f48fb80cd191485677c72c0f6",
    ],
    [
      "js",
      "async function* f({a = 1, ...b}, [c]) { for await (const d of e) yield* d?.[a]?.b; }",
      "4c3b86d834c63285047c02bdb8fbd2a12eb001eb554614ab8d9199e6beec0b54",
    ],
    [
      "js",
      "class A extends B { #p = 1; static { this.q = 2; } get r() { return super.r ?? this.#p; } }",
      "9e0818c66f73b99c08493f8295e44d88223b573eda8fda532fe28c705752e16f",
    ],
    [
      "js",
      "`a ${b} \\n` + /x(?<y>z)/giu.source + 10n + 0x1f + 1e3",
      "fa42049abfa77247621a3cb237ddef8cecb64c7c1203b6969c1440eeb1b613c7",
    ],
    [
      "js",
      "FileAttachment('x' + 'y').csv()",
      "545ed6bbf728750f0819d08af280437ae9544998a801876bd566e7690e16c246",
    ],
    [
      "js",
      'import d, {a as x} from "p"; import("q");',
      "6e0eba410c5c588af526802849fe821fbf07036076232ec14861f66cfb431f77",
    ],
    [
      "ts",
      "const a: number = b!",
      "5fe8517432dbbda312e151a0f822fad9ec7a3a65b17e02d41558974cf9e89a21",
    ],
    [
      "ojs",
      "viewof x = Inputs.range(mutable y)",
      "2de53d6bb019c2d2b3b1cb647180ce9da526e109821e605c69d652668c0f58ab",
    ],
    [
      "sql",
      "select a from t where b = ${c + 1} -- d",
      "7f038faca9d56171b8647dcd0cbef32b16157f1f777a2ca409bea38791685933",
    ],
    ["md", "# a ${b}", "d5ad32631a2881b6c0d307bf2235e61dc71bec98aeb404fbd54309a2ebb4408c"],
    ["html", "", "95d53ad4efbcc898697e40693e04357cb6b8e54198270fc9d2b1b51227d23b7b"],
  ] as const)("of %s %j is what it always was", async (mode, source, expected) => {
    expect(await digest(source, mode)).toBe(expected);
  });

  test("does not count comments and formatting of JavaScript", async () => {
    for (const source of sources) {
      const first = await digest(source);
      const pretty = await format(source, { parser: "babel", singleQuote: true, tabWidth: 7 });
      // A formatter ends an expression with a semicolon, which makes it a statement.
      const again =
        source.endsWith(";") || source.endsWith("}") ? pretty : pretty.replace(/^;|;\n$/g, "");
      expect(await digest(`// a\n${again} /* b */`)).toBe(first);
    }
  });

  test("counts everything else: each token, each name, each shape", async () => {
    const variants = [
      ...sources,
      ..."a¦a;¦b¦a()¦new a¦a?.b¦a.b¦a[b]¦'a'¦`a`¦/a/¦/a/g¦1¦1n¦'1'¦-1¦!1¦(a, b)¦[a, b]¦[a, , b]¦{a}¦{a: b}¦{a: a}¦{'a': a}¦{[a]: a}¦a => a¦function () {}¦async () => 1¦() => 1¦let a¦var a¦const a = 1¦let a = 1¦a = a => a¦undefined¦null¦await a¦typeof a¦void a¦a + b¦b + a¦a - b¦a || b¦a ?? b¦'use strict'; a¦'a'; a".split(
        "¦",
      ),
    ].filter((source) => source !== "a = a => a");
    const digests = await Promise.all(variants.map((source) => digest(source)));
    const seen = new Map(digests.map((value, i) => [value, variants[i]]));
    expect([...seen.values()]).toEqual(variants);
  });

  test("two programs have one print only if they are one tree", () => {
    const words = fc.constantFrom(
      ..."a b + - ( ) [ ] { } , ; = => . ? : 1 '1' ` \n /**/ ++".split(" "),
    );
    const program = fc.array(words, { maxLength: 8 }).map((parts) => parts.join(" "));
    const options = { ecmaVersion: "latest", sourceType: "module" } as const;
    const plain = (value: unknown) =>
      JSON.stringify(value, (key, member: unknown) =>
        ["start", "end", "raw"].includes(key) ? undefined : member,
      );
    fc.assert(
      fc.property(program, program, (a, b) => {
        try {
          const [one, two] = [parse(a, options), parse(b, options)];
          expect(printSyntax(one) === printSyntax(two)).toBe(plain(one) === plain(two));
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("counts the tokens of SQL, its parameters, and the exact text of Markdown", async () => {
    expect(await digest("select a -- x\nfrom t where b = ${ c }", "sql")).toBe(
      await digest("select a from t\nwhere b=${c /* y */}", "sql"),
    );
    const different = [
      "select a",
      "select A",
      "select 'a'",
      "select ${a}",
      "select ${b}",
      "select ${a} -- ${b}",
    ];
    const digests = await Promise.all(different.map((source) => digest(source, "sql")));
    expect(new Set(digests).size).toBe(different.length - 1);
    expect(await digest("# a", "md")).not.toBe(await digest("#  a", "md"));
    expect(await digest("# a", "md")).not.toBe(await digest("# a", "html"));
    expect(await digest("const a: number = 1", "ts")).toBe(await digest("const a = 1", "ts"));
  });
});

describe("volatile code", () => {
  const volatile = (source: string) =>
    isVolatile(parse(source, { ecmaVersion: "latest", sourceType: "module" }));

  test.each([
    ..."Date.now()|new Date()|new Date|Date()|globalThis.Date.now()|Math.random()|Math['random']()".split(
      "|",
    ),
    ..."performance.now()|window.performance|fetch('x')|globalThis.fetch|crypto.randomUUID()".split(
      "|",
    ),
    ..."const {random} = Math|f(fetch)|({fetch})|d3.csv('x')|d3.randomNormal()|d3.shuffle(a)|now".split(
      "|",
    ),
    ..."import('x')|import a from 'x'|new WebSocket('x')|() => () => Math.random()".split("|"),
  ])("%s reads the clock, randomness or the network", (source) => {
    expect(volatile(source)).toBe(true);
  });

  test.each([
    ..."new Date(2020, 1)|new Date(x)|Date.UTC(2020)|Math.max(1)|a.fetch|({fetch: 1})|a.now()".split(
      "|",
    ),
    ..."(now) => now|const fetch = 1; fetch|d3.csvParse(x)|d3.scaleLinear()|a.random()".split("|"),
    ..."function f(crypto) { return crypto.x; }|class A { now() {} }|'Date.now()'|x // Math.random()".split(
      "|",
    ),
  ])("%s does not", (source) => {
    expect(volatile(source)).toBe(false);
  });
});
