import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { ServerError } from "./server-error.ts";

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

const units: Readonly<Record<string, number>> = { "": 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

function bytesFrom(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([KMGT]B)?$/i.exec(text.trim()) ?? [];
  const bytes = amount === "" ? NaN : Number(amount) * (units[unit.toUpperCase()] ?? NaN);
  if (!(bytes >= 1)) throw wrong(name, text, "an amount such as 4GB");
  return Math.round(bytes);
}

function numberFrom(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (!(number > 0) || !Number.isFinite(number)) throw wrong(name, text, "a number above 0");
  return number;
}

function wrong(name: string, text: string, expected: string): ServerError {
  return new ServerError(400, "limit", `${name} is ${JSON.stringify(text)}; expected ${expected}`);
}
