import type { Backend } from "./backend.ts";
import type { LedgerLine } from "./api-schema.ts";
import type { RunFeed } from "./run-feed.ts";

/** What the ledger has gained: runs that were submitted or ended, and recipes with new receipts. */
export interface LedgerGain {
  readonly runs: ReadonlySet<string>;
  readonly recipes: ReadonlySet<string>;
}

/**
 * Hears what the ledger gains, in order and without gaps; `undefined` where it cannot be said what
 * was gained, so that everything must be asked for again. Gives the function that stops it.
 */
export function followLedger(
  feed: Pick<RunFeed, "onLedger">,
  api: Pick<Backend, "ledger">,
  hear: (gain: LedgerGain | undefined) => Promise<void>,
): () => void {
  let known: number | undefined;
  let newest = 0;
  let isBusy = false;
  let isOver = false;
  const catchUp = async (): Promise<void> => {
    isBusy = true;
    try {
      while (known !== newest && !isOver) {
        const from = known;
        const head = newest;
        if (from === undefined || head < from) await hear(undefined);
        else await hear(gainOf(await api.ledger(from)));
        known = head;
      }
    } finally {
      // In the same turn as the last look at `newest`, so that no news falls between the two.
      isBusy = false;
    }
  };
  const stop = feed.onLedger((head) => {
    newest = head;
    // What fails now, the next news or the next connection makes good.
    if (!isBusy) void catchUp().catch(() => undefined);
  });
  return () => {
    isOver = true;
    stop();
  };
}

function gainOf(lines: readonly LedgerLine[]): LedgerGain {
  return {
    runs: new Set(lines.flatMap(({ body }) => (body.key === undefined ? [] : [body.key]))),
    recipes: new Set(
      lines.flatMap(({ body }) =>
        body.subject?.recipe === undefined ? [] : [body.subject.recipe],
      ),
    ),
  };
}
