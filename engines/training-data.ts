import type { Table } from "../data/table.ts";
import { digestKey } from "../runtime/digest.ts";
import { classWeightsFrom } from "./class-weights.ts";
import { codedRowsFromTable, encodeRows } from "./encode-rows.ts";
import type { Plan } from "./plan.ts";
import { ScalingFit, type Scaling } from "./scaling.ts";
import { splitRows } from "./split.ts";

/**
 * Rows as an engine trains on them: encoded by the plan, parted by its split. They may be here as a
 * whole or in a file; an engine reads them in blocks and never needs more of them at once than a
 * window.
 */
export interface TrainingData {
  /** names the rows in checkpoints: the table's digest, or its lineage's */
  readonly digest: string;
  /** rows of the table; those in a split's gap are in neither part */
  readonly numRows: number;
  /** numbers a row has after encoding */
  readonly width: number;
  readonly training: RowSource;
  readonly validation: RowSource;
  readonly scaling: Scaling;
  /** among the training rows: the classes' shares, or the mean of the number in its own units */
  readonly prior: Float64Array;
  /** what a row of each class counts in the loss; absent where all count one */
  readonly classWeights?: Float64Array;
}

/** Encoded rows in their original order. */
export interface RowSource {
  readonly numRows: number;
  /** Rows [start, start + count). */
  read(start: number, count: number): RowBlock | Promise<RowBlock>;
}

/** Some encoded rows. */
export interface RowBlock {
  readonly numRows: number;
  /** rows × width, row-major */
  readonly x: Float32Array;
  /** a row each: the class's index, 0 or 1, or the (scaled) number */
  readonly y: Float32Array;
  /** a row each: what the plan's baseline predicts, in the target's own units; NaN where it is missing */
  readonly baseline?: Float32Array;
}

/** The most rows that are on the device at once: with more, an epoch goes window by window. */
export const windowRows = 262_144;

/** Rows that validation reads and predicts at once. */
export const validationBlockRows = 4096;

/**
 * The rows of a table, split and encoded by the plan; means, deviations and class weights are those
 * of its training rows.
 *
 * @param table that `checkRows` lets pass
 */
export function trainingDataFromTable(plan: Plan, table: Table): TrainingData {
  const coded = codedRowsFromTable(plan, table);
  const classOf = plan.target.kind === "number" ? undefined : coded.target;
  const parts = splitRows(plan, coded.numRows, classOf, coded.time);
  const fit = new ScalingFit(plan);
  fit.addToMeans(coded, parts.training);
  fit.addToDeviations(coded, parts.training);
  const { scaling, prior, classCounts } = fit;
  const classWeights = classWeightsFrom(plan, classCounts);
  return {
    digest: table[digestKey],
    numRows: table.numRows,
    width: scaling.mean.length,
    training: sourceFromBlock(encodeRows(plan, scaling, coded, parts.training)),
    validation: sourceFromBlock(encodeRows(plan, scaling, coded, parts.validation)),
    scaling,
    prior,
    ...(classWeights && { classWeights }),
  };
}

/** Rows that are all in memory; what is read shares it. */
export function sourceFromBlock({ numRows, x, y, baseline }: RowBlock): RowSource {
  const width = numRows === 0 ? 0 : x.length / numRows;
  return {
    numRows,
    read: (start, count) => {
      const end = Math.min(numRows, start + count);
      return {
        numRows: end - start,
        x: x.subarray(start * width, end * width),
        y: y.subarray(start, end),
        ...(baseline && { baseline: baseline.subarray(start, end) }),
      };
    },
  };
}
