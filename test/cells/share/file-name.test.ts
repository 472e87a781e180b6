import * as fc from "fast-check";
import { expect, test } from "vitest";
import { workbookFileName } from "../../../cells/share/file-name.ts";

test.each([
  ["flights.html", "flights.html"],
  ["studies/late flights.htm", "late flights.html"],
  ["../../etc/passwd", "passwd.html"],
  ["C:\\work\\a.HTML", "a.html"],
  [".ssh", "ssh.html"],
  ["\u2026\uFF0E.hidden", "hidden.html"],
  ["gnp\u202E.lmth.html", "gnp.lmth.html"],
  ["a\0b\r\nc", "abc.html"],
  ['<b>"x"?*|', "bx.html"],
  ["Überblick 😀", "Überblick 😀.html"],
  ["", "workbook.html"],
  ["...", "workbook.html"],
  ["a. . .html", "a.html"],
])("%j is %j", (given, name) => {
  expect(workbookFileName(given)).toBe(name);
});

test("whatever a stranger calls it is the name of one file that is not hidden", () => {
  const given = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom(...'./\\ \u2024\u202E\uD800\0:"e\u0301😀', ".html"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(given, (text) => {
      const name = workbookFileName(text);
      expect(name).toMatch(/^[^/\\.\s\p{Cc}\p{Cf}][^/\\\p{Cc}\p{Cf}]*\.html$/u);
      expect(name.normalize("NFKC").startsWith(".")).toBe(false);
      expect(new TextEncoder().encode(name).length).toBeLessThan(256);
      expect(workbookFileName(name)).toBe(name);
    }),
    { numRuns: 2000 },
  );
});
