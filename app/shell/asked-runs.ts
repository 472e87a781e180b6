import {
  planDigest,
  recipeDigest,
  runKey,
  type Plan,
  type RunRequest,
} from "../../engines/index.ts";
import { AskedRun } from "./asked-run.ts";
import { DispatchError } from "./dispatch-services.ts";

/** Requests that nobody reads any more and that are remembered all the same. */
const mostIdle = 12;

/** The runs that one workbook asks for. The same plan, rows, engine and device are one of them. */
export class AskedRuns {
  private readonly runs = new Map<string, AskedRun>();
  private clock = 0;

  /** @param changed hears when any of them changes */
  constructor(private readonly changed: () => void) {}

  /** All of them, in no order that means anything. */
  all(): readonly AskedRun[] {
    return [...this.runs.values()];
  }

  /** Those of a tier, the latest asked for first. */
  ofTier(tier: "small" | "full"): readonly AskedRun[] {
    return this.all()
      .filter(({ request }) => request.tier === tier)
      .sort((a, b) => b.askedAt - a.askedAt);
  }

  /** The one that a request is, which now is the latest. */
  ask(plan: Plan, request: RunRequest, ipc?: Uint8Array): AskedRun {
    const { tier, rows, engine, device } = request;
    const name = [tier, planDigest(plan), rows.digest, engine, device].join(" ");
    let asked = this.runs.get(name);
    if (asked === undefined) {
      const kept = this.sameRows(request) ?? ipc;
      asked = new AskedRun(request, runKey(request), recipeDigest(plan), device, kept);
      asked.changes.listen(this.changed);
      this.runs.set(name, asked);
    }
    asked.askedAt = ++this.clock;
    this.prune();
    return asked;
  }

  /**
   * The one with a key.
   *
   * @throws {DispatchError} `unknown-run` for a key that the workbook has not asked for
   */
  withKey(key: string): AskedRun {
    const found = this.all().find((asked) => asked.key === key);
    if (found !== undefined) return found;
    throw new DispatchError(
      "This workbook has not asked for that run",
      "unknown-run",
      "Run the cell with the run first",
    );
  }

  /** Equal rows are kept once, however often they came over the port. */
  private sameRows({ rows }: RunRequest): Uint8Array | undefined {
    const same = this.all().find(
      ({ request }) => "blob" in request.rows && "blob" in rows && request.rows.blob === rows.blob,
    );
    return same?.ipc;
  }

  /** Forgets the oldest that nobody reads: each keeps its rows. */
  private prune(): void {
    const idle = [...this.runs]
      .filter(([, { run, readers }]) => readers === 0 && (run === undefined || run.isOver))
      .sort(([, a], [, b]) => b.askedAt - a.askedAt);
    for (const [name] of idle.slice(mostIdle)) this.runs.delete(name);
  }
}
