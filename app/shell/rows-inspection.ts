import { tableFromIPC } from "../../data/index.ts";
import { digestKey } from "../../runtime/digest.ts";
import { sha256 } from "../../runtime/sha256.ts";

/** What rows really are, whatever the frame said of them. */
export interface RowsFacts {
  /** the table's digest */
  readonly digest: string;
  readonly numRows: number;
  /** SHA-256 of the bytes */
  readonly blob: string;
}

/**
 * Reads rows as they came over the port and says what they are.
 *
 * @param ipc an Arrow IPC stream
 * @throws if the bytes hold no table
 */
export function inspectRows(ipc: Uint8Array): RowsFacts {
  const table = tableFromIPC(ipc, { name: "the rows" });
  return { digest: table[digestKey], numRows: table.numRows, blob: sha256(ipc) };
}

/** What the worker that inspects rows is asked. */
export interface RowsQuestion {
  readonly id: number;
  readonly ipc: Uint8Array;
}

/** What it answers. */
export type RowsAnswer =
  | { readonly id: number; readonly facts: RowsFacts }
  | { readonly id: number; readonly fault: string };
