import type { CellMode } from "./cell.ts";
import { jsonDigest } from "./sha256.ts";

/** All that decides what a cell's body gives. */
export interface FingerprintParts {
  readonly mode: CellMode;
  /** the digest of the code, as the mode counts it */
  readonly code: string;
  /** by name: the digest of the value, else the fingerprint of the cell that gave it */
  readonly inputs: Readonly<Record<string, string>>;
  /** by path: SHA-256 of the bytes of each file that the run read, through SQL or as an attachment */
  readonly files: Readonly<Record<string, string>>;
  /** the version of the builtins; only where the cell uses any */
  readonly builtins?: string;
  /** new at each run of a volatile cell */
  readonly serial?: number;
}

/** The fingerprint of a cell: equal parts, equal result. */
export function cellFingerprint(parts: FingerprintParts): string {
  return jsonDigest({ kind: "tierbook.cell", version: 2, ...parts });
}
