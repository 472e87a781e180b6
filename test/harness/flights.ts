import { cp, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** All of the flights, as `vega-datasets` ships them. */
export const allFlights = join(root, "node_modules/vega-datasets/data/flights-3m.parquet");

/**
 * Writes a cut of the flights, spread evenly over the half year: 200,000 rows with a step of 15.
 *
 * @param step of every so many flights one is taken
 */
export async function writeFlights(path: string, step = 15): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  try {
    const connection = await instance.connect();
    await connection.run(
      `copy (select date, delay, distance, origin, destination
         from read_parquet('${allFlights}', file_row_number = true)
         where file_row_number % ${step} = 0 order by file_row_number)
       to '${path}' (format parquet)`,
    );
  } finally {
    instance.closeSync();
  }
}

/** Makes a workspace with the flights workbook and a cut of its data under the data's own name. */
export async function makeFlightsWorkspace(step = 15): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), "tierbook-flights-"));
  await mkdir(join(workspace, "data"));
  await cp(join(root, "workbooks/flights.html"), join(workspace, "flights.html"));
  await writeFlights(join(workspace, "data/flights-3m.parquet"), step);
  return workspace;
}
