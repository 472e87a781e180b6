// @vitest-environment jsdom
import { expect, test } from "vitest";
import { CellOutput } from "../../app/workbook/cell-output.ts";

function output(): CellOutput {
  return new CellOutput((value) => document.createTextNode(String(value)));
}

function shown({ root }: CellOutput): readonly string[] {
  return Array.from(root.children, (slot) =>
    slot.classList.contains("old") ? `(${slot.textContent})` : slot.textContent,
  );
}

test("a rerun keeps what was shown until it shows something itself", () => {
  const cell = output();
  cell.show(0, "a");
  cell.show(1, "b");
  cell.begin();
  expect(shown(cell)).toEqual(["a", "b"]);
  cell.show(0, "c");
  expect(shown(cell)).toEqual(["c", "(b)"]);
  cell.settle();
  expect(shown(cell)).toEqual(["c"]);
});

test("a rerun that shows nothing leaves nothing when it ends", () => {
  const cell = output();
  cell.show(0, "a");
  cell.begin();
  cell.settle();
  expect(cell.isEmpty).toBe(true);
  expect(shown(cell)).toEqual([]);
});

test("a slot that is shown again is replaced where it stands", () => {
  const cell = output();
  cell.show(0, "a");
  cell.show(1, "b");
  const first = cell.root.firstElementChild;
  cell.show(0, "c");
  expect(shown(cell)).toEqual(["c", "b"]);
  expect(cell.root.firstElementChild).toBe(first);
});

test("slots stand in the order of their numbers, however late one is shown", () => {
  const cell = output();
  cell.show(2, "third");
  cell.show(0, "first");
  cell.show(1, "second");
  expect(shown(cell)).toEqual(["first", "second", "third"]);
});

test("a node that is brought up to date in its place is not taken out of the page", () => {
  const node = document.createElement("section");
  const cell = new CellOutput((_, before) => before?.node ?? node);
  cell.show(0, 1);
  const records = new MutationObserver(() => undefined);
  records.observe(cell.root, { childList: true, subtree: true });
  cell.show(0, 2);
  expect(records.takeRecords()).toEqual([]);
  expect(cell.root.firstElementChild?.firstChild).toBe(node);
});
