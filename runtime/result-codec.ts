import type { CellMode } from "./cell.ts";

/** Makes bytes of one kind of value and the same value of the bytes again. */
export interface ValueCodec {
  /** names the kind in what is written: `table` */
  readonly tag: string;
  /**
   * The value in parts: plain JSON beside byte arrays. Undefined for a value of another kind, or one
   * that would not come back exactly as it is.
   *
   * @param mode of the cell that gave or displayed the value
   */
  encode(value: object, mode: CellMode): EncodedValue | undefined;
  /**
   * The value again: whoever reads it cannot tell it from the first one.
   *
   * @throws {Error} for parts that are no such value
   */
  decode(encoded: EncodedValue): unknown;
}

/** A value in parts. */
export interface EncodedValue {
  readonly json: unknown;
  readonly buffers: readonly Uint8Array[];
}

/** What a run came to, as it is kept. */
export interface KeptResult {
  readonly fingerprint: string;
  /** SHA-256 of each file that the run read, by path */
  readonly files: Readonly<Record<string, string>>;
  /** milliseconds that it took */
  readonly duration: number;
  /** what it gave, by name */
  readonly exports: Readonly<Record<string, unknown>>;
  /** what it displayed, by slot */
  readonly displays: readonly unknown[];
}
