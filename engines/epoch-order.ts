import { permutation, randomStream } from "./random.ts";

/** Rows that stand beside each other are read together, in blocks of so many. */
const blockRows = 1024;

/** Rows [start, end). */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Some of an epoch's rows, which are on the device together. */
export interface EpochWindow {
  readonly numRows: number;
  /** the rows in the order in which they are read */
  readonly ranges: readonly RowRange[];
  /** the order in which they are trained on: places among the rows as they were read */
  readonly order: Uint32Array;
}

/** What an epoch's order follows from. */
export interface EpochOrderOptions {
  /** the plan's */
  readonly seed: number;
  /** from 0 */
  readonly epoch: number;
  /** training rows */
  readonly numRows: number;
  /** the plan's; every batch but the epoch's last has so many rows */
  readonly batch: number;
  /** the most rows a window has; less than a batch counts as one */
  readonly windowRows: number;
}

/**
 * The order in which an epoch takes the training rows, window by window, each row once. A window has
 * R rows, the last one what is left; R is `windowRows` rounded down to whole batches.
 *
 * Where all rows fit into one window, their order is a permutation of them all. Else rows are cut
 * into blocks of 1,024, the blocks are permuted, what they hold is cut into windows of R rows, and
 * each window is permuted in itself. So whatever the number of rows, memory holds a window of them
 * and a number a block; and which rows meet in a batch changes from epoch to epoch.
 *
 * Permutations are those of stream `shuffle` at step `epoch`: layer 0 for all rows, 1 for the blocks,
 * 2 + w for window w.
 */
export class EpochOrder {
  /** how many there are; at least one */
  readonly windows: number;
  private readonly windowSize: number;
  /** the blocks' numbers in order; empty where there is only one window */
  private readonly blocks: Uint32Array;

  constructor(private readonly options: EpochOrderOptions) {
    const { numRows } = options;
    this.windowSize = windowSize(options);
    this.windows = Math.max(1, Math.ceil(numRows / this.windowSize));
    this.blocks =
      this.windows === 1 ? new Uint32Array() : this.permutation(1, Math.ceil(numRows / blockRows));
  }

  /** A window, from 0. */
  window(index: number): EpochWindow {
    const { numRows } = this.options;
    if (this.windows === 1)
      return {
        numRows,
        ranges: [{ start: 0, end: numRows }],
        order: this.permutation(0, numRows),
      };
    const start = index * this.windowSize;
    const end = Math.min(start + this.windowSize, numRows);
    return {
      numRows: end - start,
      ranges: this.rangesBetween(start, end),
      order: this.permutation(2 + index, end - start),
    };
  }

  /** The rows at the places [start, end) of what the blocks hold, one block after another. */
  private rangesBetween(start: number, end: number): RowRange[] {
    const ranges: RowRange[] = [];
    let place = 0;
    for (const block of this.blocks) {
      const first = block * blockRows;
      const size = Math.min(blockRows, this.options.numRows - first);
      const from = Math.max(0, start - place);
      const to = Math.min(size, end - place);
      if (from < to) ranges.push({ start: first + from, end: first + to });
      place += size;
    }
    return ranges;
  }

  private permutation(layer: number, n: number): Uint32Array {
    const { seed, epoch } = this.options;
    return permutation({ seed, stream: randomStream.shuffle, layer, step: epoch }, n);
  }
}

/** Rows of each window but the last: whole batches, at least one. */
export function windowSize({
  batch,
  windowRows,
}: Pick<EpochOrderOptions, "batch" | "windowRows">): number {
  return batch * Math.max(1, Math.floor(windowRows / batch));
}
