import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { convertToDatabase, type FileDatabase } from "../../data/file-database.ts";
import { createNativeClient } from "../../data/native-client.ts";
import { sha256 } from "../../runtime/sha256.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tierbook-files-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function convert(name: string, content: string): Promise<FileDatabase> {
  await writeFile(join(folder, name), content);
  return await convertToDatabase(join(folder, name), {
    digest: sha256(content),
    directory: join(folder, "databases"),
  });
}

async function rowsOf({ location, table, numRows }: FileDatabase): Promise<unknown[]> {
  const client = createNativeClient({
    resolveFile: async (path) => ({ path, digest: sha256(location), location, table, numRows }),
    directories: [folder],
  });
  const rows = [...(await client.query("from 'file.csv'"))];
  await client.close();
  return rows;
}

describe("a file becomes a database:", () => {
  test("CSV with DuckDB's own guesses: empty is null, NA is text, whole numbers are BIGINT", async () => {
    const made = await convert("a.csv", "x,y\n1,a\n2,\n,NA\n");
    expect(made.columns.map(({ name, sqlType }) => `${name} ${sqlType}`)).toEqual([
      "x BIGINT",
      "y VARCHAR",
    ]);
    expect(made.numRows).toBe(3);
    expect(await rowsOf(made)).toEqual([
      { x: 1, y: "a" },
      { x: 2, y: null },
      { x: null, y: "NA" },
    ]);
  });

  test("TSV, NDJSON and JSON too", async () => {
    expect(await rowsOf(await convert("b.tsv", "x\ty\n1\ta,b\n"))).toEqual([{ x: 1, y: "a,b" }]);
    expect(await rowsOf(await convert("c.ndjson", '{"x":1}\n{"x":2.5}\n'))).toEqual([
      { x: 1 },
      { x: 2.5 },
    ]);
    expect(await rowsOf(await convert("d.json", '[{"x":[1],"y":{"z":"a"}}]'))).toEqual([
      { x: [1], y: { z: "a" } },
    ]);
  });

  test("what the page cannot read is stored as what it can: JSON as text, zones as UTC", async () => {
    const made = await convert("e.json", '[{"any":1,"at":"x"},{"any":"two","at":{"b":1}}]');
    expect(made.columns.map(({ sqlType }) => sqlType)).toEqual(["VARCHAR", "VARCHAR"]);
    const zoned = await convert("f.tsv", "at\tn\n2020-01-01 02:00:00+02\t1\n");
    expect(zoned.columns[0]?.sqlType).toBe("TIMESTAMP");
    expect(await rowsOf(zoned)).toEqual([{ at: new Date("2020-01-01T00:00:00Z"), n: 1 }]);
  });

  test("a single column may have commas in quotes", async () => {
    expect(await rowsOf(await convert("r.csv", '"city, country"\n"Oslo, Norway"\n'))).toEqual([
      { "city, country": "Oslo, Norway" },
    ]);
  });

  test("a header alone is a table without rows", async () => {
    expect((await convert("g.csv", "x,y\n")).numRows).toBe(0);
  });

  test("a late row of another type changes the guess", async () => {
    const made = await convert("h.csv", `x,y\n${"1,a\n".repeat(30_000)}q,b\n`);
    expect(made.columns[0]?.sqlType).toBe("VARCHAR");
    expect(made.numRows).toBe(30_001);
  });

  test("the storage is the version that every engine reads", async () => {
    const made = await convert("i.csv", "x\n1\n");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(`attach '${made.location}' as f (read_only)`);
    const read = await connection.runAndReadAll(
      "select tags from duckdb_databases() where database_name = 'f'",
    );
    expect(JSON.stringify(read.getRowsJson())).toContain("v1.0.0");
  });

  test("doing it many times at once gives one database and leaves nothing else", async () => {
    await writeFile(join(folder, "j.csv"), "x\n1\n2\n");
    const directory = join(folder, "together");
    const all = await Promise.all(
      Array.from({ length: 8 }, () =>
        convertToDatabase(join(folder, "j.csv"), { digest: "abc", directory }),
      ),
    );
    expect(new Set(all.map(({ location }) => location)).size).toBe(1);
    expect((await readdir(directory)).sort()).toEqual(["abc.csv.duckdb", "abc.csv.duckdb.json"]);
    const again = await convertToDatabase(join(folder, "j.csv"), { digest: "abc", directory });
    expect(again).toEqual(all[0]);
  });

  test.each([
    ["k.csv", "", "empty", undefined, "k.csv is empty"],
    ["l.txt", "x", "unknown-format", undefined, "it reads .csv, .tsv, .parquet"],
    ["m.csv", "x,y\n1,a\n2,b,c\n3,d\n", "malformed", 3, "line 3"],
    ["m2.csv", "a;b\n1;2\n3;4;5\n", "malformed", 3, "it has 3 fields where the first line has 2"],
    ["m3.csv", 'a,b\n1,"x\ny"\n2\n', "malformed", 4, "it has 1 field where the first line has 2"],
    ["n.csv", `x,y\n${"1,a\n".repeat(30_000)}1,b,c,d\n`, "malformed", 30_002, "line 30002"],
    ["o.json", '[{"a":1,', "malformed", undefined, "Malformed JSON"],
    ["p.ndjson", '{"a":1}\n{"a":\n', "malformed", 2, "line 2"],
    ["q.parquet", "PAR1", "malformed", undefined, "Parquet"],
  ])("%s is refused with where and why", async (name, content, code, line, message) => {
    const error = await convert(name, content).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "FileDatabaseError",
      code,
      message: expect.stringContaining(message),
    });
    expect((error as { line?: number }).line).toBe(line);
    expect((await readdir(join(folder, "databases"))).filter((file) => file.includes("-"))).toEqual(
      [],
    );
  });

  test("a file that is not there is refused", async () => {
    await expect(
      convertToDatabase(join(folder, "no.csv"), { digest: "x", directory: folder }),
    ).rejects.toMatchObject({ code: "not-found" });
  });
});
