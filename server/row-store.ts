import { open, type FileHandle } from "node:fs/promises";
import type { RowBlock, RowSource, TrainingData } from "../engines/training-data.ts";
import type { Scaling } from "../engines/scaling.ts";
import type { MadeRows } from "./made-rows.ts";
import { RunFileError, type MadeRowPaths } from "./run-directory.ts";

/**
 * Encoded rows in files: an engine reads from them what it needs and has no more in memory.
 */
export class RowStore implements TrainingData {
  readonly digest: string;
  readonly numRows: number;
  readonly width: number;
  readonly scaling: Scaling;
  readonly prior: Float64Array;
  readonly classWeights?: Float64Array;

  private constructor(
    made: MadeRows,
    readonly training: FileRows,
    readonly validation: FileRows,
  ) {
    const { mean, deviation, missing, targetMean, targetDeviation } = made.scaling;
    this.digest = made.digest;
    this.numRows = made.numRows;
    this.width = made.width;
    this.scaling = {
      mean: Float64Array.from(mean),
      deviation: Float64Array.from(deviation),
      missing: Float64Array.from(missing),
      targetMean,
      targetDeviation,
    };
    this.prior = Float64Array.from(made.prior);
    if (made.classWeights !== undefined) this.classWeights = Float64Array.from(made.classWeights);
  }

  /** Opens the files. @throws {RunFileError} if one is not as long as it must be */
  static async open(made: MadeRows, paths: MadeRowPaths): Promise<RowStore> {
    const training = await FileRows.open(paths.training, made.counts.training, made);
    try {
      return new RowStore(
        made,
        training,
        await FileRows.open(paths.validation, made.counts.validation, made),
      );
    } catch (error) {
      await training.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.training.close();
    await this.validation.close();
  }
}

/** The rows of one part. */
class FileRows implements RowSource {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    readonly numRows: number,
    private readonly width: number,
    private readonly hasBaseline: boolean,
  ) {}

  static async open(
    path: string,
    numRows: number,
    { width, hasBaseline }: MadeRows,
  ): Promise<FileRows> {
    const file = await open(path, "r");
    const rows = new FileRows(path, file, numRows, width, hasBaseline);
    const { size } = await file.stat();
    if (size === numRows * rows.stride * 4) return rows;
    await file.close();
    throw new RunFileError(path, `it has ${size} bytes, not ${numRows * rows.stride * 4}`);
  }

  async read(start: number, count: number): Promise<RowBlock> {
    const { width, stride } = this;
    const numRows = Math.max(0, Math.min(count, this.numRows - start));
    const x = new Float32Array(numRows * width);
    const y = new Float32Array(numRows);
    const baseline = this.hasBaseline ? new Float32Array(numRows) : undefined;
    const piece = new Float32Array(Math.min(numRows, pieceRows) * stride);
    for (let done = 0; done < numRows; done += pieceRows) {
      const rows = Math.min(pieceRows, numRows - done);
      await this.fill(piece.subarray(0, rows * stride), (start + done) * stride);
      for (let row = 0; row < rows; row++) {
        const at = row * stride;
        x.set(piece.subarray(at, at + width), (done + row) * width);
        y[done + row] = piece[at + width] ?? NaN;
        if (baseline !== undefined) baseline[done + row] = piece[at + width + 1] ?? NaN;
      }
    }
    return { numRows, x, y, ...(baseline && { baseline }) };
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  /** numbers a row */
  private get stride(): number {
    return this.width + (this.hasBaseline ? 2 : 1);
  }

  /** Fills an array with the numbers from one on. */
  private async fill(into: Float32Array, first: number): Promise<void> {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.file.read(
        bytes,
        done,
        bytes.length - done,
        4 * first + done,
      );
      if (bytesRead === 0) throw new RunFileError(this.path, "it has become shorter");
      done += bytesRead;
    }
  }
}

/** Rows that are read from the disk at once. */
const pieceRows = 8_192;
