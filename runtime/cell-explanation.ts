import { fingerprintChanges, inputSource } from "./fingerprint-change.ts";
import { explanationOf, type Explanation } from "./fingerprint-explanation.ts";
import type { FingerprintHistory } from "./fingerprint-history.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";

/** A cell that can be explained. */
export interface ExplainedCell {
  readonly history: FingerprintHistory;
  /** whether its policy keeps it from running on what it is made of now */
  readonly isHeld: boolean;
  /** whether its result came back without a run */
  readonly isCached: boolean;
  /** what it waits for, if it does, and whether by itself */
  readonly waitsFor: string | undefined;
  readonly waitsBySelf: boolean;
  /** whether it had a value at any time */
  readonly hadValue: boolean;
  /** what a run would be made of now */
  recorded(): FingerprintRecord;
  /** whether a name stands for the value of a cell that waits */
  isWaitedFor(name: string): boolean;
}

/** Why a cell ran again or is stale; undefined where there is no finished run to compare with. */
export function explainCell(cell: ExplainedCell): Explanation | undefined {
  const { history, waitsFor } = cell;
  if (cell.isHeld) {
    const { lastFinished } = history;
    if (lastFinished === undefined) return undefined;
    return explanationOf("stale", fingerprintChanges(lastFinished, cell.recorded()));
  }
  if (waitsFor !== undefined && !cell.waitsBySelf)
    return cell.hadValue ? explanationOf("stale", waitingInputs(cell)) : undefined;
  const changes = history.changes();
  if (changes === undefined) return undefined;
  return explanationOf(
    waitsFor !== undefined ? "stale" : cell.isCached ? "restored" : "ran",
    changes,
  );
}

/** What a cell reads of cells that wait for a person, or for one that does. */
function waitingInputs(cell: ExplainedCell): Parameters<typeof explanationOf>[1] {
  const inputs = cell.history.last?.inputs ?? [];
  return inputs
    .filter(({ name }) => cell.isWaitedFor(name))
    .map((input) => ({ ...inputSource(input), how: "changed" }));
}
