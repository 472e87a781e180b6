import { digestKey } from "../runtime/digest.ts";
import { filesKey, type FromFiles } from "../runtime/fingerprint-files.ts";
import { ipcFromColumns } from "./arrow-encode.ts";
import { publicValues, type StoredColumn } from "./column.ts";
import { lineageDigest, lineageFiles, type Lineage } from "./lineage.ts";
import { tableDigest } from "./table-digest.ts";
import { TableError, TooLargeError, type Column, type Row, type Table } from "./table.ts";

/**
 * A table whose rows are here. Values, rows and digest are made when they are first asked for and
 * kept; a row is the same frozen object each time, so libraries can compare rows by identity.
 */
export class MemoryTable implements Table, FromFiles {
  readonly isLocal = true;
  readonly lineage?: Lineage;
  private readonly arrays = new Map<string, readonly unknown[]>();
  private rows: readonly Row[] | undefined;
  private ownDigest: string | undefined;

  /**
   * @param stored all columns, each with `numRows` values
   * @param digest of the content, where somebody who is trusted has computed it already
   */
  constructor(
    readonly name: string,
    readonly stored: readonly StoredColumn[],
    readonly numRows: number,
    lineage?: Lineage,
    digest?: string,
  ) {
    if (lineage) this.lineage = lineage;
    this.ownDigest = digest;
    const names = new Set(stored.map(({ column }) => column.name));
    if (names.size < stored.length)
      throw new TableError(`${name} has two columns of one name`, "no-columns");
  }

  get columns(): readonly Column[] {
    return this.stored.map(({ column }) => column);
  }

  get [digestKey](): string {
    return (this.ownDigest ??= tableDigest(this.stored, this.numRows));
  }

  get [filesKey](): Readonly<Record<string, string>> {
    return this.lineage === undefined ? {} : lineageFiles(this.lineage);
  }

  column(name: string): readonly unknown[] {
    const known = this.arrays.get(name);
    if (known) return known;
    const stored = this.stored.find(({ column }) => column.name === name);
    if (!stored) throw unknownColumn(this, name);
    const values = Object.freeze(publicValues(stored));
    this.arrays.set(name, values);
    return values;
  }

  at(index: number): Row | undefined {
    return this.allRows()[index];
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.allRows()[Symbol.iterator]();
  }

  toIPC(): Uint8Array {
    return ipcFromColumns(this.stored, this.numRows);
  }

  /** The objects of this table that code may have got hold of so far. */
  *handedOut(): Iterable<object> {
    for (const { column } of this.stored) {
      yield column;
      const values = this.arrays.get(column.name);
      if (values === undefined) continue;
      yield values;
      const holdsObjects = ["date", "timestamp", "other"].includes(column.type);
      if (holdsObjects) for (const value of values) yield* objectsIn(value);
    }
    if (this.lineage !== undefined) yield this.lineage;
    if (this.rows === undefined) return;
    yield this.rows;
    yield* this.rows;
  }

  private allRows(): readonly Row[] {
    return (this.rows ??= rowsFromColumns(
      this.columns.map(({ name }) => [name, this.column(name)] as const),
      this.numRows,
    ));
  }
}

/** A table past the row limit: known by its columns and its lineage, its rows in the database. */
export class RemoteTable implements Table, FromFiles {
  readonly isLocal = false;
  private ownDigest: string | undefined;

  constructor(
    readonly name: string,
    readonly columns: readonly Column[],
    readonly numRows: number,
    readonly lineage: Lineage,
  ) {}

  get [digestKey](): string {
    return (this.ownDigest ??= lineageDigest(this.lineage));
  }

  get [filesKey](): Readonly<Record<string, string>> {
    return lineageFiles(this.lineage);
  }

  column(name: string): readonly unknown[] {
    if (!this.columns.some((column) => column.name === name)) throw unknownColumn(this, name);
    throw new TooLargeError(this.name, this.numRows);
  }

  at(): Row | undefined {
    throw new TooLargeError(this.name, this.numRows);
  }

  [Symbol.iterator](): Iterator<Row> {
    throw new TooLargeError(this.name, this.numRows);
  }

  toIPC(): Uint8Array {
    throw new TooLargeError(this.name, this.numRows);
  }
}

/** Whether a value is a {@link Table}, of this realm or of a library that implements it. */
export function isTable(value: unknown): value is Table {
  return (
    typeof value === "object" &&
    value !== null &&
    digestKey in value &&
    "toIPC" in value &&
    typeof value.toIPC === "function" &&
    "numRows" in value &&
    "columns" in value
  );
}

function rowsFromColumns(
  columns: readonly (readonly [string, readonly unknown[]])[],
  numRows: number,
): readonly Row[] {
  const rows: Row[] = [];
  // assigning to __proto__ would not make a member
  const isPlain = columns.every(([name]) => name !== "__proto__");
  for (let i = 0; i < numRows; i++) {
    const row: Record<string, unknown> = isPlain
      ? {}
      : Object.fromEntries(columns.map(([name, values]) => [name, values[i]]));
    if (isPlain) for (const [name, values] of columns) row[name] = values[i];
    rows.push(Object.freeze(row));
  }
  return Object.freeze(rows);
}

/** A value that is an object, and all those in it. */
function* objectsIn(value: unknown): Iterable<object> {
  if (typeof value !== "object" || value === null) return;
  yield value;
  if (!ArrayBuffer.isView(value))
    for (const member of Object.values(value)) yield* objectsIn(member);
}

function unknownColumn(table: Table, name: string): TableError {
  const names = table.columns.map((column) => column.name).join(", ");
  return new TableError(`${table.name} has no column ${name}; it has ${names}`, "unknown-column");
}
