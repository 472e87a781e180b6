import { expect, test } from "vitest";
import { Definitions } from "../../app/workbook/definitions.ts";
import type { Cell } from "../../runtime/cell.ts";

function cell(id: number, source: string): Cell {
  return { id, mode: "js", source, pinned: true, hidden: false };
}

test("typing changes nothing that runs until the cell is run", () => {
  const definitions = new Definitions();
  definitions.graphCells([cell(1, "1"), cell(2, "2")]);
  const written = [cell(1, "10"), cell(2, "20")];
  expect(definitions.graphCells(written).map(({ source }) => source)).toEqual(["1", "2"]);
  expect(written.map((each) => definitions.isEdited(each))).toEqual([true, true]);
  definitions.run(cell(2, "20"));
  expect(definitions.graphCells(written).map(({ source }) => source)).toEqual(["1", "20"]);
  expect(written.map((each) => definitions.isEdited(each))).toEqual([true, false]);
});

test("cells follow the notebook's order, and a cell that comes back runs as it is written", () => {
  const definitions = new Definitions();
  definitions.graphCells([cell(1, "1"), cell(2, "2")]);
  definitions.graphCells([cell(2, "2")]);
  expect(definitions.graphCells([cell(2, "2"), cell(1, "new")])).toEqual([
    cell(2, "2"),
    cell(1, "new"),
  ]);
});

test("a new policy holds at once, and leaves what was typed since where it is", () => {
  const definitions = new Definitions();
  definitions.graphCells([cell(1, "1")]);
  const manual: Cell = { ...cell(1, "10"), policy: "manual" };
  expect(definitions.graphCells([manual])).toEqual([{ ...cell(1, "1"), policy: "manual" }]);
  expect(definitions.isEdited(manual)).toBe(true);
  expect(definitions.graphCells([cell(1, "10")])).toEqual([cell(1, "1")]);
});
