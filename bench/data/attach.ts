import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertToDatabase } from "../../data/file-database.ts";
import { openModulePage } from "../../test/harness/module-page.ts";
import type { AttachPage } from "./attach-page.ts";
import { serveBytes, type Line } from "./byte-server.ts";

declare const attachPage: AttachPage;

const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const rounds = 3;

/*
 * The file of three million flights in Chromium, with our client: attached by ranges, beside the same
 * file from a server that knows no ranges, which is read whole. The time is from naming the file to
 * the first result, on an engine that has started.
 */

const queries = [
  { name: "first rows", sql: "from 'flights.parquet' limit 100" },
  {
    name: "one column",
    sql: "select count(*) n, avg(delay) late from 'flights.parquet' where delay > 15",
  },
  {
    name: "all columns",
    sql: "select origin, destination, count(*) n, avg(delay) late, max(distance) far, max(date) latest from 'flights.parquet' group by all order by n desc limit 100",
  },
] as const;

const lines: readonly (Line & { readonly name: string })[] = [
  { name: "the same machine", bytesPerSecond: Infinity, latency: 0 },
  { name: "100 Mbit/s, 10 ms", bytesPerSecond: 12.5e6, latency: 10 },
];

/** Prints time and bytes until the first result, by ranges and whole, and their ratios. */
export async function benchAttach(print: (line: string) => void = console.log): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tierbook-bench-"));
  const flights = join(modules, "vega-datasets/data/flights-3m.parquet");
  const database = await convertToDatabase(flights, { digest: "flights", directory: folder });
  const server = await serveBytes(await readFile(database.location));
  const module = await openModulePage("bench/data/attach-page.ts", (path) =>
    path.startsWith("/duckdb/")
      ? readFile(join(modules, "@duckdb/duckdb-wasm/dist", basename(path)))
      : undefined,
  );
  const measure = async (way: "ranges" | "whole", sql: string): Promise<Measured> => {
    server.reset();
    const { origin, page } = module;
    const file = { location: `${server.origin}/${way}`, numRows: database.numRows };
    const asked = [origin, file, sql] as const;
    const milliseconds = await page.evaluate(([...all]) => attachPage.firstResult(...all), asked);
    return { milliseconds, bytes: server.bytes(), requests: server.requests() };
  };
  try {
    print(`flights-3m as a database of ${megabytes(server.size)}; median of ${rounds}`);
    for (const line of lines) {
      server.use(line);
      print(`  ${line.name}`);
      for (const { name, sql } of queries) print(await compared(name, sql, measure));
    }
  } finally {
    await module.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly milliseconds: number;
  readonly bytes: number;
  readonly requests: number;
}

async function compared(
  name: string,
  sql: string,
  measure: (way: "ranges" | "whole", sql: string) => Promise<Measured>,
): Promise<string> {
  const found: Record<"ranges" | "whole", Measured[]> = { ranges: [], whole: [] };
  for (let round = 0; round < rounds; round++)
    for (const way of ["ranges", "whole"] as const) found[way].push(await measure(way, sql));
  const [ranges, whole] = [median(found.ranges), median(found.whole)];
  const time = whole.milliseconds / ranges.milliseconds;
  return (
    `    ${name.padEnd(12)} ranges ${shown(ranges)}; whole ${shown(whole)}; ` +
    `whole is ×${time.toFixed(1)} in time, ×${(whole.bytes / ranges.bytes).toFixed(1)} in bytes`
  );
}

function median(all: readonly Measured[]): Measured {
  const sorted = all.toSorted((a, b) => a.milliseconds - b.milliseconds);
  return sorted[sorted.length >> 1] ?? { milliseconds: NaN, bytes: NaN, requests: NaN };
}

function shown({ milliseconds, bytes, requests }: Measured): string {
  return `${milliseconds.toFixed(0)} ms, ${megabytes(bytes)} in ${requests} requests`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
