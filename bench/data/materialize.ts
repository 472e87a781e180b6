import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { commonSettings } from "../../data/database.ts";
import { engineVersion, lineageDigest, lineageFrom, quoteText } from "../../data/index.ts";
import type { Lineage } from "../../data/lineage.ts";
import { checkSql, prepareSql } from "../../data/prepare-sql.ts";
import { EpochOrder } from "../../engines/epoch-order.ts";
import type { Plan } from "../../engines/plan.ts";
import { runKey, type RunRequest } from "../../engines/run.ts";
import { windowRows, type TrainingData } from "../../engines/training-data.ts";
import { parseNotebook } from "../../runtime/index.ts";
import { tableReferences } from "../../runtime/sql.ts";
import { databaseFile, databaseName, lineageFiles } from "../../server/lineage-files.ts";
import type { MadeRows } from "../../server/made-rows.ts";
import { materializeInProcess } from "../../server/materialize-process.ts";
import { RowStore } from "../../server/row-store.ts";
import type { RunDirectory } from "../../server/run-directory.ts";
import { openWorkspace } from "../../server/workspace.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/*
 * The rows of the flights workbook's full run, all three million: made by the locked process, beside
 * the bare client that runs the same statements with the same settings; digested and encoded; and
 * read by an engine that trains nothing, in the order of an epoch. Wants `npm run build` for the
 * process.
 */

/** Prints what making, digesting, encoding and reading the flights takes. */
export async function benchMaterialize(print: (line: string) => void = console.log): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tierbook-bench-"));
  try {
    const { directory, lineage, plan } = await makeRun(folder);
    const bare = await bareSeconds(directory, lineage);
    const began = performance.now();
    const signal = new AbortController().signal;
    const made = await materializeInProcess(directory, lineage, { signal });
    if (made === undefined) return;
    const wall = (performance.now() - began) / 1000;
    print(`rows ${made.numRows.toLocaleString("en")} × ${made.columns.length} columns`);
    print(`  bare client, same statements and settings  ${seconds(bare)}`);
    for (const [step, took] of Object.entries(made.seconds))
      print(`  ${step.padEnd(42)} ${seconds(took)}`);
    print(`  the process as a whole                     ${seconds(wall)}`);
    print(`  its most memory                            ${megabytes(made.memoryBytes)}`);
    await benchReading(directory, made, plan, print);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Batches a second that an engine gets which trains nothing. */
async function benchReading(
  directory: RunDirectory,
  made: MadeRows,
  plan: Plan,
  print: (line: string) => void,
): Promise<void> {
  const store = await RowStore.open(made, directory.madeRows);
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const batches = await readEpoch(store, plan);
  const took = (performance.now() - began) / 1000;
  await store.close();
  print(
    `  an epoch of ${store.training.numRows.toLocaleString("en")} rows, batches of ${plan.batch}: ` +
      `${Math.round(batches / took).toLocaleString("en")} batches/s, ` +
      `${((store.training.numRows * store.width * 4) / took / 1e6).toFixed(0)} MB/s, ` +
      `${megabytes(process.memoryUsage().rss - before)} more memory`,
  );
}

/** Reads the training rows as an engine does: window by window, each batch gathered in order. */
async function readEpoch({ training, width }: TrainingData, plan: Plan): Promise<number> {
  const { seed, batch } = plan;
  const epoch = new EpochOrder({ seed, epoch: 0, numRows: training.numRows, batch, windowRows });
  const x = new Float32Array(batch * width);
  let batches = 0;
  for (let index = 0; index < epoch.windows; index++) {
    const window = epoch.window(index);
    const rows = new Float32Array(window.numRows * width);
    let at = 0;
    for (const { start, end } of window.ranges) {
      rows.set((await training.read(start, end - start)).x, at);
      at += (end - start) * width;
    }
    for (let first = 0; first < window.numRows; first += batch, batches++)
      window.order.subarray(first, first + batch).forEach((row, i) => {
        x.set(rows.subarray(row * width, (row + 1) * width), i * width);
      });
  }
  return batches;
}

/** The statements by DuckDB alone: no lock, no checks, the results in a file all the same. */
async function bareSeconds(directory: RunDirectory, { statements }: Lineage): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    for (const setting of commonSettings) await connection.run(`set ${setting}`);
    const out = quoteText(join(directory.path, "bare.duckdb"));
    await connection.run(`attach ${out} as bare`);
    for (const file of lineageFiles({ engine: engineVersion, statements })) {
      const path = quoteText(join(directory.files, databaseFile(file)));
      await connection.run(`attach ${path} as ${databaseName(file)} (read_only)`);
    }
    const began = performance.now();
    for (const [index, { sql, tables, files }] of statements.entries()) {
      const bindings = {
        tables: new Map(Object.entries(tables).map(([name, read]) => [name, `bare.t${read}`])),
        files: new Map(
          Object.entries(files).map(([path, digest]) => [
            path,
            `${databaseName({ path, digest })}.data`,
          ]),
        ),
      };
      await connection.run(prepareSql(checkSql(sql), `bare.t${index}`, bindings).text);
    }
    return (performance.now() - began) / 1000;
  } finally {
    instance.closeSync();
    await rm(join(directory.path, "bare.duckdb"), { force: true });
  }
}

async function makeRun(
  folder: string,
): Promise<{ readonly directory: RunDirectory; readonly lineage: Lineage; readonly plan: Plan }> {
  await mkdir(join(folder, "data"));
  await copyFile(
    join(root, "node_modules/vega-datasets/data/flights-3m.parquet"),
    join(folder, "data/flights-3m.parquet"),
  );
  const workspace = await openWorkspace(folder);
  const lineage = await workbookLineage(
    "features",
    await workspace.files.digest("data/flights-3m.parquet"),
  );
  const plan = flightsPlan();
  const request: RunRequest = {
    tier: "full",
    plan,
    rows: { digest: lineageDigest(lineage), numRows: 3_000_000, lineage },
    engine: "tfjs",
    device: "wasm",
  };
  const key = runKey(request);
  await workspace.runs.create(key, request);
  return { directory: workspace.runs.directory(key), lineage, plan };
}

/** How the flights workbook makes one of its tables. */
async function workbookLineage(result: string, digest: string): Promise<Lineage> {
  const { cells } = parseNotebook(await readFile(join(root, "workbooks/flights.html"), "utf8"));
  const known = new Map<string, Lineage>();
  for (const { mode, output, source } of cells) {
    if (mode !== "sql" || output === undefined) continue;
    const read = tableReferences(source);
    const lineage = lineageFrom(source, {
      engine: engineVersion,
      tables: Object.fromEntries(
        read.flatMap(({ kind, name }) => {
          const lineage = kind === "table" ? known.get(name) : undefined;
          return lineage === undefined ? [] : [[name, { lineage }] as const];
        }),
      ),
      files: Object.fromEntries(
        read.flatMap(({ kind, name }) => (kind === "file" ? [[name, digest] as const] : [])),
      ),
    });
    known.set(output, lineage);
  }
  const lineage = known.get(result);
  if (lineage === undefined) throw new Error(`the workbook has no SQL cell ${result}`);
  return lineage;
}

/** A plan of the workbook's kind; airports past the first are unknown words, which cost the same. */
function flightsPlan(): Plan {
  const rates =
    "distance origin_rate origin_week origin_yesterday destination_week destination_yesterday route_rate everywhere_yesterday".split(
      " ",
    );
  const airports = Array.from({ length: 230 }, (_, i) => (i === 0 ? "JFK" : `airport ${i}`));
  return {
    kind: "tierbook.plan",
    version: 1,
    features: [
      { column: "part", kind: "category", vocabulary: ["morning", "afternoon", "evening"] },
      { column: "weekday", kind: "category", vocabulary: ["1", "2", "3", "4", "5", "6", "7"] },
      { column: "origin", kind: "category", vocabulary: airports },
      { column: "destination", kind: "category", vocabulary: airports },
      ...rates.map((column) => ({
        column,
        kind: "number" as const,
        scale: "standard" as const,
        missing: "mean" as const,
      })),
    ],
    target: { column: "late", kind: "boolean" },
    split: { kind: "time", column: "day", from: "2001-06-01", gap: 86_400 },
    network: [
      { type: "embedding", columns: ["origin", "destination"], units: 8, init: "uniform" },
      { type: "dense", units: 1, activation: "linear", bias: true, init: "glorotUniform" },
    ],
    loss: { type: "sigmoidCrossEntropy", classWeights: "balanced" },
    optimizer: { type: "adam", lr: 0.002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    schedule: { type: "constant" },
    baseline: { column: "origin_rate" },
    seed: 17,
    epochs: 1,
    batch: 4096,
  };
}

function seconds(value: number): string {
  return `${value.toFixed(2).padStart(7)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
