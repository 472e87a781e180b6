// @vitest-environment jsdom
import { expect, test } from "vitest";
import { sourceCells } from "../../app/shell/source-cells.ts";

test("of a workbook with more cells than a page can lay out the first are shown", () => {
  const cells = "<script type=module>\n<b>1</b>\n</script>".repeat(2_003);
  const element = sourceCells(`<notebook>${cells}</notebook>`);
  expect(element.querySelectorAll("li").length).toBe(2_000);
  expect(element.textContent).toMatch(/And 3 more cells\.$/);
  // nothing of it is markup here
  expect(element.querySelector("b")).toBeNull();
});
