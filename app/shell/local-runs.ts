import { Changes } from "./change-stream.ts";
import type { FollowedRun } from "./followed-run.ts";
import { trainSmallRun, type SmallRunServices } from "./small-run.ts";

/** The small runs that this page trains. They go on when the workbook is closed, and end with the page. */
export class LocalRuns {
  readonly changes = new Changes();
  private readonly runs = new Map<string, { run: FollowedRun; stop: AbortController }>();

  find(key: string): FollowedRun | undefined {
    return this.runs.get(key)?.run;
  }

  /** Starts a run, unless it goes on already. */
  start(run: FollowedRun, ipc: Uint8Array, services: SmallRunServices): FollowedRun {
    const known = this.find(run.key);
    if (known !== undefined) return known;
    const stop = new AbortController();
    this.runs.set(run.key, { run, stop });
    this.changes.notify();
    void trainSmallRun(run, ipc, services, stop.signal).then(() => {
      this.runs.delete(run.key);
      this.changes.notify();
    });
    return run;
  }

  /** All that go on now. */
  all(): readonly FollowedRun[] {
    return [...this.runs.values()].map(({ run }) => run);
  }

  cancel(key: string): boolean {
    this.runs.get(key)?.stop.abort();
    return this.runs.has(key);
  }

  get size(): number {
    return this.runs.size;
  }
}
