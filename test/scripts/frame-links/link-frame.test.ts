import { expect, test } from "vitest";
import { partNames } from "../../../app/site/frame-links.ts";
import { linkFrame } from "../../../scripts/frame-links/index.ts";

const html =
  '<script type="module" crossorigin src="./assets/frame.js"></script>' +
  '<link rel="modulepreload" crossorigin href="./assets/a.js">' +
  '<link rel="stylesheet" crossorigin href="./assets/frame.css">';

function links(files: Readonly<Record<string, string>>): ReturnType<typeof linkFrame> {
  return linkFrame({
    html,
    read: (name) => files[name] ?? "",
    size: (name) => files[name]?.length,
  });
}

test("the parts of the frame are all that its entry reaches, and nothing else", () => {
  const linked = links({
    "frame.js": 'import"./a.js";()=>import("./b.js")',
    "frame.css": "@font-face{src:url(./f.woff2)}",
    "a.js": 'new URL("duck.wasm",import.meta.url)',
    "b.js": 'import"./a.js"',
    "duck.wasm": "",
    "f.woff2": "",
    "shell.js": "",
  });
  expect(linked).toMatchObject({ entry: "frame.js", styles: ["frame.css"], files: ["duck.wasm"] });
  expect([...partNames(linked)].sort()).toEqual(
    ["a.js", "b.js", "duck.wasm", "f.woff2", "frame.css", "frame.js"].sort(),
  );
});

test("modules that import each other in a circle fail the build, which names them", () => {
  const circle = { "frame.js": 'import"./a.js"', "a.js": 'import"./frame.js"', "frame.css": "" };
  expect(() => links(circle)).toThrow("frame.js → a.js → frame.js");
});

test("a circle through a lazy import is none", () => {
  const lazy = { "frame.js": 'import"./a.js"', "a.js": 'import("./frame.js")', "frame.css": "" };
  expect(Object.keys(links(lazy).modules)).toEqual(["frame.js", "a.js"]);
});

test.each([
  ["duck.wasm", { "frame.js": 'new URL("duck.wasm",import.meta.url)', "frame.css": "" }],
  ["a.js", { "frame.js": 'import("./a.js")', "frame.css": "" }],
  ["f.woff2", { "frame.js": "", "frame.css": "@font-face{src:url(./f.woff2)}" }],
])("%s, which was not built, fails the build", (name, files) => {
  expect(() => links(files)).toThrow(`${name}, which was not built`);
});

test("what is large is packed", () => {
  const large = { "frame.js": 'import"./a.js"', "a.js": " ".repeat(1_000_001), "frame.css": "" };
  expect(links(large).packed).toEqual(["a.js"]);
});
