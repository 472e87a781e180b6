import type { RunRequest } from "../engines/run.ts";
import { closedLadder, type Ladder } from "./ladder.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { OverrideWord } from "./overrides.ts";
import type { Made } from "./runs.ts";
import type { Workspace } from "./workspace.ts";

/** How a full run is submitted. */
export interface FullRunSubmission {
  /** whether to run anew what has failed, was cancelled or is lost */
  readonly again?: boolean;
  /** a person's word, where they will have it without the receipts that it lacks */
  readonly override?: OverrideWord | undefined;
}

/**
 * Submits a full run: the only way to one. It needs its whole ladder, or a person's word, which then
 * is in the ledger before the run is there. Where nothing is lacking there is nothing to override,
 * and a run that is there stays what it is.
 *
 * @throws {ServerError} 403 `ladder` with the reasons, and as {@link Runs.create}
 */
export async function submitFullRun(
  {
    workspace,
    dispatcher,
    ladder,
  }: {
    readonly workspace: Workspace;
    readonly dispatcher: Dispatcher;
    readonly ladder: Ladder;
  },
  key: string,
  request: RunRequest,
  { again = false, override }: FullRunSubmission = {},
): Promise<Made> {
  const known = again ? undefined : await workspace.runs.same(key, request);
  if (known !== undefined) return { run: known, isNew: false };
  const lacking = await ladder.lacking(request);
  if (lacking.length === 0) return await dispatcher.submit(key, request, { again });
  if (override === undefined) throw closedLadder(lacking);
  return await dispatcher.submit(key, request, { again, override: { ...override, lacking } });
}
