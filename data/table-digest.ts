import { Sha256 } from "../runtime/sha256.ts";
import type { StoredColumn, StoredValues } from "./column.ts";

/**
 * The digest of a table's content: SHA-256 over the number of rows and, column by column, its name,
 * its logical type and its values in row order. Tables with the same names, types and rows have the
 * same digest wherever they were made; the table's own name and DuckDB's types do not count.
 *
 * Every part has a length that stands before it, so no two tables give the same bytes. All NaN are
 * one; zero and minus zero are two.
 */
export function tableDigest(columns: readonly StoredColumn[], numRows: number): string {
  const hash = new Sha256().update(`tierbook.table/1 ${columns.length} ${numRows}\n`);
  for (const { column, values } of columns) {
    hash.update(`${JSON.stringify([column.name, column.type])}\n`);
    updateValidity(hash, values);
    switch (column.type) {
      case "boolean":
        hash.update(Uint8Array.from(values, (value) => (value === true ? 1 : 0)));
        break;
      case "string":
        updateTexts(hash, values);
        break;
      case "other":
        updateTexts(
          hash,
          Array.from<unknown, string | null>(values, (value) =>
            value === null ? null : nestedText(value),
          ),
        );
        break;
      default:
        updateNumbers(hash, values);
    }
  }
  return hash.digest();
}

/** How many are missing, and if any, which: one bit a row. */
function updateValidity(hash: Sha256, values: StoredValues): void {
  if (values instanceof Float64Array) {
    hash.update("0\n");
    return;
  }
  const bits = new Uint8Array((values.length + 7) >> 3);
  let missing = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null) continue;
    bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
    missing++;
  }
  hash.update(`${missing}\n`);
  if (missing > 0) hash.update(bits);
}

/** Doubles, then the integers that a double does not hold, with the row they stand in. */
function updateNumbers(hash: Sha256, values: StoredValues): void {
  const numbers = new Float64Array(values.length);
  let large = "";
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // assigning the constant gives every NaN the same bits, whichever engine made it
    if (typeof value === "number") numbers[i] = Number.isNaN(value) ? NaN : value;
    else if (typeof value === "bigint") large += `${i} ${value}\n`;
  }
  hash.update(new Uint8Array(numbers.buffer)).update(`${large}\n`);
}

/** Lengths in UTF-16 units, then the texts; in blocks, because one long string is costly. */
function updateTexts(hash: Sha256, values: StoredValues): void {
  const block = 16_384;
  for (let start = 0; start < values.length; start += block) {
    const lengths = new Uint32Array(Math.min(block, values.length - start));
    let text = "";
    for (let i = 0; i < lengths.length; i++) {
      const value = values[start + i];
      if (typeof value !== "string") continue;
      lengths[i] = value.length;
      text += value;
    }
    hash.update(new Uint8Array(lengths.buffer)).update(text);
  }
}

/** The text of a nested value that its table's digest takes. */
export function nestedText(value: unknown): string {
  return JSON.stringify(tagged(value));
}

/** Nested values as JSON that tells apart what JSON does not: bigints, dates, bytes, NaN. */
function tagged(value: unknown): unknown {
  if (typeof value === "bigint") return { $int: String(value) };
  if (typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { $number: Object.is(value, -0) ? "-0" : String(value) };
  if (value instanceof Date) return { $time: Number(value) };
  if (value instanceof Uint8Array) return { $bytes: Array.from(value) };
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value === "object" && value !== null)
    return { $struct: Object.entries(value).map(([name, member]) => [name, tagged(member)]) };
  return value;
}
