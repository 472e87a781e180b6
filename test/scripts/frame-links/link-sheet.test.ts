import { expect, test } from "vitest";
import { editedText } from "../../../app/site/edited-text.ts";
import { linkSheet } from "../../../scripts/frame-links/index.ts";

const face = (file: string): string =>
  `@font-face{font-family:Some;src:url(./${file}.woff2)format("woff2"),url(./${file}.ttf)format("truetype");unicode-range:U+0-FF}`;

test("fonts are taken out of a sheet, each in its smallest form, and the rest stays", () => {
  const css = `a{b:c}${face("one-latin-wght-Xy")}d{background:url(data:image/png;base64,AA)}`;
  const { cuts, fonts } = linkSheet("x.css", css);
  expect(
    editedText(
      css,
      cuts.map(([start, end]) => [start, end, ""] as const),
    ),
  ).toBe("a{b:c}d{background:url(data:image/png;base64,AA)}");
  expect(fonts.map(({ before, file, after }) => `${before}${file}${after}`)).toEqual([
    '@font-face{font-family:Some;src:url(one-latin-wght-Xy.woff2)format("woff2");unicode-range:U+0-FF}',
  ]);
});

test("fonts of other writing systems are left out with their rules", () => {
  const css = face("one-cyrillic-ext-wght") + face("one-greek-wght") + face("one-latin-ext-wght");
  const { cuts, fonts } = linkSheet("x.css", css);
  expect(cuts).toHaveLength(3);
  expect(fonts.map(({ file }) => file)).toEqual(["one-latin-ext-wght.woff2"]);
});

test.each([
  ["a picture by address", "a{background:url(./a.png)}", "url(./a.png)"],
  ["another sheet", '@import "./b.css";', "@import"],
  ["a font without WOFF2", "@font-face{src:url(./a.ttf)}", "WOFF2"],
])("%s fails the build", (_, css, place) => {
  expect(() => linkSheet("x.css", css)).toThrow(place);
});
