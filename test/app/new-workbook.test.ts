import { expect, test } from "vitest";
import { pathFromName } from "../../app/shell/new-workbook.ts";

test("a name becomes the path of a workbook in the workspace", () => {
  expect(["flowers", " flowers.html ", "/deep/er/flowers"].map(pathFromName)).toEqual([
    "flowers.html",
    "flowers.html",
    "deep/er/flowers.html",
  ]);
});

test("a name that is none, or leaves the workspace, is refused", () => {
  for (const name of ["", "  ", "../flowers", "a//b", ".hidden", "a/.b/c"])
    expect(() => pathFromName(name)).toThrow(RangeError);
});
