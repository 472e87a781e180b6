import { expect, test } from "vitest";
import { tableRows } from "../../app/workbook/table-rows.ts";
import { tableFromRows } from "../../data/table-from-rows.ts";
import type { Table } from "../../data/table.ts";
import { digestKey } from "../../runtime/digest.ts";

/** A table that stays in a database, which answers for it as SQL would. */
function remote(numRows: number): {
  table: Table;
  asked: string[];
  ask(sql: string): Promise<Table>;
} {
  const asked: string[] = [];
  const here = tableFromRows("t", [{ i: 0 }]);
  const table: Table = {
    [digestKey]: here[digestKey],
    name: "t",
    columns: here.columns,
    numRows,
    isLocal: false,
    column: () => [],
    at: () => undefined,
    toIPC: () => new Uint8Array(),
    [Symbol.iterator]: () => [][Symbol.iterator](),
  };
  const ask = (sql: string): Promise<Table> => {
    asked.push(sql);
    const [limit = 0, offset = 0] = Array.from(sql.matchAll(/\d+/g), Number);
    const length = Math.min(limit, numRows - offset);
    return Promise.resolve(
      tableFromRows(
        "page",
        Array.from({ length }, (_, index) => ({ i: offset + index })),
      ),
    );
  };
  return { table, asked, ask };
}

test("rows of a table that stays in the database come by pages, each asked for once", async () => {
  const { table, asked, ask } = remote(3_000_000);
  const rows = tableRows(table, ask, () => undefined);
  expect(rows.at(2_999_999)).toBeUndefined();
  await Promise.all([rows.load(2_999_990, 3_000_000), rows.load(2_999_995, 3_000_000)]);
  expect(rows.at(2_999_999)).toEqual({ i: 2_999_999 });
  expect(await rows.load(2_999_990, 3_000_000)).toBe(false);
  expect(asked).toHaveLength(1);
});

test("a window across two pages asks for both", async () => {
  const { table, ask } = remote(5000);
  const rows = tableRows(table, ask, () => undefined);
  expect(await rows.load(2040, 2056)).toBe(true);
  expect([rows.at(2040), rows.at(2055)]).toEqual([{ i: 2040 }, { i: 2055 }]);
});

test("of many windows that are passed by, the last one is asked for as soon as it can be", async () => {
  const { table, asked, ask } = remote(3_000_000);
  const rows = tableRows(table, ask, () => undefined);
  const loads = Array.from({ length: 50 }, (_, i) => rows.load(i * 50_000, i * 50_000 + 20));
  expect(await Promise.all(loads)).toEqual(loads.map((_, i) => i === 49));
  expect(asked).toHaveLength(1);
  expect(rows.at(2_450_000)).toEqual({ i: 2_450_000 });
  expect(await rows.load(0, 20)).toBe(true);
});

test("a page that cannot be had does not keep others from coming", async () => {
  const { table, ask } = remote(10_000);
  let isBroken = true;
  const rows = tableRows(
    table,
    (sql) => (isBroken ? Promise.reject(new Error("the engine is gone")) : ask(sql)),
    () => undefined,
  );
  await expect(rows.load(0, 10)).rejects.toThrow("the engine is gone");
  isBroken = false;
  expect(await rows.load(0, 10)).toBe(true);
  expect(rows.at(9)).toEqual({ i: 9 });
});

test("what rows look like is told from the whole length of what is here", async () => {
  const { table, ask } = remote(5000);
  const rows = tableRows(table, ask, () => undefined);
  expect(rows.sample()).toEqual([]);
  await rows.load(0, 10);
  await rows.load(4990, 5000);
  const seen = rows.sample().map(({ i }) => Number(i));
  expect(Math.min(...seen)).toBe(0);
  expect(seen.some((i) => i > 1500 && i < 2048)).toBe(true);
  expect(seen.some((i) => i > 4900)).toBe(true);
  const here = tableFromRows(
    "here",
    Array.from({ length: 1000 }, (_, i) => ({ i })),
  );
  const local = tableRows(here, ask, () => undefined).sample();
  expect([local.length, local[0], local.at(-1)]).toEqual([200, { i: 0 }, { i: 995 }]);
});

test("each page's own table is released once its rows are here", async () => {
  const { table, ask } = remote(1000);
  const released: string[] = [];
  await tableRows(table, ask, (page) => released.push(page.name)).load(0, 10);
  expect(released).toEqual(["page"]);
});
