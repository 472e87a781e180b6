import { digestKey } from "../runtime/digest.ts";
import type { ValueCodec } from "../runtime/result-codec.ts";
import { tableFromIPC } from "./arrow-decode.ts";
import type { StoredColumn } from "./column.ts";
import { isExactlyStaged } from "./exact-staging.ts";
import type { Lineage } from "./lineage.ts";
import { MemoryTable } from "./memory-table.ts";

/**
 * Tables whose rows are here, as the Arrow bytes in which they cross borders. Arrow holds less than
 * a table does (no half signs in texts), so a table is read back before it is kept, and one that
 * would not be the same is not. Neither is one that later SQL could tell from the first, which it
 * reads where the query left it. Larger tables are in a database that ends with the page.
 *
 * The digest is kept beside the rows, and not computed again from them: it is what makes a restored
 * table cheap, and what was kept has a checksum over both.
 */
export const tableCodec: ValueCodec = {
  tag: "table/1",
  encode(value) {
    if (!isOwnTable(value) || !isSameToSql(value)) return undefined;
    const bytes = value.toIPC();
    const back = tableFromIPC(bytes, { name: value.name });
    if (!(back instanceof MemoryTable) || !haveSameRows(value, back)) return undefined;
    const { name, lineage, [digestKey]: digest } = value;
    return { json: { name, digest, lineage }, buffers: [bytes] };
  },
  decode({ json, buffers: [bytes] }) {
    if (!isHead(json) || bytes === undefined) throw new TypeError("these parts are no table");
    const { name, digest, lineage } = json;
    const table = tableFromIPC(bytes, { name });
    if (!(table instanceof MemoryTable)) throw new TypeError(`the rows of ${name} are not here`);
    return new MemoryTable(name, table.stored, table.numRows, lineage, digest);
  },
  inside: (value) => (value instanceof MemoryTable ? value.handedOut() : []),
};

interface Head {
  readonly name: string;
  readonly digest: string;
  readonly lineage?: Lineage;
}

function isHead(json: unknown): json is Head {
  return (
    typeof json === "object" &&
    json !== null &&
    "name" in json &&
    typeof json.name === "string" &&
    "digest" in json &&
    typeof json.digest === "string"
  );
}

/** A table of our own to which nobody has given members. */
function isOwnTable(value: object): value is MemoryTable {
  if (!(value instanceof MemoryTable)) return false;
  const { name, stored, numRows, lineage } = value;
  const members = Reflect.ownKeys(new MemoryTable(name, stored, numRows, lineage));
  return (
    Object.getPrototypeOf(value) === MemoryTable.prototype &&
    Reflect.ownKeys(value).length === members.length
  );
}

/**
 * Whether later SQL reads the same from the rows as from where the table came from. What no query
 * made was put into the database from its rows before, too.
 */
function isSameToSql({ lineage, stored }: MemoryTable): boolean {
  return lineage === undefined || stored.every(isExactlyStaged);
}

function haveSameRows(a: MemoryTable, b: MemoryTable): boolean {
  return (
    a.numRows === b.numRows &&
    a.stored.length === b.stored.length &&
    a.stored.every((column, i) => isSameColumn(column, b.stored[i]))
  );
}

function isSameColumn(a: StoredColumn, b: StoredColumn | undefined): boolean {
  if (b === undefined || a.values.length !== b.values.length) return false;
  if (a.column.name !== b.column.name || a.column.sqlType !== b.column.sqlType) return false;
  for (let i = 0; i < a.values.length; i++)
    if (!isSameValue(a.values[i], b.values[i])) return false;
  return true;
}

/** Whether stored values are the same, nested ones with their members in the same order. */
function isSameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(Number(a), Number(b));
  const [namesOfA, namesOfB] = [Object.keys(a), Object.keys(b)];
  return (
    Object.isFrozen(a) === Object.isFrozen(b) &&
    namesOfA.length === namesOfB.length &&
    namesOfA.every(
      (name, i) => name === namesOfB[i] && isSameValue(Reflect.get(a, name), Reflect.get(b, name)),
    )
  );
}
