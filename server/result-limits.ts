import { maxResultBytes } from "../cells/result-index.ts";
import { bytesFrom } from "./limit-text.ts";

/** What the result cache of a workspace may take. */
export interface ResultLimits {
  /** on the disk, for all workbooks together */
  readonly diskBytes: number;
  /** for one result; a larger one is not kept */
  readonly entryBytes: number;
}

/**
 * The limits that a person has set in the environment, or else the usual ones:
 *
 * | variable | such as | usual |
 * |---|---|---|
 * | `TIERBOOK_RESULTS_DISK` | `500MB`, `8GB` | 1 GiB |
 * | `TIERBOOK_RESULTS_ENTRY` | `1MB` | 64 MiB, which is also the most |
 *
 * @throws {ServerError} 400 `limit` for what is no amount
 */
export function resultLimits(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ResultLimits {
  const { TIERBOOK_RESULTS_DISK, TIERBOOK_RESULTS_ENTRY } = environment;
  const entry = bytesFrom("TIERBOOK_RESULTS_ENTRY", TIERBOOK_RESULTS_ENTRY) ?? maxResultBytes;
  return {
    diskBytes: bytesFrom("TIERBOOK_RESULTS_DISK", TIERBOOK_RESULTS_DISK) ?? 1 << 30,
    entryBytes: Math.min(entry, maxResultBytes),
  };
}
