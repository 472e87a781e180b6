import { afterEach, beforeEach, expect, test } from "vitest";
import { digestKey } from "../../runtime/digest.ts";
import { RowDatabase } from "../../server/row-database.ts";
import { runStatements, dataTable } from "../../server/run-statements.ts";
import { scannedDigest } from "../../server/table-scan-digest.ts";
import { openWorkspace, type Workspace } from "../../server/workspace.ts";
import { RunDirectory } from "../../server/run-directory.ts";
import { temporaryFolder } from "./fixtures.ts";
import { lineageOf, rowsInMemory } from "./lineage-runs.ts";

let workspace: Workspace;
let remove: () => Promise<void>;

beforeEach(async () => {
  const folder = await temporaryFolder();
  remove = folder.remove;
  workspace = await openWorkspace(folder.path);
});
afterEach(() => remove());

const limits = { memoryBytes: 500e6, seconds: 60, diskBytes: 1e9 };

async function bothDigests(sql: string): Promise<{ scanned: string; inMemory: string }> {
  const directory = new RunDirectory(`${workspace.state}/runs/test`);
  await directory.discardMadeRows();
  const database = await RowDatabase.open(directory, [], limits);
  try {
    await runStatements(database, await lineageOf(workspace, { data: sql }));
    const columns = await database.columns(dataTable);
    const [[numRows] = []] = await database.rows(`select count(*)::DOUBLE from ${dataTable}`);
    return {
      scanned: await scannedDigest(database, dataTable, columns, Number(numRows)),
      inMemory: (await rowsInMemory(workspace, { data: sql }))[digestKey],
    };
  } finally {
    database.close();
  }
}

/** Rows enough for several vectors, blocks and a byte of validity that is not full. */
const many = "range(0, 40003) t(i)";

test.each([
  ["doubles", `select i / 7 as x from ${many}`],
  ["numbers with gaps", `select case when i % 3 = 0 then null else i * 1.5 end as x from ${many}`],
  [
    "NaN, infinities and both zeros",
    "select unnest(['NaN'::DOUBLE, 'inf', '-inf', 0.0, -0.0, null, -('NaN'::DOUBLE)]) as x",
  ],
  ["single floats", `select (i / 3)::FLOAT as x from ${many}`],
  [
    "decimals and huge integers",
    `select (i / 8)::DECIMAL(12, 3) as a, i::HUGEINT * 1e15::HUGEINT as b from ${many}`,
  ],
  [
    "small integers",
    `select (i % 100)::TINYINT as a, i::INTEGER as b, i::USMALLINT as c from ${many.replace("40003", "30003")}`,
  ],
  [
    "integers past what a double holds",
    `select case when i % 5 = 0 then null else 9007199254740990 + i end as a, (18446744073709551615 - i)::UBIGINT as b, -9007199254740990 - i as c from ${many}`,
  ],
  ["truth values", `select case i % 3 when 0 then true when 1 then false end as x from ${many}`],
  [
    "texts",
    `select case when i % 7 = 0 then null else 'Zürich 🚲 ' || i || repeat('x', (i % 20)::INTEGER) end as x, '' as y from ${many}`,
  ],
  [
    "categories, ids and times of day",
    `select (case when i % 2 = 0 then 'a' else 'b🎉' end)::ENUM('a', 'b🎉') as e, time '12:00' + interval (i) second as t, ('00000000-0000-0000-0000-' || lpad(i::VARCHAR, 12, '0'))::UUID as u from ${many}`,
  ],
  [
    "dates",
    `select date '1960-01-01' + i::INTEGER as d, case when i = 5 then 'infinity'::DATE when i = 6 then null else '-infinity'::DATE end as e from ${many}`,
  ],
  [
    "timestamps",
    `select timestamp '1969-12-31 23:59:59.999999' + interval (i) microsecond as a, (timestamp '2001-01-01' + interval (i) hour)::TIMESTAMP_S as b, timestamptz '2001-01-01 00:00:00+02' as c from ${many}`,
  ],
  [
    "nested values",
    `select [i, null, 9007199254740993] as l, {'a': i / 3, 'b': ['x', null], 'c': date '2001-01-01'} as s, map {'k': i} as m, case when i % 2 = 0 then null else 'ab'::BLOB end as o from ${many.replace("40003", "17003")}`,
  ],
  ["no rows", "select 1 as a, 'x' as b where false"],
  [
    "columns called row, value and rowid",
    `select i as row, 'v' as value, 9007199254740993 + i as rowid, i as data from ${many}`,
  ],
])("a table of %s has the digest in the database that it has in memory", async (_, sql) => {
  const { scanned, inMemory } = await bothDigests(sql);
  expect(scanned).toBe(inMemory);
});

test("a table that differs in one late value has another digest", async () => {
  const sql = (last: string): string =>
    `select case when i = 40002 then ${last} else i end as x from ${many}`;
  expect((await bothDigests(sql("1"))).scanned).not.toBe((await bothDigests(sql("2"))).scanned);
});
