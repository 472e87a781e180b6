import type { PublishedRun } from "../../../cells/share/published-run.ts";
import { runKey, type RunRequest, type RunResult } from "../../../engines/run.ts";
import type { FinishedRun } from "../../../engines/run-record.ts";
import { ApiError } from "../api.ts";
import type { KnownRun, RunRecord } from "../api-schema.ts";
import type { OpenedPublication } from "./publication-client.ts";
import { readPublishedRun } from "./published-run.ts";

/** The most small runs of a visit that are kept. */
const maxOwn = 100;

/** What the full tier needs and a visit without a server has not. */
export const serverReason = {
  stage: "fullRun",
  code: "no-server",
  message:
    "the full tier runs on a Tierbook server: make a copy in a workspace of your own (`npx tierbook serve`) and run it there",
} as const;

/** The runs of a visit without a server: the small ones that were trained here, and the published. */
export class GuestRuns {
  private readonly own = new Map<string, PublishedRun>();

  constructor(private readonly opened: OpenedPublication | undefined) {}

  /** A run by its key; one that was trained here is believed before one that was published. */
  async find(key: string): Promise<KnownRun | undefined> {
    const own = this.own.get(key);
    if (own !== undefined) return knownRun(key, own);
    const published = await this.published(key);
    return published && { ...knownRun(key, published), isPublished: true };
  }

  /** @throws {ApiError} `run` for a key that nobody knows here */
  async record(key: string): Promise<RunRecord> {
    const { events, result } = this.own.get(key) ?? (await this.published(key)) ?? {};
    if (events === undefined || result === undefined) throw unknownRun(key);
    return { events, result };
  }

  /**
   * Keeps a small run that was trained here.
   *
   * @throws {ApiError} `no-server` for a run that is still to be executed, `key` for a wrong key
   */
  keep(key: string, request: RunRequest, record: FinishedRun | undefined): void {
    const { message, code } = serverReason;
    if (request.tier !== "small" || record === undefined) throw new ApiError(message, code, 0);
    if (runKey(request) !== key)
      throw new ApiError(`this request's key is ${runKey(request)}, not ${key}`, "key", 0);
    const { events, result } = record;
    this.own.delete(key);
    this.own.set(key, { request, events, result });
    const [oldest] = this.own.keys();
    if (this.own.size > maxOwn && oldest !== undefined) this.own.delete(oldest);
  }

  /** What a run that was trained here came to. */
  ownResult(key: string): RunResult | undefined {
    return this.own.get(key)?.result;
  }

  private async published(key: string): Promise<PublishedRun | undefined> {
    return this.opened && (await readPublishedRun(this.opened, key));
  }
}

/** The refusal of what only a run that is known can be asked. */
export function unknownRun(key: string): ApiError {
  return new ApiError(`there is no run ${key} here`, "run", 0);
}

function knownRun(key: string, { request, result }: PublishedRun): KnownRun {
  return { key, request, state: result.state, result };
}
