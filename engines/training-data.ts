import type { Scaling } from "./tensors.ts";

/**
 * Rows as an engine trains on them: encoded by the plan, parted by its split. They may be here as a
 * whole or in a file; an engine reads them in blocks and never needs more of them at once than a
 * window.
 */
export interface TrainingData {
  /** names the rows in checkpoints: the table's digest, or its lineage's */
  readonly digest: string;
  /** numbers a row has after encoding */
  readonly width: number;
  readonly training: RowSource;
  readonly validation: RowSource;
  readonly scaling: Scaling;
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
