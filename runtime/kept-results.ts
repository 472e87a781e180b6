import type { CellState } from "./cell.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";
import type { ResultKeeper } from "./result-keeper.ts";

/** What must be known of a cell whose result may be kept. */
interface KeptCell {
  readonly id: number;
  readonly state: CellState;
  /** what the run at hand is made of */
  readonly record: FingerprintRecord | undefined;
}

/**
 * By cell, the key under which the store has what the cell came to, once all of them are written. A
 * cell that changes meanwhile is left out.
 *
 * @param cells gives those that there are now
 */
export async function keptResults(
  cells: () => Iterable<KeptCell>,
  keeper: ResultKeeper | undefined,
): Promise<ReadonlyMap<number, string>> {
  const before = freshRecords(cells());
  await keeper?.flush();
  const kept = new Map<number, string>();
  for (const [id, record] of freshRecords(cells())) {
    const key = before.get(id) === record ? keeper?.keyOf(record) : undefined;
    if (key !== undefined) kept.set(id, key);
  }
  return kept;
}

function freshRecords(cells: Iterable<KeptCell>): ReadonlyMap<number, FingerprintRecord> {
  const records = new Map<number, FingerprintRecord>();
  for (const { id, state, record } of cells)
    if (state === "fresh" && record !== undefined) records.set(id, record);
  return records;
}
