import { QueryError, type QueryClient } from "../../data/query-client.ts";
import { runSql } from "../../data/run-sql.ts";
import { mix32, mixExpression, sampleSql } from "../../data/sample-sql.ts";
import { tableFromIPC, tableFromRows, type Table } from "../../data/index.ts";
import { digestKey } from "../../runtime/digest.ts";

/**
 * What every query client must do, as data: the same cases run against native DuckDB in Node and
 * against DuckDB-WASM in Chromium. What `run` gives is plain JSON, equal on both sides.
 */
export interface ContractCase {
  readonly title: string;
  readonly run: (client: QueryClient) => Promise<unknown>;
  readonly expected: unknown;
  /** the digest of the result, which must not depend on the engine */
  readonly digest?: (client: QueryClient) => Promise<string>;
}

/** The files that cases name; their makers are in the tests that run the cases. */
export const contractFiles = [
  "data/penguins.csv",
  "data/numbers.parquet",
  "data/people.json",
  "data/flights.parquet",
];

/** A table as JSON: its columns, and its rows with everything told apart. */
export function shown(table: Table): unknown {
  return {
    columns: table.columns.map(({ name, type, sqlType }) => `${name} ${type} ${sqlType}`),
    rows: [...table].map((row) => Object.values(row).map(tagged)),
  };
}

function tagged(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date)
    return Number.isNaN(Number(value)) ? "@invalid" : `@${value.toISOString()}`;
  if (value instanceof Uint8Array)
    return `0x${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  if (typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : Object.is(value, -0)
        ? "-0"
        : String(value);
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, tagged(member)]),
    );
  return value;
}

/** The client, to which much is large. */
function withRowLimit(client: QueryClient, rowLimit: number): QueryClient {
  return {
    engineVersion: client.engineVersion,
    query: (sql, options) => client.query(sql, { rowLimit, ...options }),
    adopt: (table) => client.adopt(table),
    release: (table) => client.release(table),
    close: () => client.close(),
  };
}

/** What there is to say of results that are too large to be copied, and are views. */
function viewCases(): ContractCase[] {
  const all = "select i, x from 'data/numbers.parquet'";
  return [
    {
      title: "a result past the row limit can be read and read again, and made into others",
      run: async (client) => {
        const numbers = await client.query(all, { name: "numbers" });
        const thirds = await client.query("select i, i % 3 k from numbers where i < 150000", {
          tables: { numbers },
        });
        const few = await client.query("select k, count(*) n, sum(i) s from thirds group by k", {
          tables: { thirds },
        });
        const page = await client.query("from thirds limit 2 offset 149998", {
          tables: { thirds },
        });
        return [numbers, thirds, few, page].map((table) => [
          table.isLocal,
          table.numRows,
          table.columns.map(({ name, sqlType }) => `${name} ${sqlType}`).join(),
          table.isLocal
            ? Array.from(table, (row) => Object.values(row))
            : table.lineage?.statements.length,
        ]);
      },
      expected: [
        [false, 200_000, "i BIGINT,x DOUBLE", 1],
        [false, 150_000, "i BIGINT,k BIGINT", 2],
        [
          true,
          3,
          "k BIGINT,n BIGINT,s HUGEINT",
          [
            [0, 50_000, 3_749_925_000],
            [1, 50_000, 3_749_975_000],
            [2, 50_000, 3_750_025_000],
          ],
        ],
        [
          true,
          2,
          "i BIGINT,k BIGINT",
          [
            [149_998, 1],
            [149_999, 2],
          ],
        ],
      ],
    },
    {
      title: "the row limit is the most rows that are copied out",
      run: async (client) => {
        const ask = async (rowLimit: number) => {
          const { isLocal, numRows } = await client.query("from 'data/numbers.parquet'", {
            rowLimit,
          });
          return [isLocal, numRows];
        };
        return [await ask(200_000), await ask(199_999), await ask(1)];
      },
      expected: [
        [true, 200_000],
        [false, 200_000],
        [false, 200_000],
      ],
    },
    {
      title: "what is too large to copy out and small enough to keep is made once",
      run: async (client) => {
        const kept = await client.query("select i, x from 'data/numbers.parquet' where i < 40000");
        const plan = await client.query("explain select sum(x) from kept", { tables: { kept } });
        return [
          kept.isLocal,
          kept.numRows,
          String(plan.at(0)?.["explain_value"]).includes("tierbook."),
        ];
      },
      expected: [false, 40_000, true],
    },
    {
      title: "few rows of much are the same table as if they had been copied at once",
      run: async (client) => {
        const sql = "select i, x, null::VARCHAR s from 'data/numbers.parquet' where i < 5";
        const once = await client.query(sql, { rowLimit: 200_000 });
        const view = await client.query(sql);
        return [view[digestKey] === once[digestKey], shown(view)];
      },
      expected: [
        true,
        {
          columns: ["i integer BIGINT", "x number DOUBLE", "s string VARCHAR"],
          rows: [0, 1, 2, 3, 4].map((i) => [i, i / 3, null]),
        },
      ],
    },
    {
      title: "what a result reads lives as long as the result, also when it is released before",
      run: async (client) => {
        const few = await client.query("select i from range(150000) t(i)", { rowLimit: 200_000 });
        const many = await client.query(all);
        const kept = await client.query("select i, x from many semi join few using (i)", {
          tables: { many, few },
        });
        await client.release(many);
        await client.release(few);
        const count = "select count(*) n from kept semi join people on age = i";
        const [row] = await client.query(count, { tables: { kept, people } });
        const gone = await failure(client.query("from many", { tables: { many } }));
        await client.release(kept);
        const after = await failure(client.query("from kept", { tables: { kept } }));
        return [kept.isLocal, kept.numRows, row, gone.code, after.code];
      },
      expected: [false, 150_000, { n: 2 }, "refused", "refused"],
    },
    {
      title: "randomness is drawn once, however often a large result is read",
      run: async (client) => {
        const drawn = await client.query("select i, random() r from 'data/numbers.parquet'");
        const sum = () => client.query("select sum(r) s from drawn", { tables: { drawn } });
        const [once, again] = [await sum(), await sum()];
        return [drawn.isLocal, drawn.numRows, once.at(0)?.["s"] === again.at(0)?.["s"]];
      },
      expected: [false, 200_000, true],
    },
    {
      title: "PIVOT, SUMMARIZE, DESCRIBE and EXPLAIN read large results too",
      run: async (client) => {
        const many = await client.query(`select i % 2 k, x from 'data/numbers.parquet'`);
        const ask = async (sql: string) => {
          const { numRows, columns } = await client.query(sql, { tables: { many } });
          return [numRows, columns.length];
        };
        return [
          await ask("pivot many on k using count(*)"),
          await ask("summarize many"),
          await ask("describe many"),
          await ask("show many"),
          await ask("explain from many"),
          await ask("unpivot (select k, k l from many limit 5) on k, l"),
        ];
      },
      expected: [
        [200_000, 3],
        [2, 12],
        [2, 6],
        [2, 6],
        [1, 2],
        [10, 2],
      ],
    },
    {
      title: "rows of a large join come in the order of the table named first, whatever is read",
      run: async (client) => {
        const wide = await client.query(
          `select i, 'a' || i a, 'b' || i b, 'c' || i c, 'd' || i d, 'e' || i e
           from 'data/numbers.parquet' where i % 2 = 0 or i < 30000`,
        );
        const joined = await client.query(
          `select w.*, f.x from wide w join (
             select (i * 7919) % 200000 as i, x from 'data/numbers.parquet'
           ) f using (i)`,
          { tables: { wide } },
        );
        const ask = async (sql: string) => {
          const { values } = Object;
          return Array.from(await client.query(sql, { tables: { joined } }), values);
        };
        return [
          joined.numRows,
          await ask("from (select i, a, e, x > 0 p from joined) limit 2 offset 40000"),
          await ask("select i from (select i, row_number() over () n from joined) where n = 40001"),
          await ask(
            "select i, x from (select *, row_number() over () n from joined) where n = 40001",
          ),
        ];
      },
      expected: [
        115_000,
        [
          [50_000, "a50000", "e50000", true],
          [50_002, "a50002", "e50002", true],
        ],
        [[50_000]],
        [[50_000, 50_000]],
      ],
    },
    {
      title: "a sample of 200,000 flights joined to their history is the same rows everywhere",
      run: async (client) => {
        const flights = await flightsWithHistory(client);
        const sql = sampleSql({
          table: "flights",
          columns: flights.columns,
          numRows: flights.numRows,
          label: "late",
          perClass: 50,
          limit: 500,
          seed: 42,
        });
        const sample = await client.query(sql, { tables: { flights } });
        const base = await client.query(
          `select distance, delay >= 15 late from 'data/flights.parquet' limit 500 offset 150000`,
        );
        const page = await client.query(
          "select distance, late from flights limit 500 offset 150000",
          {
            tables: { flights },
          },
        );
        return [
          flights.isLocal,
          flights.numRows,
          sample.numRows,
          sample[digestKey],
          page[digestKey] === base[digestKey],
        ];
      },
      expected: [
        false,
        200_000,
        500,
        "bb7e48a2af1fbd240be27dba1004c843f35b3ff385eae0a59c9818d3c9f5cc0e",
        true,
      ],
    },
    {
      title: "an error while much is read has its place where it is the query's own",
      run: async (client) => {
        const many = await client.query("select i, i || '!' s from 'data/numbers.parquet'");
        const place = async (sql: string, tables = {}) => {
          const { code, offset } = await failure(client.query(sql, { tables }));
          return [code, offset === undefined ? null : sql.slice(offset)];
        };
        return [
          await place("select nothing from many", { many }),
          await place("select 'é😀', nothing from 'data/numbers.parquet'"),
          await place("select (x || '!')::INTEGER from 'data/numbers.parquet'"),
          await place("select s::INTEGER from many", { many }),
        ];
      },
      expected: [
        ["binder", "nothing from many"],
        ["binder", "nothing from 'data/numbers.parquet'"],
        ["conversion", "::INTEGER from 'data/numbers.parquet'"],
        ["conversion", null],
      ],
    },
    {
      title: "a query over much can be cancelled, and leaves what it reads as it was",
      run: async (client) => {
        const stop = new AbortController();
        const many = await client.query(all);
        const long = failure(
          client.query("select sum(a.i * b.i % 7) from many a, many b where a.i + b.i > 5", {
            tables: { many },
            signal: stop.signal,
          }),
        );
        setTimeout(() => stop.abort(), 100);
        const { code } = await long;
        const [row] = await client.query("select count(*) n from many", { tables: { many } });
        return [code, row];
      },
      expected: ["cancelled", { n: 200_000 }],
    },
  ];
}

/** Every 15th of three million flights, each with what was known of its airport before its day. */
async function flightsWithHistory(client: QueryClient): Promise<Table> {
  const flights = await client.query(
    `select (date - interval 5 hours)::date as day,
       case when hour(date) < 11 then 'morning' when hour(date) < 17 then 'afternoon' else 'evening' end as part,
       origin, destination, distance, delay >= 15 as late
     from 'data/flights.parquet'`,
  );
  const history = await client.query(
    `with daily as (
       select origin, part, day, count(*) as flights, count(*) filter (where late) as late
       from flights group by all
     )
     select origin, part, day, coalesce(sum(flights) over past, 0)::INTEGER as flights,
       coalesce(sum(late) over past, 0)::INTEGER as late
     from daily window past as (
       partition by origin, part order by day rows between unbounded preceding and 1 preceding
     ) order by origin, part, day`,
    { tables: { flights } },
  );
  return await client.query(
    `select f.day, f.part, f.origin, f.destination, f.distance, isodow(f.day) as weekday,
       (h.late + 4) / (h.flights + 20) as rate, f.late
     from flights f join history h on h.origin = f.origin and h.part = f.part and h.day = f.day`,
    { tables: { flights, history } },
  );
}

/** A query whose whole result is known. */
function gives(
  title: string,
  sql: string,
  columns: readonly string[],
  rows: readonly unknown[][],
  tables?: (client: QueryClient) => Promise<Record<string, Table>> | Record<string, Table>,
): ContractCase {
  const ask = async (client: QueryClient): Promise<Table> =>
    await client.query(sql, { tables: (await tables?.(client)) ?? {} });
  return {
    title,
    run: async (client) => shown(await ask(client)),
    expected: { columns, rows },
    digest: async (client) => (await ask(client))[digestKey],
  };
}

/** A query that must fail: code, the text at the offset, and what the message says. */
function fails(
  title: string,
  sql: string,
  code: string,
  at: string | undefined,
  says: string,
  tables: Record<string, Table> = {},
): ContractCase {
  return {
    title,
    run: async (client) => {
      const error = await failure(client.query(sql, { tables }));
      return [
        error.code,
        error.offset === undefined ? undefined : sql.slice(error.offset).slice(0, at?.length),
        error.message.includes(says) ? says : error.message,
      ].map((part) => part ?? null);
    },
    expected: [code, at ?? null, says],
  };
}

async function failure(work: Promise<unknown>): Promise<QueryError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

const people = tableFromRows("people", [
  { name: "Ada", age: 36 },
  { name: "Bo", age: null },
  { name: "Çelik", age: 7 },
]);
const odd = tableFromRows("odd", [{ select: 1, 'quo"te': 2, "two words": 3, ünï: 4, __proto: 5 }]);

export const contractCases: readonly ContractCase[] = [
  gives(
    "integers are numbers",
    "select 1 a, -5::TINYINT b, 65535::USMALLINT c, 4294967295::UINTEGER d",
    ["a integer INTEGER", "b integer TINYINT", "c integer USMALLINT", "d integer UINTEGER"],
    [[1, -5, 65535, 4294967295]],
  ),
  gives(
    "integers past 2^53 are bigints, beside others that are numbers",
    "select unnest([9007199254740991, 9007199254740992, -9223372036854775808, null, 7]::BIGINT[]) a",
    ["a integer BIGINT"],
    [[9007199254740991], ["9007199254740992n"], ["-9223372036854775808n"], [null], [7]],
  ),
  gives(
    "unsigned integers reach 2^64",
    "select unnest([18446744073709551615, 9223372036854775808, 1]::UBIGINT[]) a",
    ["a integer UBIGINT"],
    [["18446744073709551615n"], ["9223372036854775808n"], [1]],
  ),
  gives(
    "doubles keep NaN, infinities and minus zero",
    "select unnest(['nan', 'inf', '-inf', '-0', '0.1', '1e308', '5e-324']::DOUBLE[]) a",
    ["a number DOUBLE"],
    [["NaN"], ["Infinity"], ["-Infinity"], ["-0"], [0.1], [1e308], [5e-324]],
  ),
  gives(
    "floats are the doubles that they are",
    "select 0.1::FLOAT a",
    ["a number FLOAT"],
    [[0.10000000149011612]],
  ),
  gives(
    "decimals are numbers with their point",
    "select 12.34::DECIMAL(9,2) a, -0.001::DECIMAL(18,3) b, 1::DECIMAL(38,0) c",
    ["a number DECIMAL(9,2)", "b number DECIMAL(18,3)", "c number DECIMAL(38,0)"],
    [[12.34, -0.001, 1]],
  ),
  gives(
    "sums of integers are numbers",
    "select sum(i) a, sum(i)::HUGEINT * 10000000000 b from range(5) t(i)",
    ["a number HUGEINT", "b number HUGEINT"],
    [[10, 1e11]],
  ),
  gives(
    "booleans are booleans",
    "select unnest([true, null, false]) a",
    ["a boolean BOOLEAN"],
    [[true], [null], [false]],
  ),
  gives(
    "texts keep every character",
    "select unnest(['', 'é', '😀', 'a''b', e'tab\\tline\\n', null]) a",
    ["a string VARCHAR"],
    [[""], ["é"], ["😀"], ["a'b"], ["tab\tline\n"], [null]],
  ),
  gives(
    "dates are UTC dates",
    "select unnest([date '2020-02-29', date '1969-12-31', date '0044-03-15 (BC)', null]) a",
    ["a date DATE"],
    [
      ["@2020-02-29T00:00:00.000Z"],
      ["@1969-12-31T00:00:00.000Z"],
      ["@-000043-03-15T00:00:00.000Z"],
      [null],
    ],
  ),
  gives(
    "timestamps are UTC dates of milliseconds",
    "select timestamp '2020-01-02 03:04:05.678901' a, timestamp_s '1969-12-31 23:59:59' b, timestamp_ms '2020-01-01 00:00:00.5' c, timestamp_ns '2020-01-01 00:00:00.123456789' d, timestamptz '2020-01-01 02:00:00+02' e",
    [
      "a timestamp TIMESTAMP",
      "b timestamp TIMESTAMP_S",
      "c timestamp TIMESTAMP_MS",
      "d timestamp TIMESTAMP_NS",
      "e timestamp TIMESTAMP WITH TIME ZONE",
    ],
    [
      [
        "@2020-01-02T03:04:05.678Z",
        "@1969-12-31T23:59:59.000Z",
        "@2020-01-01T00:00:00.500Z",
        "@2020-01-01T00:00:00.123Z",
        "@2020-01-01T00:00:00.000Z",
      ],
    ],
  ),
  gives(
    "infinite times are invalid dates, not missing ones",
    "select unnest([timestamp 'infinity', timestamp '-infinity', null]) a, date 'infinity' b",
    ["a timestamp TIMESTAMP", "b date DATE"],
    [
      ["@invalid", "@invalid"],
      ["@invalid", "@invalid"],
      [null, "@invalid"],
    ],
  ),
  gives(
    "times of day, intervals, identifiers and bits are texts",
    "select time '01:02:03.5' a, interval '1 month 2 days' b, '00000000-0000-0000-0000-000000000001'::UUID c, '101'::BIT d",
    ["a string TIME", "b string INTERVAL", "c string UUID", "d string BIT"],
    [["01:02:03.5", "1 month 2 days", "00000000-0000-0000-0000-000000000001", "101"]],
  ),
  gives(
    "enums are texts",
    "select unnest(['b', 'a', null]::ENUM('a', 'b', 'it''s')[]) a",
    ["a string ENUM('a', 'b', 'it''s')"],
    [["b"], ["a"], [null]],
  ),
  gives("blobs are bytes", "select '\\x00\\xFFa'::BLOB a", ["a other BLOB"], [["0x00ff61"]]),
  gives(
    "lists are arrays",
    "select [1, null, 3] a, [[1.5], []] b, [] c, ['x', null] d, [9007199254740993] e",
    [
      "a other INTEGER[]",
      "b other DECIMAL(2,1)[][]",
      "c other INTEGER[]",
      "d other VARCHAR[]",
      "e other BIGINT[]",
    ],
    [[[1, null, 3], [[1.5], []], [], ["x", null], ["9007199254740993n"]]],
  ),
  gives(
    "arrays of a fixed length are arrays",
    "select [1, 2, 3]::FLOAT[3] a",
    ["a other FLOAT[3]"],
    [[[1, 2, 3]]],
  ),
  gives(
    "structs are objects",
    `select {'a b': 1, 'c': {'d': 'x', 'e': null}} a`,
    [`a other STRUCT("a b" INTEGER, "c" STRUCT("d" VARCHAR, "e" INTEGER))`],
    [[{ "a b": 1, c: { d: "x", e: null } }]],
  ),
  gives(
    "maps are lists of their entries, wherever they stand",
    "select map {'k': 1.5} a, [map {1: 'x'}] b, {'m': map {'y': 2}} c, null::MAP(VARCHAR, INTEGER) d",
    [
      "a other MAP(VARCHAR, DECIMAL(2,1))",
      "b other MAP(INTEGER, VARCHAR)[]",
      `c other STRUCT("m" MAP(VARCHAR, INTEGER))`,
      "d other MAP(VARCHAR, INTEGER)",
    ],
    [
      [
        [{ key: "k", value: 1.5 }],
        [[{ key: 1, value: "x" }]],
        { m: [{ key: "y", value: 2 }] },
        null,
      ],
    ],
  ),
  gives(
    "times inside lists and structs are dates",
    "select [date '2020-01-01', null] a, {'t': timestamp '1960-01-01 00:00:00.5'} b",
    ["a other DATE[]", `b other STRUCT("t" TIMESTAMP)`],
    [[["@2020-01-01T00:00:00.000Z", null], { t: "@1960-01-01T00:00:00.500Z" }]],
  ),
  gives(
    "unions and big numbers are texts",
    "select union_value(n := 1) a, 340282366920938463463374607431768211456::BIGNUM b",
    ['a string UNION("n" INTEGER)', "b string BIGNUM"],
    [["1", "340282366920938463463374607431768211456"]],
  ),
  gives(
    "a column of nulls is a column",
    "select null a, null::VARCHAR b",
    ["a integer INTEGER", "b string VARCHAR"],
    [[null, null]],
  ),
  gives(
    "a result without rows has its columns",
    "select 1 a, 'x' b, [1] c, {'s': 1} d, date '2020-01-01' e where false",
    [
      "a integer INTEGER",
      "b string VARCHAR",
      "c other INTEGER[]",
      `d other STRUCT("s" INTEGER)`,
      "e date DATE",
    ],
    [],
  ),
  gives(
    "two columns of one name get two names",
    "select 1 a, 2 a",
    ["a integer INTEGER", "a_1 integer INTEGER"],
    [[1, 2]],
  ),
  gives(
    "rows come in the order of the query",
    "select i from range(5) t(i) order by i desc",
    ["i integer BIGINT"],
    [[4], [3], [2], [1], [0]],
  ),
  gives(
    "a query may begin with FROM",
    "from people select name where age > 10",
    ["name string VARCHAR"],
    [["Ada"]],
    () => ({ people }),
  ),
  gives(
    "a query may be a table alone",
    "table people",
    ["name string VARCHAR", "age integer BIGINT"],
    [
      ["Ada", 36],
      ["Bo", null],
      ["Çelik", 7],
    ],
    () => ({ people }),
  ),
  gives(
    "a query may be VALUES",
    "values (1, 'a'), (2, 'b')",
    ["col0 integer INTEGER", "col1 string VARCHAR"],
    [
      [1, "a"],
      [2, "b"],
    ],
  ),
  gives(
    "a query may stand in brackets",
    "(select 1 a) union all (select count(*) from people)",
    ["a integer BIGINT"],
    [[1], [3]],
    () => ({ people }),
  ),
  gives(
    "comments may stand anywhere",
    "/* all */ -- of them\nselect count(*) n /* ; */ from people -- end",
    ["n integer BIGINT"],
    [[3]],
    () => ({ people }),
  ),
  gives("a last semicolon is allowed", "select 1 a;", ["a integer INTEGER"], [[1]]),
  gives(
    "names ignore case and may be quoted",
    `select p.name from People p join "people" q using (name) order by 1 limit 1`,
    ["name string VARCHAR"],
    [["Ada"]],
    () => ({ people }),
  ),
  gives(
    "columns may have any name",
    `select "select", "quo""te", "two words", ünï from "odd one"`,
    [
      "select integer BIGINT",
      'quo"te integer BIGINT',
      "two words integer BIGINT",
      "ünï integer BIGINT",
    ],
    [[1, 2, 3, 4]],
    () => ({ "odd one": odd }),
  ),
  gives(
    "the person's own WITH keeps working beside bound names",
    "with old as (select * from people where age > 10), n as (select count(*) n from old) select n from n",
    ["n integer BIGINT"],
    [[1]],
    () => ({ people }),
  ),
  gives(
    "WITH RECURSIVE keeps working beside bound names",
    "with recursive up(i) as (select min(age) from people union all select i + 1 from up where i < 9) select i from up",
    ["i integer BIGINT"],
    [[7], [8], [9]],
    () => ({ people }),
  ),
  gives(
    "a name that WITH defines anew is read in its own definition",
    "with people as (select name from people where age is null) from people",
    ["name string VARCHAR"],
    [["Bo"]],
    () => ({ people }),
  ),
  gives(
    "a query's table shadows nothing inside a subquery of the same name",
    "select (select count(*) from (with people as (select 1) from people)) a, count(*) b from people",
    ["a integer BIGINT", "b integer BIGINT"],
    [[1, 3]],
    () => ({ people }),
  ),
  gives(
    "DESCRIBE tells a bound name's columns",
    "describe people",
    [
      "column_name string VARCHAR",
      "column_type string VARCHAR",
      "null string VARCHAR",
      "key string VARCHAR",
      "default string VARCHAR",
      "extra string VARCHAR",
    ],
    [
      ["name", "VARCHAR", "YES", null, null, null],
      ["age", "BIGINT", "YES", null, null, null],
    ],
    () => ({ people }),
  ),
  gives(
    "DESCRIBE tells a query's columns",
    "describe select 1::DOUBLE x from people",
    [
      "column_name string VARCHAR",
      "column_type string VARCHAR",
      "null string VARCHAR",
      "key string VARCHAR",
      "default string VARCHAR",
      "extra string VARCHAR",
    ],
    [["x", "DOUBLE", "YES", null, null, null]],
    () => ({ people }),
  ),
  gives(
    "SHOW of a bound name is DESCRIBE, and there are no tables to SHOW",
    "select (select count(*) from (show tables)) n",
    ["n integer BIGINT"],
    [[0]],
    () => ({ people }),
  ),
  {
    title: "SUMMARIZE, PIVOT, UNPIVOT, SHOW and EXPLAIN give tables",
    run: async (client) => {
      const ask = async (sql: string) => {
        const table = await client.query(sql, { tables: { people } });
        return [table.numRows, table.columns.length];
      };
      return [
        await ask("summarize people"),
        await ask("pivot people on name using sum(age)"),
        await ask("unpivot (select age a, age b from people) on a, b"),
        await ask("show people"),
        await ask("explain select * from people"),
        await ask("explain analyze select count(*) from people"),
      ];
    },
    expected: [
      [2, 12],
      [1, 3],
      [4, 2],
      [2, 6],
      [1, 2],
      [1, 2],
    ],
  },
  gives(
    "a result is a table of later queries",
    "select sum(b) s from twice",
    ["s number HUGEINT"],
    [[20]],
    async (client) => ({ twice: await client.query("select i * 2 b from range(5) t(i)") }),
  ),
  {
    title: "a result stays what it was when its name is used again",
    run: async (client) => {
      const first = await client.query("select 1 a", { name: "x" });
      const second = await client.query("select a + 1 a from x", {
        name: "x",
        tables: { x: first },
      });
      const third = await client.query("select (select a from x) a, (select a from y) b", {
        tables: { x: first, y: second },
      });
      return shown(third);
    },
    expected: { columns: ["a integer INTEGER", "b integer INTEGER"], rows: [[1, 2]] },
  },
  {
    title: "rows of JavaScript come back as they were, with the same digest",
    run: async (client) => {
      const table = tableFromRows("made", [
        {
          i: 1,
          n: 1.5,
          s: "a'\\\"\u{1F600}",
          b: true,
          d: new Date("2020-01-02T03:04:05.006Z"),
          l: [1, null, 3],
          t: ["x", 'y"\\', "NULL", "", " z ", "[1]"],
          o: { a: 1, "b c": ["{", "}"] },
          big: 2n ** 62n,
          y: new Uint8Array([0, 255]),
          deep: [{ at: new Date(-1), raw: new Uint8Array([1]) }],
        },
        {
          i: -2,
          n: NaN,
          s: "",
          b: null,
          d: null,
          l: [],
          t: null,
          o: null,
          big: -1n,
          y: new Uint8Array(0),
          deep: [],
        },
        {},
      ]);
      const back = await client.query("from made", { tables: { made: table } });
      return [back[digestKey] === table[digestKey], shown(back)];
    },
    expected: [
      true,
      {
        columns: [
          "i integer BIGINT",
          "n number DOUBLE",
          "s string VARCHAR",
          "b boolean BOOLEAN",
          "d timestamp TIMESTAMP",
          "l other BIGINT[]",
          "t other VARCHAR[]",
          'o other STRUCT("a" BIGINT, "b c" VARCHAR[])',
          "big integer BIGINT",
          "y other BLOB",
          'deep other STRUCT("at" TIMESTAMP, "raw" BLOB)[]',
        ],
        rows: [
          [
            1,
            1.5,
            "a'\\\"\u{1F600}",
            true,
            "@2020-01-02T03:04:05.006Z",
            [1, null, 3],
            ["x", 'y"\\', "NULL", "", " z ", "[1]"],
            { a: 1, "b c": ["{", "}"] },
            "4611686018427387904n",
            "0x00ff",
            [{ at: "@1969-12-31T23:59:59.999Z", raw: "0x01" }],
          ],
          [-2, "NaN", "", null, null, [], null, null, -1, "0x", []],
          [null, null, null, null, null, null, null, null, null, null, null],
        ],
      },
    ],
  },
  {
    title: "any result that crosses a border comes back as it was, with the same digest",
    run: async (client) => {
      const first = await client.query(
        `select * from (values
          (1::TINYINT, 1.5::FLOAT, 12.34::DECIMAL(9,2), 1e30::HUGEINT, 'a'::ENUM('a','b'), date '2020-01-01', timestamp '2020-01-01 00:00:00.123456', timestamptz '2020-01-01 00:00:00+00', timestamp_s '2020-01-01 00:00:00', time '01:02:03', interval 3 day, '00000000-0000-0000-0000-000000000001'::UUID, 18446744073709551615::UBIGINT, map {'k': [1, 2]}, [1.5, 2]::FLOAT[2], 1.1::DECIMAL(38, 20), '101'::BIT, union_value(n := 1)),
          (null, null, null, null, null, date 'infinity', timestamp '-infinity', null, null, null, null, null, null, null, null, null, null, null)
        ) t(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r)`,
      );
      const carried = tableFromIPC(first.toIPC(), { name: "carried" });
      await client.adopt(carried);
      const back = await client.query("from carried", { tables: { carried } });
      return [
        carried[digestKey] === first[digestKey],
        back[digestKey] === first[digestKey],
        back.columns
          .filter(({ sqlType }, i) => sqlType !== first.columns[i]?.sqlType)
          .map(({ sqlType }) => sqlType),
      ];
    },
    // a zone, a map, an array's length, a wide decimal and a union are not kept inside the database
    expected: [
      true,
      true,
      ["TIMESTAMP", 'STRUCT("key" VARCHAR, "value" INTEGER[])[]', "FLOAT[]", "DOUBLE", "VARCHAR"],
    ],
  },
  {
    title: "a table without rows can be adopted",
    run: async (client) => {
      const empty = await client.query("select 1 a, 'x' b, [1] l where false");
      const carried = tableFromIPC(empty.toIPC(), { name: "carried" });
      return shown(
        await client.query("select count(*) n, max(b) m from carried", { tables: { carried } }),
      );
    },
    expected: { columns: ["n integer BIGINT", "m string VARCHAR"], rows: [[0, null]] },
  },
  {
    title: "many rows keep their number and order",
    run: async (client) => {
      const rows = Array.from({ length: 10_000 }, (_, i) => ({ i, s: `row ${i}`, x: i / 7 }));
      const table = tableFromRows("rows", rows);
      const back = await client.query("select * from rows", { tables: { rows: table } });
      const made = await client.query("select i, 'row ' || i s, i / 7 x from range(10000) t(i)");
      return [
        back[digestKey] === table[digestKey],
        made[digestKey] === table[digestKey],
        back.numRows,
      ];
    },
    expected: [true, true, 10_000],
  },
  {
    title: "a result past the row limit stays in the database",
    run: async (client) => {
      const large = await client.query("select i from range(1000) t(i)", {
        rowLimit: 999,
        name: "large",
      });
      const same = await client.query("select i from range(1000) t(i)", {
        rowLimit: 999,
        name: "other",
      });
      const whole = await client.query("select sum(i) s from large", { tables: { large } });
      let said = "";
      try {
        for (const row of large) said = String(row);
      } catch (error) {
        said = String(error);
      }
      return [
        large.isLocal,
        large.numRows,
        large.columns.length,
        large[digestKey] === same[digestKey],
        [...whole],
        said,
      ];
    },
    expected: [
      false,
      1000,
      1,
      true,
      [{ s: 499_500 }],
      "TooLargeError: large has 1,000 rows, which stay in the database. Aggregate or sample it in SQL first, for example with group by or limit.",
    ],
  },
  {
    title: "a table that was released is gone, and releasing twice does nothing",
    run: async (client) => {
      const large = await client.query("select i from range(10) t(i)", { rowLimit: 1 });
      await client.release(large);
      await client.release(large);
      return (await failure(client.query("from large", { tables: { large } }))).code;
    },
    expected: "refused",
  },
  {
    title: "lineage says what ran, on what, with which engine",
    run: async (client) => {
      const old = await client.query("from people where  age > 10 -- not Bo", {
        tables: { people },
      });
      const table = await client.query("select count(*) n from old, 'data/people.json'", {
        tables: { old },
      });
      const { engine, statements = [] } = table.lineage ?? {};
      return [
        engine === client.engineVersion,
        statements.map(({ sql, tables, files, rows }) => [
          sql,
          tables,
          Object.entries(files).map(([path, digest]) => [path, digest.length]),
          Object.entries(rows).map(([name, digest]) => [name, digest === people[digestKey]]),
        ]),
      ];
    },
    expected: [
      true,
      [
        ["from people where age > 10", {}, [], [["people", true]]],
        [
          "select count ( * ) n from old , 'data/people.json'",
          { old: 0 },
          [["data/people.json", 64]],
          [],
        ],
      ],
    ],
  },
  ...viewCases().map((one): ContractCase => ({
    ...one,
    run: (client) => one.run(withRowLimit(client, 5000)),
  })),
  gives(
    "a CSV file is a table",
    "select count(*) n, min(\"Body Mass (g)\") m, count(distinct Species) s from 'data/penguins.csv'",
    ["n integer BIGINT", "m integer BIGINT", "s integer BIGINT"],
    [[344, 2700, 3]],
  ),
  gives(
    "a Parquet file is a table, with an alias or in a join",
    "select p.i, q.x from 'data/numbers.parquet' p join 'data/numbers.parquet' as q on p.i = q.i + 1 where p.i in (1, 199999) order by 1",
    ["i integer BIGINT", "x number DOUBLE"],
    [
      [1, 0],
      [199_999, 199_998 / 3],
    ],
  ),
  gives(
    "a JSON file is a table",
    "from 'data/people.json'",
    ["name string VARCHAR", "tags other VARCHAR[]"],
    [
      ["Ada", ["a", "b"]],
      ["Bo", []],
    ],
  ),
  gives(
    "files, bound names and WITH go together",
    "with big as (from 'data/penguins.csv' where \"Body Mass (g)\" > 6000) select (select count(*) from big) a, (select count(*) from people) b",
    ["a integer BIGINT", "b integer BIGINT"],
    [[2, 3]],
    () => ({ people }),
  ),
  gives(
    "a file can be described",
    "select column_name from (describe 'data/people.json')",
    ["column_name string VARCHAR"],
    [["name"], ["tags"]],
  ),
  fails(
    "a file that is not there is an error",
    "from 'data/nothing.csv'",
    "file",
    undefined,
    "nothing.csv",
  ),
  fails(
    "an error in syntax has its place",
    "select count(*) frm people",
    "syntax",
    "people",
    "syntax error",
    { people },
  ),
  fails(
    "an unknown column has its place, past what we put before it and characters of several bytes",
    "select 'é😀', wrong from people",
    "binder",
    "wrong",
    `"wrong" not found`,
    { people },
  ),
  fails(
    "an unknown column in a WITH of the person's has its place",
    "with a as (select * from people) select wrong from a",
    "binder",
    "wrong",
    `"wrong" not found`,
    { people },
  ),
  fails(
    "an unknown table has its place and the names that are known",
    "select * from nobody",
    "catalog",
    "nobody",
    "there is no table nobody; this query knows people",
    { people },
  ),
  fails(
    "an unknown function has its place",
    "select frobnicate(age) from people",
    "catalog",
    "frobnicate",
    "frobnicate does not exist",
    { people },
  ),
  fails(
    "a value of the wrong kind is a conversion error",
    "select name::INTEGER from people",
    "conversion",
    "::INTEGER",
    "Ada",
    { people },
  ),
  fails(
    "an error of the person's own keeps its text",
    "select error('stop here')",
    "other",
    undefined,
    "stop here",
  ),
  fails("nothing is refused", " -- nothing\n", "refused", " -- no", "there is no query"),
  fails(
    "a second statement is refused",
    "select 1; drop table x",
    "refused",
    "drop table x",
    "more than one statement",
  ),
  ...[
    "insert into people values (1)",
    "create table x (a int)",
    "drop table people",
    "update people set age = 1",
    "delete from people",
    "attach 'x.db'",
    "copy people to 'x.csv'",
    "set threads = 8",
    "pragma version",
    "install parquet",
    "load parquet",
    "call pragma_version()",
    "use memory",
    "explain analyze delete from people",
    "with x as (select 1) delete from people",
  ].map((sql): ContractCase => ({
    title: `${JSON.stringify(sql)} is refused`,
    run: async (client) => {
      const { code } = await failure(client.query(sql, { tables: { people } }));
      return code === "refused" || code === "syntax";
    },
    expected: true,
  })),
  {
    title: "a query that is cancelled stops at once, and the client goes on",
    run: async (client) => {
      const stop = new AbortController();
      const large = await client.query("select i from range(10) t(i)", { rowLimit: 1 });
      const long = failure(
        client.query("select sum(i * i % 7) from range(40000000000) t(i)", { signal: stop.signal }),
      );
      const meanwhile = await client.query("select 42 a");
      const started = performance.now();
      stop.abort();
      const { code } = await long;
      const after = await client.query("select count(*) a from large", { tables: { large } });
      return [code, [...meanwhile], [...after], performance.now() - started < 2500];
    },
    expected: ["cancelled", [{ a: 42 }], [{ a: 10 }], true],
  },
  {
    title: "a query that never looks up can be cancelled too, and what others ask is asked again",
    run: async (client) => {
      const stop = new AbortController();
      const small = await client.query("select i from range(10) t(i)");
      const long = failure(
        client.query(
          "select count(*) from range(3000000) a, range(3000000) b where (a.range + b.range) % 7 = 8",
          { signal: stop.signal },
        ),
      );
      setTimeout(() => stop.abort(), 200);
      const { code } = await long;
      // the engine is stopped for it, which costs others time and no more
      const meanwhile = client.query("select 42 a");
      const after = await client.query("select count(*) a from small", { tables: { small } });
      return [code, [...(await meanwhile)], [...after]];
    },
    expected: ["cancelled", [{ a: 42 }], [{ a: 10 }]],
  },
  {
    title: "a signal that is aborted already starts nothing",
    run: async (client) =>
      (await failure(client.query("select 1", { signal: AbortSignal.abort() }))).code,
    expected: "cancelled",
  },
  {
    title: "queries run at the same time give their own results",
    run: async (client) => {
      const tables = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          client.query(`select ${i} a, count(*) n from range(${i}) t`),
        ),
      );
      return tables.map((table) => Object.values(table.at(0) ?? {}));
    },
    expected: Array.from({ length: 12 }, (_, i) => [i, i]),
  },
  {
    title: "a cell's template takes values as literals and arrays as tables",
    run: async (client) => {
      const table = await runSql(client, {
        strings: ["select name, ", " v from rows where name = ", " and x = any(", ") limit ", ""],
        params: [new Date("2020-01-01"), "it's", [1, 2], 5],
        tables: {
          rows: [
            { name: "it's", x: 2 },
            { name: "it's", x: 3 },
            { name: "no", x: 1 },
          ],
        },
      });
      return shown(table);
    },
    expected: {
      columns: ["name string VARCHAR", "v timestamp TIMESTAMP"],
      rows: [["it's", "@2020-01-01T00:00:00.000Z"]],
    },
  },
  {
    title: "mix32 is the same in SQL and in JavaScript",
    run: async (client) => {
      const seeds = [0, 1, 42, 2 ** 31, 2 ** 32 - 1];
      const rows = [0, 1, 2, 344, 2 ** 31, 2 ** 32 - 1];
      const wrong: unknown[] = [];
      for (const seed of seeds) {
        const table = await client.query(
          `select r, ${mixExpression("r", seed)} h from (select unnest([${rows.join(", ")}]::BIGINT[]) r)`,
        );
        for (const { r, h } of table) if (mix32(Number(r), seed) !== h) wrong.push([seed, r, h]);
      }
      return wrong;
    },
    expected: [],
  },
  {
    title: "a development sample is the same rows everywhere",
    run: async (client) => {
      const penguins = await client.query("from 'data/penguins.csv'");
      const sql = sampleSql({
        table: "penguins",
        columns: penguins.columns,
        numRows: penguins.numRows,
        label: "Species",
        perClass: 10,
        limit: 60,
        seed: 42,
      });
      const sample = await client.query(sql, { tables: { penguins } });
      return [sample.numRows, sample[digestKey]];
    },
    expected: [60, "4b881a673b130ea2264b54f3d8dad4016c8db29d6498716db83f8d5b12e027dd"],
  },
];
