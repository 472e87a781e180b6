import type { RowsMessage, SubmitRequest } from "../../cells/host.ts";
import { isReproducible, lineageDigest } from "../../data/index.ts";
import type { LineageRows, RunRows } from "../../engines/index.ts";
import { DispatchError, type DispatchServices } from "./dispatch-services.ts";
import type { RowsFacts } from "./rows-inspection.ts";

type Inspect = DispatchServices["inspect"];

/**
 * The rows of a request as a run names them, once all that can be checked of them here has been.
 *
 * @throws {DispatchError} `rows` where they are not what the frame says of them
 */
export async function checkedRows(rows: SubmitRequest["rows"], inspect: Inspect): Promise<RunRows> {
  if ("lineage" in rows) return checkedLineage(rows);
  const { digest, numRows, blob } = await checkedMessage(rows, inspect);
  return { digest, numRows, blob };
}

/**
 * What rows that were sent really are.
 *
 * @throws {DispatchError} `rows` where that is not what the frame says of them
 */
export async function checkedMessage(rows: RowsMessage, inspect: Inspect): Promise<RowsFacts> {
  const found = await inspect(rows.ipc);
  if (found.digest === rows.digest && found.numRows === rows.numRows) return found;
  throw wrong(
    `The rows are not what they are said to be: ${found.numRows} rows with the digest ${short(found.digest)}, not ${rows.numRows} with ${short(rows.digest)}`,
  );
}

/**
 * Rows that the runner makes: their name must be that of their lineage, and it must lead back to
 * files alone. Whether the files have these digests, and how many rows come of them, only the server
 * can see.
 */
function checkedLineage(rows: LineageRows): LineageRows {
  const digest = lineageDigest(rows.lineage);
  if (digest !== rows.digest)
    throw wrong(
      `The table is not what it is said to be: its lineage has the digest ${short(digest)}, not ${short(rows.digest)}`,
    );
  if (isReproducible(rows.lineage)) return rows;
  throw wrong(
    "The table cannot be made on the runner: rows that JavaScript made are part of its lineage",
  );
}

function wrong(message: string): DispatchError {
  return new DispatchError(message, "rows", "Run the cell that makes the table again");
}

function short(digest: string): string {
  return `${digest.slice(0, 12)}…`;
}
