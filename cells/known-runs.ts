import type { Tier } from "../engines/run.ts";
import type { RunSnapshot } from "../engines/run-state.ts";
import type { SubmitRequest } from "./host.ts";
import { differenceText, planDifferences } from "./plan-difference.ts";

/** What decides a run's result, without the rows themselves. */
export interface AskedRun extends Pick<SubmitRequest, "plan" | "engine" | "device"> {
  readonly rows: { readonly digest: string };
}

/** A run that was watched here, and what it was asked to be. */
export interface KnownRun {
  readonly request: AskedRun;
  readonly snapshot: RunSnapshot;
}

/** The most runs that are remembered; the ledger remembers them all. */
const limit = 50;

/**
 * The runs that were watched in this workbook since it was opened, so that a stage that waits can
 * show the last result and say what changed since.
 */
export class KnownRuns {
  private readonly runs = new Map<string, KnownRun>();

  /** Remembers how a run stands now. */
  keep({ plan, rows, engine, device }: AskedRun, snapshot: RunSnapshot): void {
    const request = { plan, rows: { digest: rows.digest }, engine, device };
    this.runs.delete(snapshot.key);
    this.runs.set(snapshot.key, { request, snapshot });
    const [oldest] = this.runs.keys();
    if (this.runs.size > limit && oldest !== undefined) this.runs.delete(oldest);
  }

  /** The run with a key, where it was watched here. */
  find(key: string): KnownRun | undefined {
    return this.runs.get(key);
  }

  /**
   * The run of that tier whose request differs least from the one given; the newest of several.
   * What a cell showed before an edit is found so, whichever cells there are.
   */
  nearest(tier: Tier, request: AskedRun): KnownRun | undefined {
    let best: KnownRun | undefined;
    let least = Infinity;
    for (const run of [...this.runs.values()].toReversed()) {
      if (run.snapshot.tier !== tier || run.snapshot.seq === 0) continue;
      const distance = changesBetween(run.request, request).length;
      if (distance < least) {
        best = run;
        least = distance;
      }
    }
    return best;
  }
}

/** What changed between two requests, in words: `network[0].units: 16 → 20`, `the rows`. */
export function changesBetween(before: AskedRun, after: AskedRun): string[] {
  return [
    ...planDifferences(before.plan, after.plan).map(differenceText),
    ...(before.rows.digest === after.rows.digest ? [] : ["the rows"]),
    ...(before.device === after.device ? [] : [`device: ${before.device} → ${after.device}`]),
    ...(before.engine === after.engine ? [] : [`engine: ${before.engine} → ${after.engine}`]),
  ];
}
