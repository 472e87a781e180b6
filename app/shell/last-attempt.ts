import { overrideText, type RunOverride } from "../../engines/run-override.ts";
import type { RunState } from "../../engines/run.ts";
import type { KnownRun } from "./api-schema.ts";

/** How the last attempt at a key ended, where it did not end well. */
export interface LastAttempt {
  readonly state: RunState;
  readonly reason?: string;
  /** that a person had it started without the receipts it needs */
  readonly override?: RunOverride;
}

/** The last attempt that a known run is; undefined for one that goes on or has succeeded. */
export function lastAttemptOf({ state, override, result }: KnownRun): LastAttempt | undefined {
  if (state !== "failed" && state !== "cancelled" && state !== "lost") return undefined;
  return {
    state,
    ...(result?.reason !== undefined && { reason: result.reason }),
    ...(override !== undefined && { override }),
  };
}

/** What is said of it, a sentence each. */
export function attemptText({ state, reason, override }: LastAttempt): readonly string[] {
  const why = reason === undefined ? "" : `: ${reason}`;
  return [
    `The last attempt ${attemptWords[state] ?? "ended"}${why}`,
    ...(override === undefined ? [] : [overrideText(override)]),
  ];
}

const attemptWords: Partial<Record<RunState, string>> = {
  failed: "failed",
  cancelled: "was cancelled",
  lost: "was lost",
};
