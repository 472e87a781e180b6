import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createNativeClient } from "../../data/native-client.ts";
import { joinTemplate, placeInTemplate, runSql } from "../../data/run-sql.ts";

const client = createNativeClient({ resolveFile: () => Promise.reject(new Error("no files")) });
afterAll(() => client.close());

describe("a SQL cell", () => {
  test("says what a name is when it is no table", async () => {
    const run = (rows: unknown) =>
      runSql(client, { strings: ["from rows"], params: [], tables: { rows } });
    await expect(run(5)).rejects.toThrow(
      "the query reads rows, which is a number; it must be a table or an array of objects",
    );
    await expect(run(undefined)).rejects.toThrow("which is undefined");
    await expect(run(Promise.resolve([]))).rejects.toThrow("which is a promise");
    await expect(run(new Date())).rejects.toThrow("which is a Date");
    await expect(run("text")).rejects.toThrow("which is a string");
    await expect(run([])).rejects.toThrow("rows has no rows, so its columns are unknown");
  });

  test("reads any iterable of objects", async () => {
    const rows = new Set([{ a: 1 }, { a: 2 }]);
    const table = await runSql(client, {
      strings: ["select sum(a)::INTEGER s from rows"],
      params: [],
      tables: { rows },
    });
    expect([...table]).toEqual([{ s: 3 }]);
  });

  test("keeps a value from becoming SQL", async () => {
    const table = await runSql(client, {
      strings: ["select ", " v"],
      params: ["'; drop table x; --"],
    });
    expect([...table]).toEqual([{ v: "'; drop table x; --" }]);
  });

  test("finds the place of an error in its template", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), fc.oneof(fc.integer(), fc.string()))),
        fc.string({ minLength: 1 }),
        fc.nat(),
        (parts, last, choice) => {
          const strings = [...parts.map(([text]) => text), last];
          const params = parts.map(([, value]) => value);
          const part = strings.findLastIndex(
            (text, i) => text.length > 0 && i <= choice % strings.length,
          );
          fc.pre(part >= 0);
          const before = joinTemplate({
            strings: [...strings.slice(0, part), ""],
            params: params.slice(0, part),
          });
          const found = placeInTemplate({ strings, params }, before.length + 1);
          expect(found).toEqual({ part, offset: 1 });
        },
      ),
    );
  });
});
