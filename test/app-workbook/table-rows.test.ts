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
  const { table, ask } = remote(1000);
  const rows = tableRows(table, ask, () => undefined);
  await rows.load(250, 260);
  expect([rows.at(250), rows.at(259)]).toEqual([{ i: 250 }, { i: 259 }]);
});

test("each page's own table is released once its rows are here", async () => {
  const { table, ask } = remote(1000);
  const released: string[] = [];
  await tableRows(table, ask, (page) => released.push(page.name)).load(0, 10);
  expect(released).toEqual(["page"]);
});
