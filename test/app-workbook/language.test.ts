import { classHighlighter, highlightTree } from "@lezer/highlight";
import { expect, test } from "vitest";
import { languageOf } from "../../app/workbook/language.ts";
import type { CellMode } from "../../runtime/cell.ts";

/** The coloured parts of a source, each with its kind. */
function coloured(mode: CellMode, source: string): readonly string[] {
  const language = languageOf(mode)?.language;
  if (language === undefined) return [];
  const parts: string[] = [];
  highlightTree(language.parser.parse(source), classHighlighter, (from, to, classes) => {
    parts.push(`${classes.replaceAll("tok-", "")} ${source.slice(from, to)}`);
  });
  return parts;
}

test("TeX has its commands, numbers, comments and expressions coloured", () => {
  expect(coloured("tex", "\\frac{1}{${n}} % half\n\\\\ 2.5")).toEqual([
    "keyword \\frac",
    "punctuation {",
    "number 1",
    "punctuation }{",
    "string ${n}",
    "punctuation }",
    "comment % half",
    "keyword \\\\",
    "number 2.5",
  ]);
});

test("a graph has its words, attributes, texts and comments coloured", () => {
  const source = '/* a\nb */ digraph {\n  a -> "b c" [label = "x", weight=2] // d\n}';
  expect(coloured("dot", source)).toEqual([
    "comment /* a",
    "comment b */",
    "keyword digraph",
    "punctuation {",
    "punctuation ->",
    'string "b c"',
    "punctuation [",
    "propertyName label",
    "punctuation =",
    'string "x"',
    "punctuation ,",
    "propertyName weight",
    "punctuation =",
    "number 2",
    "punctuation ]",
    "comment // d",
    "punctuation }",
  ]);
});

test("languages that are not run are plain text, but for JavaScript's", () => {
  expect(languageOf("python")).toBeUndefined();
  expect(languageOf("r")).toBeUndefined();
  expect(coloured("node", "const a = 1")).toContain("keyword const");
});
