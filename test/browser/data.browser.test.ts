import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../harness/chromium.ts";
import { openAs } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;

const sql = (id: number, text: string, more = ""): string =>
  `  <script id="${id}" type="application/sql" pinned=""${more}>${text}</script>\n`;
const js = (id: number, text: string): string =>
  `  <script id="${id}" type="module" pinned="">${text}</script>\n`;

const workbook = `<!doctype html>
<notebook>
  <title>Data</title>
${sql(1, "from 'data/numbers.parquet' where n % 2 = 0", ' output="evens"')}\
${sql(2, "select count(*)::int * 3 as tripled from evens e join rows r on r.n = e.n", ' output="joined"')}\
${js(3, "const rows = [{n: 2}, {n: 3}, {n: 4}];")}\
${js(4, "const most = 900;")}\
${sql(5, "select max(n)::int + 7 as top from evens where n between 0 and ${most}")}\
${js(6, 'Array.from(evens, (d) => d.n).length + "/" + evens.numRows')}\
${sql(7, "select nothing from evens")}\
${sql(8, "copy evens to 'data/stolen.csv'")}\
</notebook>
`;

beforeAll(async () => {
  browser = await launchChromium();
  const workspace = await makeWorkspace({ "data.html": workbook });
  await mkdir(join(workspace, "data"), { recursive: true });
  const duckdb = await DuckDBInstance.create();
  const connection = await duckdb.connect();
  await connection.run(
    `copy (select range as n, 'row ' || range as label from range(1000)) to '${join(workspace, "data/numbers.parquet")}' (format parquet)`,
  );
  connection.closeSync();
  duckdb.closeSync();
  tierbook = await startTierbook(workspace);
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});

test("SQL names Parquet files, other cells' tables and JavaScript's rows, and takes values as values", async () => {
  const person = await openAs(browser, tierbook, "data.html");
  try {
    await person.cell(1).getByText("row 2", { exact: true }).first().waitFor();
    await person
      .cell(2)
      .getByRole("gridcell", { name: "6" })
      .or(person.cell(2).getByRole("cell", { name: "6" }))
      .first()
      .waitFor();
    await person.cell(5).getByText("907", { exact: true }).first().waitFor();
    await person.cell(6).getByText("500/500").first().waitFor();
    await person
      .cell(7)
      .getByText(/nothing/)
      .nth(1)
      .waitFor();
    await person.cell(7).getByRole("button", { name: "line 1" }).waitFor();
    await person
      .cell(8)
      .getByText(/SELECT/)
      .first()
      .waitFor();
    expect(person.faults.errors).toEqual([]);
  } finally {
    await person.leave();
  }
});
