import { open, type FileHandle } from "node:fs/promises";
import type { Column } from "../data/table.ts";
import { classWeightsFrom } from "../engines/class-weights.ts";
import { encodeRows, type CodedRows } from "../engines/encode-rows.ts";
import type { Plan, ShareSplit } from "../engines/plan.ts";
import { ScalingFit } from "../engines/scaling.ts";
import { checkParts, type SplitParts } from "../engines/split-check.ts";
import { splitRows, timeCutoff } from "../engines/split.ts";
import type { RowBlock } from "../engines/training-data.ts";
import { codedBlocks, type CodedScan } from "./coded-scan.ts";
import type { MadeRows } from "./made-rows.ts";
import type { MadeRowPaths } from "./run-directory.ts";
import type { RowDatabase } from "./row-database.ts";
import { faultText, RowsError } from "./rows-error.ts";

/** A table in a database, with what is known of it. */
export interface ScannedTable {
  readonly database: RowDatabase;
  /** as SQL names it */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly numRows: number;
}

/** What the encoding of rows found. */
export type EncodedRows = Pick<
  MadeRows,
  "counts" | "width" | "hasBaseline" | "scaling" | "prior" | "classWeights"
>;

/**
 * Encodes a table's rows by a plan into two files, one a part of its split: the same numbers that
 * `trainingDataFromTable` gives of rows in memory. Passes over the table: one for what the split needs
 * (where it needs anything), two that fit means and deviations, one that writes.
 *
 * In memory are, of all rows, only a time or a class and the part that each belongs to.
 *
 * @throws {RowsError} if a part has no rows
 */
export async function encodeTable(
  plan: Plan,
  table: ScannedTable,
  paths: Pick<MadeRowPaths, "training" | "validation">,
): Promise<EncodedRows> {
  const { counts, partOf } = await partRows(plan, table);
  const fit = new ScalingFit(plan);
  await eachBlock(plan, table, partOf, "numbers", (block, { training }) =>
    fit.addToMeans(block, training),
  );
  await eachBlock(plan, table, partOf, "numbers", (block, { training }) =>
    fit.addToDeviations(block, training),
  );
  const { scaling, prior, classCounts } = fit;
  const training = await open(paths.training, "w");
  const validation = await open(paths.validation, "w");
  try {
    await eachBlock(plan, table, partOf, "all", async (block, parts) => {
      await writeRows(training, encodeRows(plan, scaling, block, parts.training));
      await writeRows(validation, encodeRows(plan, scaling, block, parts.validation));
    });
    await training.sync();
    await validation.sync();
  } finally {
    await training.close();
    await validation.close();
  }
  const classWeights = classWeightsFrom(plan, classCounts);
  return {
    counts,
    width: scaling.mean.length,
    hasBaseline: plan.baseline !== undefined,
    scaling: {
      mean: Array.from(scaling.mean),
      deviation: Array.from(scaling.deviation),
      missing: Array.from(scaling.missing),
      targetMean: scaling.targetMean,
      targetDeviation: scaling.targetDeviation,
    },
    prior: Array.from(prior),
    ...(classWeights && { classWeights: Array.from(classWeights) }),
  };
}

/** Of a block's rows, which belong to each part. */
interface BlockParts {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

const isTraining = 1;
const isValidation = 2;

/** Which part each row belongs to: a byte a row, 0 for neither. */
async function partRows(
  plan: Plan,
  table: ScannedTable,
): Promise<{ readonly partOf: Uint8Array; readonly counts: MadeRows["counts"] }> {
  const { classOf, times } = await readSplitColumns(plan, table);
  const { training, validation, gap } = splitRows(plan, table.numRows, classOf, times);
  const counts = { training: training.length, validation: validation.length };
  const { split } = plan;
  refuseEmptyParts(plan, table.numRows, {
    ...(split.kind === "time" ? counts : wantedCounts(split, table.numRows)),
    gap,
    ...(split.kind === "time" && times && { times: spanOf(times, timeCutoff(split, times)) }),
  });
  const partOf = new Uint8Array(table.numRows);
  for (const row of training) partOf[row] = isTraining;
  for (const row of validation) partOf[row] = isValidation;
  return { partOf, counts };
}

/** What a share asks for, before the split sees to it that both parts have a row. */
function wantedCounts({ validation }: ShareSplit, numRows: number): MadeRows["counts"] {
  const wanted = Math.round(numRows * validation);
  return { training: numRows - wanted, validation: wanted };
}

function refuseEmptyParts(plan: Plan, numRows: number, parts: SplitParts): void {
  const faults = checkParts(plan, numRows, parts).filter(({ verdict }) => verdict === "fail");
  if (faults.length > 0) throw new RowsError(faultText(faults));
}

function spanOf(times: Float64Array, cutoff: number): NonNullable<SplitParts["times"]> {
  return {
    cutoff,
    first: times.reduce((a, b) => Math.min(a, b), Infinity),
    last: times.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

/** What a split goes by, of all rows. */
async function readSplitColumns(
  plan: Plan,
  { database, name, columns, numRows }: ScannedTable,
): Promise<{ readonly classOf?: ArrayLike<number>; readonly times?: Float64Array }> {
  const { split, target } = plan;
  if (split.kind === "random" || (split.kind === "stratified" && target.kind === "number"))
    return {};
  // classes in 32 bits, times in 64
  const values = split.kind === "time" ? new Float64Array(numRows) : new Uint32Array(numRows);
  let start = 0;
  for await (const { time, target, ...block } of codedBlocks(database, name, columns, plan, {
    wanted: "split",
  })) {
    values.set(split.kind === "time" ? (time ?? []) : target, start);
    start += block.numRows;
  }
  return values instanceof Float64Array ? { times: values } : { classOf: values };
}

async function eachBlock(
  plan: Plan,
  { database, name, columns }: ScannedTable,
  partOf: Uint8Array,
  wanted: CodedScan["wanted"],
  visit: (block: CodedRows, parts: BlockParts) => void | Promise<void>,
): Promise<void> {
  let start = 0;
  for await (const block of codedBlocks(database, name, columns, plan, { wanted })) {
    const parts = partOf.subarray(start, start + block.numRows);
    await visit(block, {
      training: rowsOf(parts, isTraining),
      validation: rowsOf(parts, isValidation),
    });
    start += block.numRows;
  }
}

function rowsOf(parts: Uint8Array, part: number): Uint32Array {
  const rows = new Uint32Array(parts.length);
  let count = 0;
  for (let row = 0; row < parts.length; row++) if (parts[row] === part) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Appends rows of float32, little-endian: all of x, then y, then the baseline's prediction. */
async function writeRows(file: FileHandle, block: RowBlock): Promise<void> {
  const { numRows, x, y, baseline } = block;
  if (numRows === 0) return;
  const width = x.length / numRows;
  const stride = width + (baseline === undefined ? 1 : 2);
  const rows = new Float32Array(numRows * stride);
  for (let row = 0; row < numRows; row++) {
    const at = row * stride;
    rows.set(x.subarray(row * width, (row + 1) * width), at);
    rows[at + width] = y[row] ?? NaN;
    if (baseline !== undefined) rows[at + width + 1] = baseline[row] ?? NaN;
  }
  await file.writeFile(new Uint8Array(rows.buffer));
}
