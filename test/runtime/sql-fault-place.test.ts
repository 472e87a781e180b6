import { expect, test } from "vitest";
import { compileCell } from "../../runtime/compile.ts";

test("a fault that names a string of the SQL template is found in the cell's source", async () => {
  const source = "select *\nfrom range(${n}) t(i)\nwhere nope > ${n + 1}\n  and i";
  const cell = { id: 1, mode: "sql", source, pinned: true, hidden: false } as const;
  const compiled = await compileCell(cell);
  if ("fault" in compiled) throw new Error(compiled.fault.message);
  const at = (part: number, offset: number) =>
    compiled.locate(Object.assign(new Error("no"), { templatePlace: { part, offset } }));
  expect(at(0, 9)).toEqual({ line: 2, column: 1 });
  expect(at(1, ") t(i)\nwhere ".length)).toEqual({ line: 3, column: 7 });
  expect(at(2, "\n  and ".length)).toEqual({ line: 4, column: 7 });
});
