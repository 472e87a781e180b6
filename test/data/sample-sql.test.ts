import { afterAll, describe, expect, test } from "vitest";
import { mix32, sampleSql, tableFromRows, type Table } from "../../data/index.ts";
import { createNativeClient } from "../../data/native-client.ts";

const client = createNativeClient({ resolveFile: () => Promise.reject(new Error("no files")) });
afterAll(() => client.close());

interface Made {
  readonly row: number;
  readonly y: string | null;
  readonly x: number | null;
  readonly kind: string;
}

/** 5,000 rows: a class of 8 among large ones, missing labels and values, a rare kind. */
const rows: Made[] = Array.from({ length: 5000 }, (_, row) => ({
  row,
  y: row % 625 === 3 ? "rare" : row % 1000 === 17 ? null : row % 3 === 0 ? "a" : "b",
  x: row === 4321 ? 1e9 : row === 1234 ? -1e9 : row % 500 === 499 ? null : Math.sin(row),
  kind: row === 777 ? "odd" : `kind ${row % 4}`,
}));
const table = tableFromRows("rows", rows);

async function sample(options: Partial<Parameters<typeof sampleSql>[0]>): Promise<Made[]> {
  const sql = sampleSql({
    table: "rows",
    columns: table.columns,
    perClass: 10,
    limit: 100,
    seed: 1,
    ...options,
  });
  const taken: Table = await client.query(sql, { tables: { rows: table } });
  return [...taken] as unknown as Made[];
}

/** The order that the sample takes rows in, calculated independently of the SQL. */
function key(row: number, seed: number): bigint {
  return BigInt(mix32(row, seed) >>> 1) * 2n ** 32n + BigInt(row);
}

function firstRows(of: readonly Made[], count: number, seed: number): number[] {
  return of
    .map(({ row }) => row)
    .sort((a, b) => (key(a, seed) < key(b, seed) ? -1 : 1))
    .slice(0, count);
}

describe("a development sample", () => {
  test("without a label is the first rows by mix32, in their original order", async () => {
    const taken = await sample({ edgeColumns: [], seed: 7 });
    expect(taken.map(({ row }) => row)).toEqual(firstRows(rows, 100, 7).sort((a, b) => a - b));
  });

  test("has so many of each class, and all of a class that has fewer", async () => {
    const taken = await sample({ label: "y", edgeColumns: [] });
    for (const y of ["a", "b", "rare"]) {
      const own = rows.filter((row) => row.y === y);
      const found = taken.filter((row) => row.y === y).map(({ row }) => row);
      expect(found).toEqual(expect.arrayContaining(firstRows(own, 10, 1)));
      expect(found.length).toBeGreaterThanOrEqual(Math.min(10, own.length));
    }
    expect(taken).toHaveLength(100);
  });

  test("has missing values, extremes and rare categories", async () => {
    const taken = await sample({ label: "y" });
    expect(taken.some(({ y }) => y === null)).toBe(true);
    expect(taken.some(({ x }) => x === null)).toBe(true);
    expect(taken.map(({ row }) => row)).toEqual(expect.arrayContaining([0, 777, 1234, 4321, 4999]));
  });

  test("never has more rows than the limit, however many classes there are", async () => {
    const taken = await sample({ label: "row", limit: 25 });
    expect(taken).toHaveLength(25);
    const few = await sample({ label: "y", limit: 5 });
    expect(few).toHaveLength(5);
    expect(new Set(few.map(({ y }) => y))).toEqual(new Set(["a", "b", "rare"]));
  });

  test("is the whole table where that is no larger than the limit", async () => {
    expect((await sample({ label: "y", limit: 5000 })).map(({ row }) => row)).toEqual(
      rows.map(({ row }) => row),
    );
  });

  test("depends on the seed and on nothing else", async () => {
    expect(await sample({ label: "y", seed: 3 })).toEqual(await sample({ label: "y", seed: 3 }));
    expect(await sample({ label: "y", seed: 3 })).not.toEqual(
      await sample({ label: "y", seed: 4 }),
    );
  });

  test("does not mind columns with the names that it would use itself", async () => {
    const odd = tableFromRows("odd", [{ Row: 1, key: 2, pick: 3, rank: 4, n: "x", value: true }]);
    const sql = sampleSql({
      table: "odd",
      columns: odd.columns,
      label: "n",
      perClass: 1,
      limit: 5,
      seed: 0,
    });
    expect([...(await client.query(sql, { tables: { odd } }))]).toEqual([...odd]);
  });

  test.each([
    [{ label: "z" }, "there is no column z; there are row, y, x, kind"],
    [{ edgeColumns: ["q"] }, "there is no column q"],
    [{ seed: -1 }, "seed is -1; it must be a whole number from 0 to 4294967295"],
    [{ limit: 0.5 }, "limit is 0.5"],
  ])("is refused with %j", async (options, message) => {
    await expect(sample(options)).rejects.toThrow(message);
  });
});

describe("mix32", () => {
  test("spreads rows and seeds evenly over its range", () => {
    const buckets = new Uint32Array(64);
    for (let row = 0; row < 64_000; row++) {
      const bucket = mix32(row, 42) >>> 26;
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    // chi-squared with 63 degrees of freedom: 103.4 is its 99.9th percentile
    expect(buckets.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(103.4);
  });
});
