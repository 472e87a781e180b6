import { afterAll, beforeAll, expect, test } from "vitest";
import { openModulePage, type ModulePage } from "../../harness/module-page.ts";
import type { NodeCodecPage } from "./node-codec-page.ts";

declare const nodeCodecPage: NodeCodecPage;

let module: ModulePage;
beforeAll(async () => {
  module = await openModulePage("test/cells/results/node-codec-page.ts");
});
afterAll(() => module.close());

test.each([
  ["markdown", "equal"],
  ["formula", "equal"],
  ["graph", "equal"],
  ["html", "equal"],
  ["an animation of a style sheet", "equal"],
  ["plot", "refused"],
  ["plot with a tip", "refused"],
  ["handler", "refused"],
  ["listener", "refused"],
  ["animation", "refused"],
] as const)(
  "in a browser, what a cell shows is kept if it is only markup: %s",
  async (name, became) => {
    expect(await module.page.evaluate((one) => nodeCodecPage.keep(one), name)).toBe(became);
  },
);
