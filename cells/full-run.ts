import type { RunSnapshot } from "../engines/run-state.ts";
import type { Live } from "../runtime/live.ts";
import type { Host } from "./host.ts";
import type { KnownRuns } from "./known-runs.ts";
import { runStage, type RunOptions } from "./run-stage.ts";

/**
 * The stage that trains on all the rows, on the runner. The server refuses it without the passing
 * receipts of the dry run and the small run of the same recipe; the card names those that are
 * missing. It always waits for the person, and goes on when the page is closed.
 *
 * @param plan the value of `plan`
 * @param table all the rows
 * @param options only what may differ between tiers, the device and the engine
 */
export function fullRun(
  host: Host,
  known: KnownRuns,
  plan: unknown,
  table: unknown,
  options?: RunOptions,
): Live<RunSnapshot> {
  return runStage(host, known, "full", { plan, rows: table, options });
}
