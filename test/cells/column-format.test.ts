import { expect, test } from "vitest";
import { columnFormat } from "../../cells/column-format.ts";
import type { ColumnType } from "../../data/table.ts";

function column(type: ColumnType, sqlType = "X") {
  return { name: "c", type, sqlType };
}

test("numbers get the decimals that the sample needs, the same for every row", () => {
  const format = columnFormat(column("number"), [39.1, 40, 18.75, null]);
  expect([39.1, 40, 18.75].map((value) => format.text(value))).toEqual(["39.10", "40.00", "18.75"]);
  expect(format.align).toBe("right");
});

test("numbers without an end are cut to a readable length", () => {
  expect(columnFormat(column("number"), [1 / 3]).text(1 / 3)).toBe("0.333333");
  expect(columnFormat(column("number"), [1000 / 3]).text(1000 / 3)).toBe("333.3333");
});

test("very large and very small numbers keep their size", () => {
  const format = columnFormat(column("number"), [1e-9, 1e20, 0]);
  expect(format.text(1e-9)).toBe("1.000e-9");
  expect(format.text(1e20)).toBe("1.000e+20");
  expect(format.text(0)).toBe("0");
});

test("integers are not grouped and bigints keep every digit", () => {
  const format = columnFormat(column("integer"), [2007]);
  expect(format.text(2007)).toBe("2007");
  expect(format.text(9007199254740993n)).toBe("9007199254740993");
});

test("dates show the day, timestamps the second, in UTC", () => {
  const day = new Date("2007-11-12T00:00:00Z");
  expect(columnFormat(column("date"), [day]).text(day)).toBe("2007-11-12");
  expect(columnFormat(column("timestamp"), [day]).text(day)).toBe("2007-11-12 00:00:00");
  const fine = new Date("2007-11-12T01:02:03.250Z");
  expect(columnFormat(column("timestamp"), [fine]).text(fine)).toBe("2007-11-12 01:02:03.250");
});

test("nested values show as JSON, also with bigints in them", () => {
  expect(columnFormat(column("other"), []).text({ a: [1n, "x"] })).toBe('{"a":["1","x"]}');
});

test("a column is at least as wide as its name and never wider than a line", () => {
  expect(columnFormat({ ...column("string"), name: "flipper_length" }, ["x"]).width).toBe(15);
  expect(columnFormat(column("string"), ["x".repeat(500)]).width).toBe(40);
});
