import type { RunUpdate } from "../../cells/host.ts";
import type { Device, RunRequest } from "../../engines/index.ts";
import type { RunPrediction } from "../../engines/prediction.ts";
import { Changes, streamOf } from "./change-stream.ts";
import type { FollowedRun } from "./followed-run.ts";
import { attemptText, type LastAttempt } from "./last-attempt.ts";

/** A run that the workbook asks for, from the first question to its result. */
export class AskedRun {
  readonly changes = new Changes();
  /** why it cannot start yet; empty where only a person is missing */
  reasons: readonly string[] = [];
  canStart = false;
  /** whether what it lacks is receipts alone, which a person may do without */
  canOverride = false;
  /** nothing is known yet: the server is being asked */
  isLooking = true;
  /** it was told to start and has not answered yet */
  isStarting = false;
  lastAttempt: LastAttempt | undefined;
  /** what a full run will take, as far as the small run of its recipe can tell */
  prediction: RunPrediction | undefined;
  run: FollowedRun | undefined;
  /** when it was last asked for; larger is later */
  askedAt = 0;
  /** counts what the server was asked of it, so that only the newest answer counts */
  question = 0;
  /** how many streams read it */
  readers = 0;

  constructor(
    /** as it would be submitted now; its device follows the person's choice until it starts */
    public request: RunRequest,
    public key: string,
    readonly recipe: string,
    /** the device that the workbook asks for; `auto` leaves it to the person */
    readonly askedDevice: Device,
    /** rows that are sent, as an Arrow IPC stream; needed until it has started */
    readonly ipc?: Uint8Array,
  ) {}

  /** Whether there is no run of it, or only one that somebody else says there was. */
  get isToBeRun(): boolean {
    return this.run === undefined || this.run.isPublished;
  }

  /** Says why it waits, and whether a person may start it, or start it all the same. */
  wait(reasons: readonly string[], canOverride = false): void {
    this.isLooking = false;
    this.isStarting = false;
    this.reasons = reasons;
    this.canStart = reasons.length === 0;
    this.canOverride = canOverride;
    this.changes.notify();
  }

  /** Goes over to a run that is there. */
  attach(run: FollowedRun): void {
    this.isLooking = false;
    this.isStarting = false;
    this.reasons = [];
    this.canStart = false;
    this.canOverride = false;
    this.run = run;
    run.changes.listen(() => this.changes.notify());
    this.changes.notify();
  }

  /** What the frame hears: that it waits and why, then the run from its first event to its end. */
  updates(): AsyncIterableIterator<RunUpdate, undefined> {
    this.readers += 1;
    let said = "";
    let following: AsyncIterableIterator<RunUpdate, undefined> | undefined;
    const waiting = streamOf<RunUpdate>(this.changes, () => {
      if (this.run !== undefined) return { done: true, value: undefined };
      if (this.isLooking || this.isStarting) return undefined;
      const update: RunUpdate = {
        type: "waiting",
        key: this.key,
        reasons: this.reasonsSaid(),
        canStart: this.canStart,
        ...(this.prediction !== undefined && { prediction: this.prediction }),
      };
      const text = JSON.stringify(update);
      if (text === said) return undefined;
      said = text;
      return { done: false, value: update };
    });
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      this.readers -= 1;
      this.changes.notify();
    };
    return {
      next: async () => {
        if (following === undefined) {
          const step = await waiting.next();
          if (step.done !== true) return step;
          following = isOver ? undefined : this.run?.updates();
        }
        const step = (await following?.next()) ?? { done: true, value: undefined };
        if (step.done === true) finish();
        return step;
      },
      return: async () => {
        finish();
        await waiting.return?.();
        await following?.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  private reasonsSaid(): readonly string[] {
    const { lastAttempt, reasons } = this;
    return lastAttempt === undefined ? reasons : [...attemptText(lastAttempt), ...reasons];
  }
}

/** What a run's frame hears once it is known which one is asked for; asked anew by each reader. */
export function updatesOnceAsked(ask: () => Promise<AskedRun>): AsyncIterable<RunUpdate> {
  return {
    [Symbol.asyncIterator]: () => {
      const updates = ask().then((asked) => asked.updates());
      // Whoever iterates hears the failure; a stream that is let go at once must not cry out.
      updates.catch(() => undefined);
      return {
        next: async () => await (await updates).next(),
        return: () => {
          void updates.then((stream) => stream.return?.()).catch(() => undefined);
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}
