import { DuckDBInstance } from "@duckdb/node-api";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalSql,
  significantTokens,
  splitStatements,
  tableReferences,
  tokenizeSql,
} from "../../runtime/sql.ts";

const pieces = fc.constantFrom(
  ...`select from FROM join t e E x U& $$ $a$ $1 ? ' "`.split(" "),
  ..."''|\\|--|/*|*/|\n|\r\n|\t| |\u00a0|1|1_000|0x1F|1.5e-3|.|..|::|:|;|,|(|)|[|]|<-|->|->>|@-|é|😀".split(
    "|",
  ),
);
const scraps = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(""));
const anySql = fc.oneof(scraps, fc.string({ unit: "binary" }));

const texts = (sql: string) => significantTokens(sql).map(({ kind, text }) => [kind, text]);
const tables = (sql: string) => tableReferences(sql).map(({ name }) => name);

describe("tokenizeSql", () => {
  test("the texts of the tokens are the input, whatever it is", () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        const tokens = tokenizeSql(sql);
        expect(tokens.map((token) => token.text).join("")).toBe(sql);
        for (const { start, end, text } of tokens) expect(sql.slice(start, end)).toBe(text);
        expect(tokens.every(({ text }) => text.length > 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["'it''s'", [["string", "'it''s'"]]],
    [
      String.raw`E'it\'s' e'\\'`,
      [
        ["string", String.raw`E'it\'s'`],
        ["string", String.raw`e'\\'`],
      ],
    ],
    [
      "'a\\' b",
      [
        ["string", "'a\\'"],
        ["word", "b"],
      ],
    ],
    [
      "$$a'b$$ $x$ $$ $x$",
      [
        ["string", "$$a'b$$"],
        ["string", "$x$ $$ $x$"],
      ],
    ],
    [
      '"a ""b""" c',
      [
        ["quoted", '"a ""b"""'],
        ["word", "c"],
      ],
    ],
    [
      "a/* /* */ b */c",
      [
        ["word", "a"],
        ["word", "c"],
      ],
    ],
    [
      "a--b\nc",
      [
        ["word", "a"],
        ["word", "c"],
      ],
    ],
    [
      "a<-1",
      [
        ["word", "a"],
        ["operator", "<"],
        ["operator", "-"],
        ["number", "1"],
      ],
    ],
    [
      "a->>'b'",
      [
        ["word", "a"],
        ["operator", "->>"],
        ["string", "'b'"],
      ],
    ],
    [
      "1_000 0x1F 1.5e-3 .5",
      [
        ["number", "1_000"],
        ["number", "0x1F"],
        ["number", "1.5e-3"],
        ["number", ".5"],
      ],
    ],
    [
      "$1 $name ? x::int",
      [
        ["parameter", "$1"],
        ["parameter", "$name"],
        ["parameter", "?"],
        ["word", "x"],
        ["operator", "::"],
        ["word", "int"],
      ],
    ],
  ])("%s is cut as DuckDB cuts it", (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });
});

describe("canonicalSql", () => {
  test("comments and white space do not count", () => {
    expect(canonicalSql("select a -- x\n from /* y */ t")).toBe(canonicalSql("select a from t"));
    expect(canonicalSql("select a")).not.toBe(canonicalSql("select A"));
    expect(canonicalSql("select 'a  b'")).not.toBe(canonicalSql("select 'a b'"));
  });

  test("it keeps every token, so two different queries never share one form", () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        expect(texts(canonicalSql(sql))).toEqual(texts(sql));
        expect(canonicalSql(canonicalSql(sql))).toBe(canonicalSql(sql));
      }),
      { numRuns: 2000 },
    );
  });

  test("literals that a line break joins differ from a literal with an alias", () => {
    expect(canonicalSql("select 'a'\n'b'")).not.toBe(canonicalSql("select 'a' 'b'"));
  });
});

describe("splitStatements", () => {
  test("semicolons in literals, names and comments do not end a statement", () => {
    const sql = "select ';'; -- a;b\n select \";\" /* ; */; ; select $$;$$ ";
    expect(splitStatements(sql).map(({ text }) => text)).toEqual([
      "select ';'",
      'select ";"',
      "select $$;$$",
    ]);
    for (const { text, start, end } of splitStatements(sql))
      expect(sql.slice(start, end)).toBe(text);
  });
});

describe("tableReferences", () => {
  test.each([
    ["select * from penguins", ["penguins"]],
    ["from penguins", ["penguins"]],
    ["from penguins select species where body_mass > 1", ["penguins"]],
    ["select * from a, b as c, d where x in (select y from e)", ["a", "b", "d", "e"]],
    ["select * from a left join b using (id) asof join c on a.t >= c.t, d", ["a", "b", "c", "d"]],
    ["select * from (a join b using (id)) join (select * from c) x on true", ["a", "b", "c"]],
    ["select * from ((a join b on true) join c on true)", ["a", "b", "c"]],
    ["select * from ((select * from a) union (select * from b)) x, c", ["a", "b", "c"]],
    ["select * from ((select * from a) x join b on true)", ["a", "b"]],
    ["select * from range(10) r, unnest([1, 2]) u, b", ["b"]],
    ["select * from main.penguins, memory.main.x, y", ["y"]],
    ['select * from "odd ""name""", T', ['odd "name"', "T"]],
    ["select * from p: penguins join q: range(3) on true", ["penguins"]],
    ["select extract(year from d), trim(both from x), trim(from y) from t", ["t"]],
    ["select substring(x from 2 for 3) from t where a is not distinct from b", ["t"]],
    ["select substring((select max(a) from u) from 2)", ["u"]],
    ["select * from t where a is distinct from b", ["t"]],
    ["select * from t where exists (from u)", ["t", "u"]],
    ["select t.from, t.join from t", ["t"]],
    ["select a from t union all by name from u order by x, y", ["t", "u"]],
    ["select a from t order by (select max(x) from u), z limit 3", ["t", "u"]],
    ["select a, row_number() over (partition by b order by c) from t", ["t"]],
    ["select * exclude (a) from t", ["t"]],
    ["select ts at time zone 'UTC', x::timestamp with time zone from t", ["t"]],
    ["pivot sales on year using sum(amount)", ["sales"]],
    ["from (pivot sales on year using sum(amount))", ["sales"]],
    ["select * from t pivot (sum(x) for y in (1, 2)), u", ["t", "u"]],
    ["summarize t; describe select * from u", ["t", "u"]],
    ["create or replace temp table x as from t; select * from x, y", ["t", "y"]],
    ["insert into t from u", ["u"]],
    ["delete from t using u where t.id = u.id", ["t", "u"]],
    ["select 'from a' -- from b\n /* from c */ from d", ["d"]],
    ["select * from t tablesample 10%, u", ["t", "u"]],
    ["select * from $1, ?, t", ["t"]],
    ["select * from", []],
    ["select * from (", []],
    ["select 1", []],
    ["", []],
  ])("%s", (sql, expected) => {
    expect(tables(sql)).toEqual(expected);
  });

  test.each([
    ["with a as (select * from t) select * from a, b", ["t", "b"]],
    ["with a as (from t), b as (from a join u on true) from b", ["t", "u"]],
    ["with A(x, y) as materialized (select 1, 2) select * from a", []],
    ["with t as (select * from t) select * from t", ["t"]],
    ["with recursive t as (select 1 union all select n + 1 from t) from t", []],
    ["with recursive t(a) using key (a) as (from u union from t) from t", ["u"]],
    ["select * from (with a as (from t) from a) x, a", ["t", "a"]],
    ["select (with a as (from t) select max(x) from a), y from a", ["t", "a"]],
    ["with a as (from t) select * from b where x in (select y from a)", ["t", "b"]],
    ["with a as (from t) from a; from a", ["t", "a"]],
  ])("names that WITH gives are not tables where they are in scope: %s", (sql, expected) => {
    expect(tables(sql)).toEqual(expected);
  });

  test("DuckDB's own answer is the same, where it gives one without the tables", async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const queries = [
      "select * from a, b as c, d where x in (select y from e)",
      "select * from ((select * from a) union (select * from b)) x, c",
      "select extract(year from d), trim(both from x), trim(from y) from t",
      "select substring((select max(a) from u) from 2)",
      "select a from t order by (select max(x) from u), z limit 3",
      "with t as (select * from t) select * from t",
      "with a as (from t), b as (from a join u on true) from b",
      "select * from (with a as (from t) from a) x, a",
      "select * from t pivot (sum(x) for y in (1, 2)), u",
      "from a positional join b",
      "select (select count(*) from t), x from u, lateral (select * from w where w.a = u.a) z",
      "select struct_pack(a := (select 1 from t)), {'a': (from u)}, [x for x in (select l from w)]",
      "select * from p: penguins join q: range(3) on true",
      "select * from values (1) t(a), u",
      "copy (from t) to 'x.csv'",
      "values (1), ((select max(x) from t))",
    ];
    for (const sql of queries) {
      const answer = [...connection.getTableNames(sql, false)];
      expect(answer.length, sql).toBeGreaterThan(0);
      expect([...new Set(tables(sql))].sort(), sql).toEqual(answer.sort());
    }
  });

  test("a literal after FROM or JOIN is a file", () => {
    const sql = "select * from 'data/it''s.csv' join b on x = 'no.csv'";
    expect(tableReferences(sql)).toEqual([
      { name: "data/it's.csv", kind: "file", start: 14, end: 30 },
      { name: "b", kind: "table", start: 36, end: 37 },
    ]);
  });

  test("places are those of the names in the text", () => {
    fc.assert(
      fc.property(anySql, (sql) => {
        for (const { kind, start, end } of tableReferences(sql)) {
          const text = sql.slice(start, end);
          expect(tokenizeSql(text)).toHaveLength(1);
          if (kind === "file") expect(text.startsWith("'")).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
