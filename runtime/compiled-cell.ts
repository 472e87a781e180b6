import type { Cell, CellError } from "./cell.ts";
import type { TableReference } from "./sql.ts";

/** A cell whose source was understood: what it reads, what it defines, and its body. */
export interface CompiledCell {
  readonly cell: Cell;
  /**
   * Names that the body reads, in the order of its parameters: names of other cells, builtins and
   * globals, and the runtime's own `display`, `view`, `invalidation`, `signal`, `visibility`.
   */
  readonly inputs: readonly string[];
  /** names that the cell defines, such as `a` and `b` in `const a = 1, b = 2` */
  readonly outputs: readonly string[];
  /**
   * `exports`: the body returns an object with a member for each output. `value`: it returns the
   * one value, named by the only output where there is one. `view`: the value is an input element
   * whose value is what the output names. `mutable`: the value starts what the output names.
   */
  readonly kind: "exports" | "value" | "view" | "mutable";
  /** whether the value is displayed without being asked to */
  readonly autodisplay: boolean;
  /**
   * Runs the body on the values of its inputs; for SQL gives the {@link SqlStatement}, or nothing
   * where there is no SQL.
   */
  readonly run: (this: unknown, ...inputs: unknown[]) => unknown;
  /** tables and files that the SQL names; only in a `sql` cell */
  readonly references?: readonly TableReference[];
  /** the digest of the code as the fingerprint counts it */
  readonly codeDigest: string;
  /** whether the body reads the clock, randomness or the network */
  readonly volatile: boolean;
  /** where each input is first read, 1-based, for errors about names */
  readonly places: Readonly<Record<string, { readonly line: number; readonly column: number }>>;
  /** says of an error that the body threw where in the cell's source it was thrown */
  readonly locate: (error: unknown) => { readonly line?: number; readonly column?: number };
}

/** SQL of a cell with the values of its `${}`: one string more than there are parameters. */
export interface SqlStatement {
  readonly strings: readonly string[];
  readonly params: readonly unknown[];
}

/** A cell whose source cannot be understood. */
export interface FaultyCell {
  readonly cell: Cell;
  readonly fault: CellError;
  /**
   * names that it would define, as far as they can be told: cells that read them are blocked by this
   * one, and do not say that the name is undefined
   */
  readonly outputs: readonly string[];
}
