import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  classSql,
  mix32,
  sampleSql,
  tableFromRows,
  type SampleOptions,
  type Table,
} from "../../data/index.ts";
import { createNativeClient } from "../../data/native-client.ts";
import { digestKey } from "../../runtime/digest.ts";
import { plainSampleSql } from "./plain-sample-sql.ts";

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
    numRows: table.numRows,
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
      numRows: odd.numRows,
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

describe("the rows of a development sample are those of its definition", () => {
  const value = <Value>(...values: readonly Value[]) => fc.option(fc.constantFrom(...values));
  const made = fc.record({
    label: value("a", "b", "c", "d", "e"),
    flag: value(true, false),
    word: fc.option(fc.string({ maxLength: 2 })),
    x: value(0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity),
    n: value(1, 2, 3, 2 ** 53),
    day: value(new Date("2020-01-01"), new Date("1960-02-03"), new Date(0)),
    big: value(2n ** 60n, -(2n ** 60n), 0n),
    list: value([1], []),
  });
  const options = fc.record({
    label: fc.constantFrom("label", "flag", "n", undefined),
    perClass: fc.integer({ min: 0, max: 5 }),
    limit: fc.integer({ min: 1, max: 30 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    edgeColumns: fc.option(fc.subarray(["label", "flag", "word", "x", "n", "day", "big", "list"]), {
      nil: undefined,
    }),
  });
  const sources = [
    "from made",
    "select m.* from made m join (values ('a'), ('b'), ('c')) k(label) using (label)",
    "select m.* from made m left join (select * from range(3)) k on k.range = m.n",
    "from made union all from made",
    "select m.* from (select 2 as n) k right join made m using (n)",
    "select label, flag, word, x, n, day, big, list from made order by word, x, n limit 40",
  ];

  test.each(sources)("%s", async (source) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(made, { minLength: 1, maxLength: 60 }),
        options,
        async (rows, { label, edgeColumns, ...rest }) => {
          const first = { label: "a", flag: true, word: "w", x: 1, n: 1, day: new Date(0) };
          const tables = {
            made: tableFromRows("made", [{ ...first, big: 1n, list: [1] }, ...rows]),
          };
          // with this row limit everything is large, and what reads it a view
          const large = await client.query("from made", { tables, rowLimit: 0 });
          const view = await client.query(source, { tables: { made: large }, rowLimit: 0 });
          const wanted: SampleOptions = {
            ...rest,
            table: "t",
            columns: view.columns,
            numRows: view.numRows,
            ...(label !== undefined && { label }),
            ...(edgeColumns !== undefined && { edgeColumns }),
          };
          const ask = async (sql: string, more = {}) =>
            (await client.query(sql, { tables: { t: view, ...more } }))[digestKey];
          const plain = await ask(plainSampleSql(wanted));
          expect(await ask(sampleSql(wanted))).toBe(plain);
          if (label === undefined) return;
          const classes = await client.query(classSql({ ...wanted, label }), {
            tables: { t: view },
          });
          expect(await ask(sampleSql({ ...wanted, classes: "k" }), { k: classes })).toBe(plain);
        },
      ),
      { numRuns: 25 },
    );
  });

  test.each([
    "from r union all from r",
    "from r where i % 3 = 0 union all select i + 1, k from r",
    "select r.* from r join (from r limit 5000) s using (i)",
    "select s.i, r.k from r right join (from r where i % 7 = 0 union all select -1, 2) s using (i)",
    "select i, s.k from r full join (select i + 4000 as i, k from r) s using (i)",
    "from r semi join (from r limit 5000) s using (i)",
    "select i, sum(k) over (order by i) k from r",
    "select r.* from r, range(2)",
    "select * from (from r where i % 3 = 0 union all select i + 1, k from r) join (from r) s using (i)",
    "select r.* from (from (from r where i % 7 = 1 union all from r) semi join (from r) s using (i) union all from r) r join (from r) s using (i)",
    "select i, s.k from r full join (select i + 4000 as i, k from r union all from r) s using (i)",
    "select r.i, s.k from r asof join (from r where i % 100 = 5) s on r.i >= s.i",
  ])("also where rows come in many blocks: %s", async (source) => {
    const r = await client.query("select i, i % 5 k from range(7000) t(i)", { rowLimit: 0 });
    const view = await client.query(source, { tables: { r }, rowLimit: 0 });
    const wanted: SampleOptions = {
      table: "t",
      columns: view.columns,
      numRows: view.numRows,
      label: "k",
      perClass: 40,
      limit: 500,
      seed: 3,
    };
    const ask = async (sql: string) =>
      (await client.query(sql, { tables: { t: view } }))[digestKey];
    expect(await ask(sampleSql(wanted))).toBe(await ask(plainSampleSql(wanted)));
  });

  test("also with more columns of text than one scan counts", async () => {
    const names = Array.from({ length: 70 }, (_, i) => `s${i}`);
    const wide = await client.query(
      `select ${names.map((name, i) => `'w' || (r * 7 + ${i}) % ${i + 2} as ${name}`).join(", ")} from range(300) t(r)`,
    );
    const wanted: SampleOptions = {
      table: "t",
      columns: wide.columns,
      numRows: 300,
      label: "s69",
      perClass: 2,
      limit: 120,
      seed: 9,
    };
    const ask = async (sql: string) =>
      (await client.query(sql, { tables: { t: wide } }))[digestKey];
    expect(await ask(sampleSql(wanted))).toBe(await ask(plainSampleSql(wanted)));
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
