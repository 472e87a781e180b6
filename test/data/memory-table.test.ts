import * as Plot from "@observablehq/plot";
import fc from "fast-check";
import { JSDOM } from "jsdom";
import { describe, expect, test } from "vitest";
import {
  lineageFrom,
  columnOf,
  RemoteTable,
  tableFromColumns,
  tableFromIPC,
  tableFromRows,
} from "../../data/index.ts";
import { digestKey, digestOf } from "../../runtime/digest.ts";

const digest = (table: { readonly [digestKey]: string }): string => table[digestKey];

describe("a table of rows", () => {
  const table = tableFromRows("t", [
    { a: 1, b: "x", when: new Date("2020-01-02T00:00:00Z") },
    { a: null, c: true },
    { b: "y", when: undefined },
  ]);

  test("has a column for every member, null where a row has none", () => {
    expect([...table]).toEqual([
      { a: 1, b: "x", when: new Date("2020-01-02T00:00:00Z"), c: null },
      { a: null, b: null, when: null, c: true },
      { a: null, b: "y", when: null, c: null },
    ]);
    expect(table.columns.map(({ type }) => type)).toEqual([
      "integer",
      "string",
      "timestamp",
      "boolean",
    ]);
    expect([table.numRows, table.at(2), table.at(3)]).toEqual([3, [...table][2], undefined]);
  });

  test("gives the same frozen rows each time", () => {
    expect([...table][0]).toBe([...table][0]);
    expect(Object.isFrozen(table.at(0))).toBe(true);
  });

  test("gives columns by name, and names them when there is none", () => {
    expect(table.column("b")).toEqual(["x", null, "y"]);
    expect(() => table.column("z")).toThrow("t has no column z; it has a, b, when, c");
  });

  test("names its content for the graph", () => {
    expect(digestOf(table)).toBe(digest(table));
  });

  test.each([
    ["no rows", [], "no-columns", "t has no rows, so its columns are unknown"],
    ["a row that is no object", [{ a: 1 }, 5], "not-rows", "row 1 of t is a number"],
    ["rows that are arrays", [[1, 2]], "not-rows", "row 0 of t is an array"],
    [
      "a column of mixed types",
      [{ a: 1 }, { a: null }, { a: "x" }],
      "mixed-types",
      "row 2 of t.a is a string where earlier rows are an integer",
    ],
    ["a function", [{ a: () => 1 }], "unsupported-value", "row 0 of t.a is a function"],
    ["an instance", [{ a: new Map() }], "unsupported-value", "row 0 of t.a is a Map"],
    ["an invalid date", [{ a: new Date(NaN) }], "mixed-types", "an invalid date"],
    ["an integer past 64 bits", [{ a: 2n ** 64n }], "unsupported-value", "more than 64 bits"],
  ])("is refused with %s", (_, rows, code, message) => {
    expect(() => tableFromRows("t", rows)).toThrow(expect.objectContaining({ code }));
    expect(() => tableFromRows("t", rows)).toThrow(message);
  });

  test("keeps a column named __proto__", () => {
    const row = JSON.parse('{"__proto__": 1, "a": 2}') as object;
    expect(Object.entries(tableFromRows("t", [row]).at(0) ?? {})).toEqual([
      ["__proto__", 1],
      ["a", 2],
    ]);
  });

  test("can be plotted by column name", () => {
    const { document } = new JSDOM("").window;
    const plot = Plot.dot(
      tableFromRows("t", [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ]),
      { x: "a", y: "b" },
    ).plot({ document });
    expect(plot.querySelectorAll("circle")).toHaveLength(2);
  });

  test("has columns that read as their names, as Inputs.table takes them", () => {
    const row = table.at(0) ?? {};
    expect(table.columns.map((column) => row[column as unknown as string])).toEqual(
      Object.values(row),
    );
    expect(structuredClone(table.columns[0])).toEqual({
      name: "a",
      type: "integer",
      sqlType: "BIGINT",
    });
  });
});

describe("a table of columns", () => {
  test("takes values of the types that it is told", () => {
    const table = tableFromColumns(
      "t",
      [
        { name: "x", sqlType: "DOUBLE" },
        { name: "d", sqlType: "DATE" },
      ],
      { x: new Float64Array([1.5, 2]), d: [new Date(0), null] },
    );
    expect([...table]).toEqual([
      { x: 1.5, d: new Date(0) },
      { x: 2, d: null },
    ]);
  });

  test("says where a value is of another type", () => {
    expect(() =>
      tableFromColumns("t", [{ name: "x", sqlType: "DOUBLE" }], { x: [1, "two"] }),
    ).toThrow('row 1 of t.x is "two", which is not of type DOUBLE');
  });

  test("says where columns differ in length", () => {
    const columns = [
      { name: "x", sqlType: "DOUBLE" },
      { name: "y", sqlType: "DOUBLE" },
    ];
    expect(() => tableFromColumns("t", columns, { x: [1], y: [1, 2] })).toThrow(
      "t.y has 2 values where the first column has 1",
    );
  });
});

describe("a table past the row limit", () => {
  const lineage = lineageFrom("select 1", { engine: "v1.5.6", tables: {}, files: {} });
  const table = new RemoteTable("big", [columnOf("a", "DOUBLE")], 3_000_000, lineage);

  test("says how many rows it has and what to do, whichever way they are asked for", () => {
    const message = "big has 3,000,000 rows, which stay in the database";
    for (const ask of [
      () => [...table],
      () => table.at(),
      () => table.column("a"),
      () => table.toIPC(),
    ])
      expect(ask).toThrow(
        expect.objectContaining({ code: "too-large", message: expect.stringContaining(message) }),
      );
  });

  test("has the digest of its lineage, not of its name", () => {
    expect(digest(new RemoteTable("other", [], 5, lineage))).toBe(digest(table));
    const changed = lineageFrom("select 2", { engine: "v1.5.6", tables: {}, files: {} });
    expect(digest(new RemoteTable("big", [], 5, changed))).not.toBe(digest(table));
  });
});

/** Rows of four columns, in which everything can be missing. */
const rows = fc.array(
  fc.record({
    n: fc.option(fc.double(), { nil: null }),
    i: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: null }),
    s: fc.option(fc.string({ unit: "grapheme" }), { nil: null }),
    b: fc.option(fc.boolean(), { nil: null }),
    t: fc.option(fc.date({ noInvalidDate: true }), { nil: null }),
    l: fc.option(fc.array(fc.option(fc.string(), { nil: null })), { nil: null }),
  }),
  { minLength: 1, maxLength: 40 },
);

const types = {
  n: "DOUBLE",
  i: "BIGINT",
  s: "VARCHAR",
  b: "BOOLEAN",
  t: "TIMESTAMP",
  l: "VARCHAR[]",
};
const columns = Object.entries(types).map(([name, sqlType]) => ({ name, sqlType }));
const tableOf = (of: readonly Readonly<Record<string, unknown>>[]) =>
  tableFromColumns(
    "t",
    columns,
    Object.fromEntries(columns.map(({ name }) => [name, of.map((row) => row[name])])),
  );

describe("a table's Arrow bytes", () => {
  test("give back the same rows, types and digest", () => {
    fc.assert(
      fc.property(rows, (of) => {
        const table = tableOf(of);
        const back = tableFromIPC(table.toIPC(), { name: "back" });
        expect([...back]).toEqual([...table]);
        expect(back.columns).toEqual(table.columns);
        expect(digest(back)).toBe(digest(table));
        expect(back.toIPC()).toEqual(table.toIPC());
      }),
    );
  });

  test("can lie anywhere in a buffer", () => {
    const bytes = tableFromRows("t", [{ a: 1.5 }]).toIPC();
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect([...tableFromIPC(shifted, { name: "t" })]).toEqual([{ a: 1.5 }]);
  });

  test("are refused when they are something else", () => {
    expect(() => tableFromIPC(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), { name: "t" })).toThrow(
      expect.objectContaining({ name: "TableError" }),
    );
  });

  test("do not carry a type that is no type", () => {
    const bytes = tableFromRows("t", [{ abc: "x" }]).toIPC();
    const text = new TextDecoder("latin1").decode(bytes).replace("VARCHAR", "X);drop");
    const forged = Uint8Array.from(text, (character) => character.charCodeAt(0));
    expect(tableFromIPC(forged, { name: "t" }).columns[0]?.sqlType).toBe("VARCHAR");
  });
});

describe("a table's digest", () => {
  test("is the same for equal rows, and another for any change", () => {
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        expect(digest(tableOf(a))).toBe(digest(tableOf(structuredClone(a))));
        const same =
          JSON.stringify([...tableOf(a)], shown) === JSON.stringify([...tableOf(b)], shown);
        expect(digest(tableOf(a)) === digest(tableOf(b))).toBe(same);
      }),
    );
  });

  test("tells apart what a careless encoding mixes up", () => {
    const of = (...values: readonly unknown[]) =>
      digest(
        tableFromRows(
          "t",
          values.map((a) => ({ a })),
        ),
      );
    const all = [
      of("ab", "c"),
      of("a", "bc"),
      of("a", null),
      of("a", ""),
      of(null, "a"),
      of(0),
      of(-0),
      of(NaN),
      of("0"),
      of(false),
      of(1),
      of(true),
      of([1]),
      of(["1"]),
      of([[1]]),
      of({ b: 1 }),
      of(2 ** 53),
      of(2n ** 53n + 1n),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("names the content, so neither the table's name nor DuckDB's type counts", () => {
    const narrow = tableFromColumns("a", [{ name: "x", sqlType: "INTEGER" }], { x: [1] });
    const wide = tableFromColumns("b", [{ name: "x", sqlType: "BIGINT" }], { x: [1] });
    expect(digest(narrow)).toBe(digest(wide));
  });

  test("stays what it is over versions", () => {
    const table = tableFromRows("t", [
      { n: 1.5, s: "é", b: true },
      { n: null, s: null, b: null },
    ]);
    expect(digest(table)).toBe(fixed);
  });
});

/** Written down once: tables in ledgers are found by it. */
const fixed = "98e782b8711e89f8df71431e82ad1e693d12a3dc174117956d2b1f5f46da54d9";

function shown(_: string, value: unknown): unknown {
  return typeof value === "bigint"
    ? `${value}n`
    : typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
      ? `#${Object.is(value, -0) ? "-0" : value}`
      : value;
}
