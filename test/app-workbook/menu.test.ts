// @vitest-environment jsdom
import { beforeAll, expect, test } from "vitest";
import { openMenu, type MenuItem } from "../../app/workbook/menu.ts";

beforeAll(() => {
  // jsdom has no popovers
  HTMLElement.prototype.showPopover = () => undefined;
});

function opened(items: readonly MenuItem[]): HTMLElement {
  const anchor = document.createElement("button");
  document.body.replaceChildren(anchor);
  openMenu(anchor, "Cell", items);
  const menu = document.querySelector<HTMLElement>("[role=menu]");
  if (menu === null) throw new Error("no menu is open");
  return menu;
}

const choose = (): void => undefined;

test("what is chosen among lines is a group of its own, which keys walk through like the rest", () => {
  const menu = opened([
    { label: "Run to here", choose },
    { label: "Automatically", group: "Run", checked: false, choose },
    { label: "When I say so", checked: true, choose },
    { label: "Move up", apart: true, choose },
  ]);
  const group = menu.querySelector("[role=group]");
  expect(group?.getAttribute("aria-label")).toBe("Run");
  const radios = Array.from(group?.querySelectorAll("[role^=menuitem]") ?? []);
  expect(radios.map((radio) => [radio.textContent, radio.getAttribute("aria-checked")])).toEqual([
    ["Automatically", "false"],
    ["When I say so", "true"],
  ]);
  const walked: (string | null | undefined)[] = [];
  for (let step = 0; step < 4; step++) {
    walked.push(document.activeElement?.textContent);
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }),
    );
  }
  expect(walked).toEqual(["Run to here", "Automatically", "When I say so", "Move up"]);
});
