import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { bytesFrom, numberFrom } from "./limit-text.ts";

/** What the making of a run's rows may take. */
export interface RowLimits {
  /** for the database; its process as a whole is stopped some way above */
  readonly memoryBytes: number;
  readonly seconds: number;
  /** for what does not fit into memory, and for the rows themselves */
  readonly diskBytes: number;
}

/**
 * The limits that a person has set in the environment, or else the usual ones:
 *
 * | variable | such as | usual |
 * |---|---|---|
 * | `TIERBOOK_ROWS_MEMORY` | `500MB`, `8GB` | 4 GB, or a quarter of the machine's memory |
 * | `TIERBOOK_ROWS_SECONDS` | `600` | 600 |
 * | `TIERBOOK_ROWS_DISK` | `100GB` | half of what is free where the run lies |
 *
 * @param folder where the rows are made
 * @throws {ServerError} 400 `limit` for what is no amount
 */
export async function rowLimits(
  folder: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RowLimits> {
  const { TIERBOOK_ROWS_MEMORY, TIERBOOK_ROWS_SECONDS, TIERBOOK_ROWS_DISK } = environment;
  const { bavail, bsize } = await statfs(folder);
  return {
    memoryBytes:
      bytesFrom("TIERBOOK_ROWS_MEMORY", TIERBOOK_ROWS_MEMORY) ?? Math.min(4e9, totalmem() / 4),
    seconds: numberFrom("TIERBOOK_ROWS_SECONDS", TIERBOOK_ROWS_SECONDS) ?? 600,
    diskBytes: bytesFrom("TIERBOOK_ROWS_DISK", TIERBOOK_ROWS_DISK) ?? (bavail * bsize) / 2,
  };
}
