import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createNativeClient } from "../../data/native-client.ts";
import { tableFromRows } from "../../data/index.ts";
import { sqlLiteral } from "../../data/sql-literal.ts";

const client = createNativeClient({ resolveFile: () => Promise.reject(new Error("no files")) });
let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
});

/** What DuckDB makes of a literal, and the type that it has. */
async function read(value: unknown): Promise<readonly [unknown, string]> {
  const table = await client.query(`select ${sqlLiteral(value)} v`);
  return [table.at(0)?.["v"], table.columns[0]?.sqlType ?? ""];
}

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      "\\",
      "\0",
      ";",
      "--",
      "/*",
      "$$",
      "\n",
      "%",
      "é",
      "😀",
      "' or 1=1 --",
    ),
  }),
);

/** Years 1 to 9999; a table keeps dates as doubles of microseconds, which end to be exact long after. */
const years = fc.date({
  noInvalidDate: true,
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
});

describe("a SQL literal", () => {
  test("of any text is that text", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        expect(await read(text)).toEqual([text, "VARCHAR"]);
      }),
      { numRuns: 300 },
    );
  });

  test("of any number is that number, bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double(), async (number) => {
        const [value, type] = await read(number);
        expect(Object.is(value, number)).toBe(true);
        expect(type).toBe(
          Number.isSafeInteger(number) && !Object.is(number, -0) ? "BIGINT" : "DOUBLE",
        );
      }),
    );
  });

  test("of any date is that timestamp", async () => {
    await fc.assert(
      fc.asyncProperty(years, async (date) => {
        expect(await read(date)).toEqual([date, "TIMESTAMP"]);
      }),
    );
  });

  test("of bytes is those bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect(await read(bytes)).toEqual([bytes, "BLOB"]);
      }),
    );
  });

  test("of a list is that list, however deep", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(hostile, { minLength: 1 }), { minLength: 1 }),
        async (list) => {
          expect((await read(list))[0]).toEqual(list);
        },
      ),
    );
  });

  test.each([
    [true, true, "BOOLEAN"],
    [null, null, "INTEGER"],
    [2n ** 63n - 1n, 2n ** 63n - 1n, "BIGINT"],
    [-(2n ** 63n), -(2n ** 63n), "BIGINT"],
    [2n ** 63n, 2 ** 63, "HUGEINT"],
    [[1, null, -3], [1, null, -3], "BIGINT[]"],
    [new Float32Array([0.5, -1]), [0.5, -1], "DOUBLE[]"],
    [[], [], "INTEGER[]"],
  ])("of %s has its own type", async (value, expected, type) => {
    expect(await read(value)).toEqual([expected, type]);
  });

  test("can stand in LIMIT, in arithmetic and before a cast", async () => {
    const sql = `select ${sqlLiteral(-5)} - ${sqlLiteral(-3)} a, ${sqlLiteral([1, 2])}[${sqlLiteral(2)}] b, ${sqlLiteral(2)}::VARCHAR c from range(9) limit ${sqlLiteral(1)}`;
    expect((await connection.runAndReadAll(sql)).getRowsJson()).toEqual([["-2", "2", "2"]]);
  });

  test.each([
    [undefined, "undefined cannot stand in SQL; give a value, or null"],
    [() => 1, "a function cannot stand in SQL"],
    [Symbol("x"), "a symbol cannot stand in SQL"],
    [{ a: 1 }, "a Object cannot stand in SQL; put its members in one by one"],
    [new Map(), "a Map cannot stand in SQL"],
    [new Date(NaN), "an invalid date cannot stand in SQL"],
    [2n ** 127n, "an integer of more than 128 bits"],
    [tableFromRows("t", [{ a: 1 }]), "a table cannot stand in SQL; name it after FROM"],
    [[1, [() => 1]], "a function cannot stand in SQL"],
  ])("does not exist for %s", (value, message) => {
    expect(() => sqlLiteral(value)).toThrow(message);
  });
});
