/**
 * Rows by the columns that a plan reads, as numbers: the common form of rows in memory and rows that
 * stream from a database, from which both are encoded by the same code.
 */
export interface CodedRows {
  readonly numRows: number;
  /**
   * One a feature, in the plan's order: the number, or NaN where it is missing; the index of the word
   * in the vocabulary, or -1 for an unknown or missing one; 0 or 1, or NaN where it is missing
   */
  readonly features: readonly Float64Array[];
  /** the number or the index of the class; NaN where there is none */
  readonly target: Float64Array;
  /** what the plan's baseline predicts; NaN where it is missing */
  readonly baseline?: Float64Array;
  /** for a split by time: milliseconds since 1970 UTC; NaN where it is missing */
  readonly time?: Float64Array;
}
