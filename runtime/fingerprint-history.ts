import { fingerprintChanges, type FingerprintChange } from "./fingerprint-change.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";

/** What a cell's last run was made of, and the last finished run before it. */
export class FingerprintHistory {
  private latest: FingerprintRecord | undefined;
  private isFinished = false;
  private finishedBefore: FingerprintRecord | undefined;

  /** The record of the run at hand, or of the last one where there is none. */
  get last(): FingerprintRecord | undefined {
    return this.latest;
  }

  /** The record of the last run that came to its end and gave a result. */
  get lastFinished(): FingerprintRecord | undefined {
    return this.isFinished ? this.latest : this.finishedBefore;
  }

  /** A run begins. What an earlier run was made of is forgotten where that run never finished. */
  begin(record: FingerprintRecord): void {
    if (this.isFinished) this.finishedBefore = this.latest;
    this.latest = record;
    this.isFinished = false;
  }

  /** The last run came to its end and gave a result. */
  finish(): void {
    this.isFinished = true;
  }

  /** What differs between the last run and the last finished one before it, if there was one. */
  changes(): readonly FingerprintChange[] | undefined {
    const { latest, finishedBefore } = this;
    if (latest === undefined || finishedBefore === undefined) return undefined;
    return fingerprintChanges(finishedBefore, latest);
  }
}
