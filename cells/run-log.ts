import type { RunEvent } from "../engines/run.ts";

/** What a run has said of itself, as far as its card shows it. */
export interface RunLog {
  /** what it is busy with before it trains, in its own words: `the rows are being made` */
  readonly doing?: string;
  /** its latest warnings and errors, the oldest first */
  readonly faults: readonly { readonly level: "warn" | "error"; readonly text: string }[];
}

/** The most warnings and errors that a card shows. */
const mostFaults = 3;

/** Of a run that has said nothing yet. */
export const emptyLog: RunLog = { faults: [] };

/** What a run has said after one more event. A new state ends what it was busy with. */
export function logAfter(log: RunLog, event: RunEvent): RunLog {
  if (event.type === "state") return { faults: log.faults };
  if (event.type !== "log") return log;
  const { level, text } = event;
  if (level === "info") return { ...log, doing: text };
  return { ...log, faults: [...log.faults, { level, text }].slice(-mostFaults) };
}
