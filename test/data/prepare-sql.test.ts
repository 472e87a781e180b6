import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkSql, prepareSql } from "../../data/prepare-sql.ts";

const bindings = {
  tables: new Map([["penguins", "tierbook.t1"]]),
  files: new Map([["data/it's.csv", `"file_1"."data"`]]),
};

function prepared(sql: string): string {
  return prepareSql(checkSql(sql), "tierbook.t9", bindings).text;
}

const penguins = `"penguins" as not materialized (select * from tierbook.t1)`;
const file = `"data/it's.csv" as not materialized (select * from "file_1"."data")`;

describe("prepared SQL", () => {
  test("binds names before the person's own text, which stays as it is", () => {
    expect(prepared("select *  from Penguins -- all\n where a = 'penguins'")).toBe(
      `create table tierbook.t9 as with ${penguins}, ${file} select *  from Penguins -- all\n where a = 'penguins'`,
    );
  });

  test("merges with the person's WITH", () => {
    expect(prepared("WITH a as (from penguins) from a")).toBe(
      `create table tierbook.t9 as WITH ${penguins}, ${file}, a as (from penguins) from a`,
    );
    expect(prepared("with /* x */ recursive a(i) as (select 1) from a")).toBe(
      `create table tierbook.t9 as with /* x */ recursive ${penguins}, ${file}, a(i) as (select 1) from a`,
    );
  });

  test("goes around a WITH that defines a bound name anew", () => {
    expect(prepared(`with "PENGUINS" as (from penguins) from penguins`)).toBe(
      `create table tierbook.t9 as with ${penguins}, ${file} select * from (with "PENGUINS" as (from penguins) from penguins)`,
    );
  });

  test("names files where they stand after FROM and JOIN, and nowhere else", () => {
    expect(
      prepared("select 'data/it''s.csv' from 'data/it''s.csv' f join penguins on true"),
    ).toContain(`select 'data/it''s.csv' from "data/it's.csv" f join penguins on true`);
  });

  test("puts WITH after DESCRIBE and EXPLAIN", () => {
    expect(prepared("describe penguins")).toBe(
      `create table tierbook.t9 as from (describe with ${penguins}, ${file} from penguins)`,
    );
    expect(prepared("explain (format json) select 1")).toBe(
      `explain (format json) with ${penguins}, ${file} select 1`,
    );
  });

  test("finds the place in the given SQL of every byte of its own", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          "select ",
          "with a as (select 1) select ",
          "with penguins as (from penguins) select ",
          "describe select ",
          "explain analyze select ",
        ),
        fc.string({ unit: fc.constantFrom("a", "é", "😀", " ") }),
        (start, text) => {
          const sql = `${start}'${text}', wrong from 'data/it''s.csv', penguins`;
          const { text: whole, offsetOf } = prepareSql(checkSql(sql), "tierbook.t9", bindings);
          const bytes = new TextEncoder().encode(whole.slice(0, whole.indexOf("wrong"))).length;
          expect(offsetOf(bytes)).toBe(sql.indexOf("wrong"));
        },
      ),
    );
  });
});

describe("a statement", () => {
  test("names its files once each", () => {
    expect(checkSql("from 'a.csv' join 'b.csv' using (x) join 'a.csv' using (x)").files).toEqual([
      "a.csv",
      "b.csv",
    ]);
  });

  test.each([
    ["", "there is no query"],
    ["select 1; select 2", "there is more than one statement"],
    ["drop table x", "DROP is not a query; a SQL cell reads and changes nothing"],
    ["explain drop table x", "DROP is not a query"],
    ["explain analyze insert into x values (1)", "INSERT is not a query"],
    ["explain (analyze) create table x (a int)", "CREATE is not a query"],
    ["-- select\ndelete from x", "DELETE is not a query"],
  ])("is refused when it is %j", (sql, message) => {
    expect(() => checkSql(sql)).toThrow(
      expect.objectContaining({ code: "refused", message: expect.stringContaining(message) }),
    );
  });
});
