import { isFinal, type RunEvent, type RunResult } from "./run.ts";

/** A finished run from its first event to its end. */
export interface FinishedRun {
  readonly events: readonly RunEvent[];
  readonly result: RunResult;
}

/** What is wrong with the record of a run that somebody else gives; undefined for nothing. */
export function recordFault(key: string, { events, result }: FinishedRun): string | undefined {
  if (result.key !== key) return "the result belongs to another run";
  if (!events.every((event, index) => event.seq === index + 1))
    return "the events do not count from 1 without gaps";
  const last = events.findLast((event) => event.type === "state");
  if (last !== undefined && isFinal(last.state) && last.state !== result.state)
    return `the last state is ${last.state}, the result ${result.state}`;
  return undefined;
}
