import type { LostResult, RunUpdate } from "../../cells/host.ts";
import {
  isFinal,
  newSnapshot,
  snapshotAfter,
  snapshotWithResult,
  type RunEvent,
  type RunEventBody,
  type RunRequest,
  type RunResult,
  type RunSnapshot,
} from "../../engines/index.ts";
import { Changes, streamOf } from "./change-stream.ts";

/** A run that this page trains or follows: all its events so far, and its end. */
export class FollowedRun {
  readonly changes = new Changes();
  private readonly log: RunEvent[] = [];
  private end: RunResult | LostResult | undefined;
  private current: RunSnapshot;

  constructor(
    readonly key: string,
    readonly request: RunRequest,
    /** whether it was there before this page asked for it */
    readonly known: boolean,
    /** whether it came with a publication: nobody here has seen it run */
    readonly isPublished = false,
  ) {
    this.current = newSnapshot(key, request.tier);
  }

  get snapshot(): RunSnapshot {
    return this.current;
  }

  get result(): RunResult | LostResult | undefined {
    return this.end;
  }

  get events(): readonly RunEvent[] {
    return this.log;
  }

  /** Adds an event that has a number; one that was already heard changes nothing. */
  append(event: RunEvent): void {
    if (event.seq <= this.log.length || this.end !== undefined) return;
    this.log.push(event);
    this.current = snapshotAfter(this.current, event);
    this.changes.notify();
  }

  /** Adds an event under the next number, now. */
  add(body: RunEventBody): void {
    this.append({ ...body, seq: this.log.length + 1, at: new Date().toISOString() });
  }

  /** Ends it. Only the first end counts. */
  finish(result: RunResult | LostResult): void {
    if (this.end !== undefined) return;
    this.end = result;
    this.current =
      result.state === "lost"
        ? { ...this.current, state: "lost", reason: result.reason }
        : snapshotWithResult(this.current, result);
    this.changes.notify();
  }

  /** Whether it will never change again. */
  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** Whether its last state says that it is over, though the result is still to come. */
  get isEnding(): boolean {
    return this.end === undefined && isFinal(this.current.state);
  }

  /** Everything from the first event on, live, up to the result. */
  updates(): AsyncIterableIterator<RunUpdate, undefined> {
    let next = -1;
    let ended = false;
    return streamOf<RunUpdate>(this.changes, () => {
      if (next < 0) {
        next = 0;
        const { key, known, isPublished } = this;
        return item({ type: "attached", key, known, ...(isPublished && { isPublished }) });
      }
      const event = this.log[next];
      if (event !== undefined) {
        next += 1;
        return item({ type: "event", event });
      }
      if (this.end === undefined) return undefined;
      if (ended) return { done: true, value: undefined };
      ended = true;
      return item({ type: "result", result: this.end });
    });
  }
}

function item(value: RunUpdate): IteratorResult<RunUpdate, undefined> {
  return { done: false, value };
}
