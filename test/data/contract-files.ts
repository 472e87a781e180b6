import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { convertToDatabase } from "../../data/file-database.ts";
import type { FileTable } from "../../data/query-client.ts";
import { contractFiles } from "./query-contract.ts";

/** Makes the files that the contract names in a folder, and turns them into databases. */
export async function makeContractFiles(folder: string): Promise<FileTable[]> {
  await mkdir(join(folder, "data"), { recursive: true });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const vega = fileURLToPath(new URL("../../node_modules/vega-datasets", import.meta.url));
  await connection.run(
    `copy (from read_json('${vega}/data/penguins.json')) to '${folder}/data/penguins.csv'`,
  );
  await connection.run(
    `copy (select i, i / 3 as x from range(200000) t(i)) to '${folder}/data/numbers.parquet'`,
  );
  await connection.run(
    `copy (select * exclude file_row_number from read_parquet('${vega}/data/flights-3m.parquet', file_row_number = true) ` +
      `where file_row_number % 15 = 0) to '${folder}/data/flights.parquet'`,
  );
  instance.closeSync();
  await writeFile(
    join(folder, "data/people.json"),
    JSON.stringify([
      { name: "Ada", tags: ["a", "b"] },
      { name: "Bo", tags: [] },
    ]),
  );
  return await Promise.all(contractFiles.map((path) => fileTable(folder, path)));
}

async function fileTable(folder: string, path: string): Promise<FileTable> {
  const digest = createHash("sha256")
    .update(await readFile(join(folder, path)))
    .digest("hex");
  const { location, table, numRows } = await convertToDatabase(join(folder, path), {
    digest,
    directory: join(folder, "databases"),
  });
  return { path, digest, location, table, numRows };
}
