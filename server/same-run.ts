import type { RunRequest } from "../engines/run.ts";
import { canonicalJson } from "../runtime/canonical-json.ts";
import type { RunInfo } from "./runs.ts";
import { ServerError } from "./server-error.ts";

/**
 * The known run, if the request asks for just that: all but who asks, how the rows are packed, and how
 * many somebody counted where a lineage decides it.
 *
 * @throws {ServerError} 409 `other-run`
 */
export function sameRun(known: RunInfo, request: RunRequest): RunInfo {
  const essence = ({ workbook: _workbook, rows, ...rest }: RunRequest): string =>
    canonicalJson({
      ...rest,
      rows: { digest: rows.digest, ...("blob" in rows ? { numRows: rows.numRows } : {}) },
    });
  if (essence(known.request) === essence(request)) return known;
  throw new ServerError(409, "other-run", `under the key ${known.key} there is another run`, {
    hint: "a run's key is the digest of its request; compute it from the request that you send",
  });
}
