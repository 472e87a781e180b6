import { expect, test } from "vitest";
import { canBeView } from "../../data/can-be-view.ts";
import { significantTokens } from "../../runtime/sql.ts";

test.each([
  "select a, b from t where a > 1 order by b",
  "from t",
  "with r as (select 1) select * from r join t using (now)",
  `select "random"('now()') from t -- random()`,
  "select today, random, uuid from t",
  "values (1)",
])("a view can stand for %s", (sql) => {
  expect(canBeView(significantTokens(sql))).toBe(true);
});

test.each([
  "select random() from t",
  "select a from (select a, UUID () u from t)",
  "select now() - at from t",
  "select CURRENT_TIMESTAMP from t",
  "from t using sample 10%",
  "from t tablesample reservoir(5)",
  "pivot t on a using sum(b)",
  "from t unpivot (x for y in (a, b))",
  "with p as (pivot t on a) from p",
  "describe t",
  "Summarize t",
  "show t",
  "explain from t",
])("no view can stand for %s", (sql) => {
  expect(canBeView(significantTokens(sql))).toBe(false);
});
