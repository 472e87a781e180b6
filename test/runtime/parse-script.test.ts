import { parseJavaScript } from "@observablehq/notebook-kit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultGlobals, languageGlobals } from "../../runtime/globals.ts";
import { parseScript } from "../../runtime/parse-script.ts";

/** All that a parse gives, or the error that it throws. */
function outcome(parse: () => unknown): unknown {
  try {
    return JSON.parse(
      JSON.stringify(parse(), (_, value: unknown) =>
        typeof value === "bigint" || value instanceof RegExp ? String(value) : value,
      ),
    );
  } catch (error) {
    return String(error);
  }
}

const ours = (source: string) => outcome(() => parseScript(source));

const theirs = (source: string) =>
  outcome(() => {
    const { body, references, declarations, expression, async: awaits } = parseJavaScript(source);
    const declares = declarations?.map(({ name }) => name) ?? [];
    return { body, isExpression: expression, references, declares, awaits };
  });

/** Sources between `¦`, each of a kind of its own in how names, scopes or beginnings are read. */
const sources =
  `¦ ¦// a¦/* a */ a // b¦a; b¦a\nb¦a, b¦(a)¦{a: b}¦{a}¦{}¦{ a; }¦;a¦[a, , ...b]¦'use strict'; a
  ¦const a = b¦let a = b¦var a = a¦let¦l\\u0065t a = 1¦const {a, b: [c, ...d], ...e} = f¦let a = 1; a = 2; b = 3
  ¦function f() {}¦function f() {} (a)¦function f() {}\n(a)¦function f() {}, a¦function f() {}\nconst a = f\n+1
  ¦function f() {} function g() { return f + h; }¦function () {}¦function* g() { yield a; }¦(function f() { f; })()
  ¦async function f() { await a; }¦async () => await a¦await a¦() => { await a }¦for await (const a of b) c
  ¦class A {}¦class A {} A¦class A {}\nlet b = A¦class {}¦class A extends B { [c] = d; static e() { super.e(f); } }
  ¦class A { static { let x = y; x; } }¦(class { static { let x = y; x; } })¦(class B { #p = B; })
  ¦x = 1¦x++¦[x] = y¦({x} = y)¦({...x} = y)¦({a: x = 1} = y)¦(x) => { x = 1; y = x; }¦for (x of y) ;¦for (let x of y) x++
  ¦for (var i = 0; i < n; i++) { const k = i; } i¦for (const k in o) k; k¦if (a) { var b = 1; let c; } b, c
  ¦try { a } catch (e) { e } e¦try { a } catch ({b = c}) { b }¦try { a } finally { b }¦switch (a) { case b: let c; default: c }
  ¦a: for (;;) { break a; }¦while (a) b¦do a; while (b)¦throw a¦return a¦debugger¦with (a) b¦if¦break¦continue¦case a
  ¦(a, {b, c: [d]}, ...e) => a + b + d + e + g¦(a = b, c = a) => c¦a => { var a; function b() {} b; }¦arguments¦() => arguments
  ¦function f() { arguments }¦const arguments = 1¦const Math = 1¦Math.max(Math)¦undefined¦window = 1¦Math++¦function Array() {}
  ¦import a from "b"¦import {a as b, default as c} from "d"; b + c¦import * as a from "b"; a = 1¦import "a"¦import("a" + b)¦import.meta.url
  ¦export const a = 1¦export default a¦export * from "a"¦export {a}
  ¦FileAttachment("a" + "b")¦FileAttachment(a)¦FileAttachment()¦(FileAttachment) => FileAttachment(a)¦Secret("a")¦DatabaseClient(a)¦F\\u0069leAttachment(a)¦FileAttachment
  ¦new.target¦function f() { new.target }¦super.a¦this¦yield¦await¦let a, a¦const a¦a +¦)¦\`a \${b + \`\${c}\`}\`¦a\`b\${c}\`¦a?.[b]?.c(d)¦/a(?<b>c)/v¦1n
  ¦a.b.c¦a[b].c = d¦a.b++¦delete a.b¦typeof a¦#p in a¦{get a() { return b }, set a(c) { d }, [e]: f, 'g': h, i() {}}¦a ? b : c¦a ?? b¦new A(b)
  ¦using a = b¦<!-- a¦#!a\nb¦eval("a")¦'if'¦"let" + a¦'function'¦'class'; a¦constructor¦__proto__¦toString()¦hasOwnProperty = 1`.split(
    "¦",
  );

describe("a script is parsed as notebook-kit parses it", () => {
  test.each(sources)("%j", (source) => {
    expect(ours(source)).toEqual(theirs(source));
  });

  test("whatever it is put together of", () => {
    const words = fc.constantFrom(
      ...sources,
      ..."a b c Math = == + ++ ( ) [ ] { } , ; => . ... ? : 1 'a' ` ${ } \n /**/ const let var function class async await for of in if import return".split(
        " ",
      ),
    );
    const source = fc.array(words, { maxLength: 7 }).map((parts) => parts.join(" "));
    fc.assert(
      fc.property(source, (text) => {
        expect(ours(text)).toEqual(theirs(text));
      }),
      { numRuns: 3000 },
    );
  });

  test("however its parts stand within each other", () => {
    const { source } = fc.letrec<{ source: string; name: string; pattern: string }>((tie) => ({
      name: fc.constantFrom("a", "b", "c", "d", "Math", "undefined"),
      pattern: fc.oneof(
        { depthSize: "small" },
        tie("name"),
        fc.tuple(tie("pattern"), tie("pattern")).map(([p, q]) => `{x: ${p}, y: ${q}}`),
        fc.tuple(tie("pattern"), tie("source")).map(([p, s]) => `[${p} = ${s}]`),
        tie("name").map((name) => `{...${name}}`),
      ),
      source: fc.oneof(
        { depthSize: "small" },
        tie("name"),
        ...[
          ["const ", "pattern", " = ", "source"],
          ["var ", "pattern", " = ", "source"],
          ["let ", "pattern", " = ", "source", "; ", "source"],
          ["(", "pattern", ") => ", "source"],
          ["function ", "name", "(", "pattern", ") { ", "source", " }"],
          ["function ", "name", "(", "pattern", ") { ", "source", " }\n", "source"],
          ["async (", "pattern", ") => { await ", "source", " }"],
          ["class ", "name", " extends ", "name", " { static { ", "source", " } }"],
          ["(class ", "name", " { m(", "pattern", ") { ", "source", " } })"],
          ["{ ", "source", "; ", "source", " }"],
          ["for (const ", "pattern", " of ", "source", ") { ", "source", " }"],
          ["for (var ", "name", " = 0;;) { ", "source", " }"],
          ["for (", "name", " in ", "source", ") { ", "source", " }"],
          ["try { ", "source", " } catch (", "pattern", ") { ", "source", " }"],
          ["switch (", "source", ") { case 1: ", "source", " }"],
          ["(", "pattern", " = ", "source", ")"],
          ["(", "name", " = ", "source", ")"],
          ["(", "name", "++)"],
          ["`${", "source", "}`"],
        ].map((parts) =>
          fc
            .tuple(
              ...parts.map((part) =>
                part === "source" || part === "name" || part === "pattern"
                  ? tie(part)
                  : fc.constant(part),
              ),
            )
            .map((texts) => texts.join("")),
        ),
      ),
    }));
    fc.assert(
      fc.property(source, (text) => {
        expect(ours(text)).toEqual(theirs(text));
      }),
      { numRuns: 3000 },
    );
  });
});

test("the language's own names are those that notebook-kit takes for it", () => {
  const names = new Set([
    ...languageGlobals,
    ...defaultGlobals,
    ...Object.getOwnPropertyNames(globalThis).filter((name) => /^[\w$]+$/.test(name)),
  ]);
  const own = [...names].filter((name) => parseJavaScript(name).references.length === 0);
  // `this` is a word that never is a name
  expect(new Set(own)).toEqual(new Set(languageGlobals));
});
