import type { RunSnapshot } from "../engines/run-state.ts";
import type { Live } from "../runtime/live.ts";
import type { Host } from "./host.ts";
import type { KnownRuns } from "./known-runs.ts";
import { runStage, type RunOptions } from "./run-stage.ts";

/**
 * The stage that really trains, on the development sample, in this page (or headless). It costs
 * seconds to minutes, so it waits for the person; a run that is known already is shown at once.
 *
 * @param plan the value of `plan`
 * @param dev the development sample
 * @param options only what may differ between tiers, and the device
 */
export function smallRun(
  host: Host,
  known: KnownRuns,
  plan: unknown,
  dev: unknown,
  options?: Omit<RunOptions, "engine">,
): Live<RunSnapshot> {
  return runStage(host, known, "small", { plan, rows: dev, options });
}
