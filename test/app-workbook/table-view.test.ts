// @vitest-environment jsdom
import { beforeAll, expect, test } from "vitest";
import { tableRows } from "../../app/workbook/table-rows.ts";
import { tableView } from "../../app/workbook/table-view.ts";
import { columnOf, lineageFrom, RemoteTable, tableFromRows, type Table } from "../../data/index.ts";

beforeAll(() => {
  globalThis.ResizeObserver = class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
});

const columns = [columnOf("rate", "DOUBLE"), columnOf("name", "VARCHAR")];
const lineage = lineageFrom("from t", { engine: "v1.5.6", tables: {}, files: {} });
const large = new RemoteTable("features", columns, 3_000_000, lineage);

function cells(view: HTMLElement): string[] {
  return Array.from(view.querySelectorAll("td:not(.gap)"), ({ textContent }) => textContent);
}

/** A view of a large table whose first page comes when it is let. */
function viewOf(rows: readonly Readonly<Record<string, unknown>>[]) {
  let come: (page: Table) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const page = new Promise<Table>((resolve, reject) => ([come, fail] = [resolve, reject]));
  const view = tableView(
    large,
    tableRows(
      large,
      () => page,
      () => undefined,
    ),
  );
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return {
    view,
    arrive: async () => {
      come(tableFromRows("page", rows));
      await settled();
    },
    break: async () => {
      fail(new Error("DuckDB was stopped"));
      await settled();
    },
  };
}

test("numbers of a table in the database are written as their first rows need it", async () => {
  const { view, arrive } = viewOf([
    { rate: 0.2, name: "ATL" },
    { rate: 1, name: "a much longer name than the column's own" },
    { rate: 0.125, name: "ORD" },
  ]);
  expect(cells(view).slice(0, 2)).toEqual(["…", "…"]);
  const narrow = view.querySelector("th:last-of-type")?.getAttribute("style");
  await arrive();
  expect(cells(view).slice(0, 6)).toEqual([
    "0.200",
    "ATL",
    "1.000",
    "a much longer name than the column's own",
    "0.125",
    "ORD",
  ]);
  expect(view.querySelector("th:last-of-type")?.getAttribute("style")).not.toBe(narrow);
});

test("a table in the database says how many rows it has and that they are kept there", () => {
  const { view } = viewOf([]);
  expect(view.querySelector("figcaption")?.textContent).toBe(
    "features: 3,000,000 rows × 2 columns, kept in the database",
  );
  expect(view.querySelector("table")?.getAttribute("aria-rowcount")).toBe("3000001");
});

test("a table that the database cannot give says why", async () => {
  const { view, break: stop } = viewOf([]);
  await stop();
  expect(view.querySelector("figcaption")?.textContent).toContain("DuckDB was stopped");
});

test("numbers of a table that is here are written alike from the start", () => {
  const table = tableFromRows("here", [{ x: 1 }, { x: 2.25 }]);
  const view = tableView(
    table,
    tableRows(
      table,
      () => Promise.reject(new Error("not asked")),
      () => undefined,
    ),
  );
  expect(cells(view)).toEqual(["1.00", "2.25"]);
});
