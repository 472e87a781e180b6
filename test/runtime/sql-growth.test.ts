import { describe, expect, test } from "vitest";
import { canonicalSql, splitStatements, tableReferences, tokenizeSql } from "../../runtime/sql.ts";
import { growth } from "./growth.ts";

const limit = 12; // of a text four times as long: linear is 4, quadratic 16

const pieces =
  "+|-+|<->|*/**/|a\u00a0|'|''|\\|E'\\'|\"|$a|$|1_|1.|(|[|((select 1)|from ((|a:|a.|a,|/*|*/|/**/|--\n|select 1;|create table t as select 1;|with a as (|trim(from ".split(
    "|",
  );

describe("reading a long SQL text", () => {
  test.each(pieces)("%j again and again takes time in proportion to the length", (piece) => {
    const read = (sql: string) => [tokenizeSql(sql), canonicalSql(sql), splitStatements(sql)];
    expect(growth(read, piece, limit)).toBeLessThan(limit);
    expect(growth(tableReferences, piece, limit)).toBeLessThan(limit);
  });

  test.each([
    ["common tables", (names: string[]) => `with ${names.map(query).join(", ")} from t0`],
    [
      "recursive common tables",
      (names: string[]) => `with recursive ${names.map(query).join(", ")} from t0`,
    ],
    [
      "tables that the script creates",
      (names: string[]) => names.map((name) => `create table ${name} as from u`).join(";"),
    ],
  ])("many %s take time in proportion to their number", (_, sqlOf) => {
    const read = (text: string) => tableReferences(sqlOf(namesOf(text)));
    expect(growth(read, "x", limit)).toBeLessThan(limit);
  });

  test("every statement of a long script sees the tables made before it, and no other", () => {
    const names = Array.from({ length: 5000 }, (_, i) => `t${i}`);
    const script = names.map(
      (name, i) => `create table ${name} as from ${names[i - 1] ?? "u"}, t${i + 1}`,
    );
    expect(tableReferences(script.join(";")).map(({ name }) => name)).toEqual([
      "u",
      ...names.map((_, i) => `t${i + 1}`),
    ]);
  });

  test("brackets may be nested deeper than any stack: what stands very deep is not looked at", () => {
    for (const open of ["(", "from (", "with a as (", "trim(from ", "select [", "a:"])
      expect(tableReferences(`from t, ${open.repeat(100_000)} a`)[0]?.name).toBe("t");
    const nested = (depth: number) =>
      `from ${"(".repeat(depth)}select * from t${")".repeat(depth)}, u`;
    expect(tableReferences(nested(400)).map(({ name }) => name)).toEqual(["t", "u"]);
    expect(tableReferences(nested(50_000)).map(({ name }) => name)).toEqual(["u"]);
  });
});

/** A thousand names for every 12,000 characters. */
function namesOf(text: string): string[] {
  return Array.from({ length: text.length / 12 }, (_, i) => `t${i}`);
}

function query(name: string): string {
  return `${name} as (from ${name}_source)`;
}
