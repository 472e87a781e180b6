import { expect, test } from "vitest";
import { editedText } from "../../../app/site/edited-text.ts";
import { linkModule } from "../../../scripts/frame-links/index.ts";

/** The module with its places changed, its static imports as the loader writes them. */
function linked(code: string): string {
  const { imports, edits } = linkModule("here.js", code);
  const addresses = imports.map(([start, end, name]) => [start, end, `"blob:${name}"`] as const);
  return editedText(code, [...addresses, ...edits]);
}

const preloads = (...paths: readonly string[]): string =>
  `const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=${JSON.stringify(paths)})))=>i.map(i=>d[i]);`;

test("static imports of every form get addresses", () => {
  expect(
    linked(
      'import{a}from"./a.js";import"./b-Xy_1.js";export*from"./c.js";export{d}from\'./d.js\';',
    ),
  ).toBe(
    'import{a}from"blob:a.js";import"blob:b-Xy_1.js";export*from"blob:c.js";export{d}from"blob:d.js";',
  );
});

test("a lazy import is the loader's to do, but for one whose name is known only as it runs", () => {
  const code = "const a=()=>import(`./a.js`),b=(e)=>import(e);";
  expect(linked(code)).toBe(
    'const a=()=>globalThis.tierbookFrameParts.load("a.js"),b=(e)=>import(e);',
  );
  expect(linkModule("here.js", code).loads).toEqual(["a.js"]);
});

test("the module's own address is the one that the bundler thinks of", () => {
  const code = "var u=new URL(`duck.wasm`,import.meta.url).href,t='import.meta.url';";
  expect(linked(code)).toBe(
    "var u=new URL(`duck.wasm`,globalThis.tierbookFrameParts.url(\"here.js\")).href,t='import.meta.url';",
  );
  expect(linkModule("here.js", code).files).toEqual(["duck.wasm"]);
});

test("of what the bundler would preload, the style sheets remain", () => {
  const list = preloads("./a.js", "./a.css", "./b.js");
  const code = `${list}x(()=>import("./a.js"),__vite__mapDeps([0,1,2]),import.meta.url);`;
  const parts = "globalThis.tierbookFrameParts";
  expect(linked(code)).toBe(
    `${list}${parts}.withStyles(()=>${parts}.load("a.js"),["a.css"],${parts}.url("here.js"));`,
  );
  expect(linkModule("here.js", code).sheets).toEqual(["a.css"]);
});

test.each([
  ["a package", 'import"d3";', '"d3"'],
  ["another folder", 'import"../a.js";', '"../a.js"'],
  ["a preload of another form", `${preloads("./a.js")}x(__vite__mapDeps);`, "__vite__mapDeps"],
  ["a list of another form", "const __vite__mapDeps=1;", "__vite__mapDeps"],
])("%s is not understood, and the build says where", (_, code, place) => {
  expect(() => linkModule("here.js", code)).toThrow(place);
  expect(() => linkModule("here.js", code)).toThrow(/^here\.js has .*bundler's output has changed/);
});
