// What stock gives every cell and we do not: waits until the cell is in sight; without a page at once.
import { afterAll, beforeAll, expect, test } from "vitest";
import { installDom, type HeadlessDom } from "../../server/headless/dom.ts";
import { sides } from "./side-by-side.ts";

let dom: HeadlessDom;
beforeAll(() => void (dom = installDom()));
afterAll(() => dom.close());

test.each(sides)("in $name, `visibility` resolves when the cell is in sight", async ({ open }) => {
  expect(await open(["const a = await visibility(5);"]).value("a")).toBe(5);
});
