import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { isTable, MemoryTable, RemoteTable, tableFromRows, type Table } from "../../data/index.ts";
import { createNativeClient } from "../../data/native-client.ts";
import { tableCodec } from "../../data/table-codec.ts";
import { tableDigest } from "../../data/table-digest.ts";
import { digestKey } from "../../runtime/digest.ts";
import { filesOf } from "../../runtime/fingerprint-files.ts";
import { decodeResult, encodeResult } from "../../runtime/result-codec.ts";
import { shown } from "./query-contract.ts";

const client = createNativeClient({
  resolveFile: (path) => Promise.reject(new Error(`there is no file ${path}`)),
});
afterAll(() => client.close());

function bytesOf(...values: unknown[]): Uint8Array | undefined {
  const result = { fingerprint: "f", files: {}, duration: 1, exports: {}, displays: values };
  return encodeResult(result, "sql", [tableCodec]);
}

function restored(table: Table): Table {
  const bytes = bytesOf(table);
  const back = bytes && decodeResult(bytes, [tableCodec])?.displays[0];
  if (!isTable(back)) throw new Error("the table is not restored");
  return back;
}

/** All that can be asked of a table. */
function everything(table: Table): unknown {
  const { name, numRows, lineage, isLocal, columns, [digestKey]: digest } = table;
  const values = columns.map((column) => [String(column), table.column(column.name)]);
  return {
    name,
    numRows,
    lineage,
    isLocal,
    digest,
    values,
    rows: shown(table),
    last: table.at(-1),
  };
}

/** What SQL says of a table's only column. */
async function saidOf(t: Table): Promise<unknown> {
  const sql = "select typeof(a), a::varchar, hash(a), a is not null and a = a from t";
  return shown(await client.query(sql, { tables: { t } }));
}

/** An expression of each type that comes back, and a value of it that is hard to hold. */
const exact = [
  "1::tinyint",
  "-300::smallint",
  "70000::integer",
  "9007199254740993::bigint",
  "255::utinyint",
  "1::usmallint",
  "1::uinteger",
  "18446744073709551615::ubigint",
  "1.5::double",
  "'nan'::double",
  "'-infinity'::double",
  "-0.0::double",
  "0.1::float",
  "sum(5::integer)",
  "12.34::decimal(6, 2)",
  "0.1::decimal(15, 14)",
  "true",
  "[]::integer[]",
  "'é😀'",
  "''",
  "'a'::enum('a', 'b')",
  "'0b9e4b0c-0f3f-4dd2-9f2b-6a0f3f0e6f5a'::uuid",
  "time '01:02:03.000004'",
  "interval 3 days",
  "'0101'::bit",
  "'a\\x00b'::blob",
  "''::blob",
  "date '1600-02-29'",
  "date '5000-01-01'",
  "'infinity'::date",
  "'-infinity'::timestamp",
  "timestamp '2024-01-02 03:04:05.678901'",
  "'1970-01-01 00:00:01'::timestamp_s",
  "[1, null, 3]",
  "[['a', 'say \"it\"', 'a\\b', ''], null]",
  "[1e300, 0.1]",
  "['nan'::double]",
  "{'x': 1.5::double, 'y': ['b', null]}",
  "[12.5::decimal(4, 1)]",
  "[true]",
  "{'1': 9007199254740993, 'e': 'a'::enum('a')}",
  "{'x': null::integer}",
];

/** And of those that SQL could tell from what is read of them, or that Arrow does not hold. */
const inexact = [
  "170141183460469231731687303715884105727::hugeint",
  "9007199254740993::hugeint",
  "0.1::decimal(18, 3)",
  "now()::timestamptz",
  "timestamp_ns '2024-01-02 03:04:05.123456789'",
  "timestamp '9999-12-31 23:59:59.999999'",
  "map {'k': 1}",
  "[1, 2]::integer[2]",
  "[timestamp '2024-01-02 03:04:05.678901']",
  "[-0.0::double]",
  "['a'::blob]",
  "'{}'::json",
  "union_value(a := 1)",
  "{'m': map {1: 2}}",
  "{'__proto__': 1}",
];

const everyType = `from (select ${exact.map((value, i) => `${value} as c${i}`).join(", ")})
union all by name from (select null as c0)`;

describe("a table that was kept", () => {
  test("comes back with its name, columns, rows, digest, lineage and files, in every type", async () => {
    const table = await client.query(everyType, { name: "types" });
    expect(table.columns).toHaveLength(exact.length);
    const back = restored(table);
    expect(everything(back)).toEqual(everything(table));
    expect(back.columns).toEqual(table.columns);
    expect(filesOf(back)).toEqual(filesOf(table));
    expect(Reflect.ownKeys(back)).toEqual(Reflect.ownKeys(table));
  });

  test("has the digest that its rows give", async () => {
    const back = restored(await client.query(everyType));
    if (!(back instanceof MemoryTable)) throw new Error("the rows are not here");
    expect(back[digestKey]).toBe(tableDigest(back.stored, back.numRows));
  });

  test("comes back without rows", async () => {
    const table = await client.query(`from (${everyType}) limit 0`);
    expect(everything(restored(table))).toEqual(everything(table));
  });

  test("comes back whatever rows JavaScript makes, as long as their texts are whole", () => {
    const row = fc.record({
      number: fc.option(fc.double()),
      integer: fc.option(
        fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      ),
      text: fc.option(fc.string({ unit: "binary" })),
      time: fc.option(fc.date()),
      nested: fc.record({ list: fc.array(fc.boolean()), "1": fc.string() }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const table = tableFromRows("rows", rows);
        const isWhole = rows.every(({ text }) => text === null || !/\p{Surrogate}/u.test(text));
        if (isWhole) expect(everything(restored(table))).toEqual(everything(table));
        else expect(bytesOf(table)).toBeUndefined();
      }),
    );
  });

  test.each(exact)("is the same to later SQL: %s", async (value) => {
    const table = await client.query(`select ${value} as a union all select null`);
    expect(await saidOf(restored(table))).toEqual(await saidOf(table));
  });

  test("does not share its columns and rows with the first one", () => {
    const table = tableFromRows("t", [{ a: 1 }]);
    expect(restored(table).at(0)).not.toBe(table.at(0));
    expect(Object.isFrozen(restored(table).at(0))).toBe(true);
  });
});

describe("a table is not kept", () => {
  test.each([
    [
      "where its rows stay in the database",
      new RemoteTable("t", [], 1, { engine: "v1", statements: [] }),
    ],
    ["where a text has half a sign", tableFromRows("t", [{ a: "\ud800" }])],
    ["that somebody gave a member", Object.assign(tableFromRows("t", [{ a: 1 }]), { mine: 1 })],
    ["that somebody froze", Object.freeze(tableFromRows("t", [{ a: 1 }]))],
  ])("%s", (_, table) => {
    expect(bytesOf(table)).toBeUndefined();
  });

  test.each(inexact)("where something would be lost: %s", async (value) => {
    expect(bytesOf(await client.query(`select ${value} as a`))).toBeUndefined();
  });

  test("where it was never in the database as anything else than its rows, it is", () => {
    expect(bytesOf(tableFromRows("t", [{ a: [-0, 1.5] }]))).toBeDefined();
  });

  test("where a row, a column's values, or what is in them also stands by itself", () => {
    const make = (): Table => tableFromRows("t", [{ a: [{ b: 2 }], at: new Date(0) }]);
    const parts: ((table: Table) => unknown)[] = [
      (table) => [...table],
      (table) => table.at(0),
      (table) => table.column("a"),
      (table) => table.at(0)?.["at"],
      (table) => (table.column("a")[0] as unknown[])[0],
    ];
    const plain = tableFromRows("t", [{ n: 1 }]);
    expect(bytesOf(plain, plain.at(0))).toBeUndefined();
    for (const part of parts) {
      const table = make();
      expect(bytesOf(table, part(table))).toBeUndefined();
      expect(bytesOf(part(table), table)).toBeUndefined();
      expect(bytesOf(table, part(make()))).toBeDefined();
    }
  });
});

test("parts that are no table are refused", () => {
  const bytes = tableFromRows("t", [{ a: 1 }]).toIPC();
  const head = { name: "t", digest: "d" };
  expect(() => tableCodec.decode({ json: { name: "t" }, buffers: [bytes] })).toThrow();
  expect(() => tableCodec.decode({ json: head, buffers: [] })).toThrow();
  expect(() => tableCodec.decode({ json: head, buffers: [bytes.subarray(9)] })).toThrow();
});
