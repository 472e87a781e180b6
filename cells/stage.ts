import { liveKey, type Live, type LiveState } from "../runtime/live.ts";
import type { Card } from "./card.ts";

/** What a stage's body reports with. */
export interface StageReport<Value> {
  /** Shows where the stage stands. A reader that is slow sees the newest state, not each. */
  show(state: StageState<Value>): void;
  /**
   * Aborted when nobody watches any more. A body then lets go of what it waits for; it never stops
   * what somebody pays for.
   */
  readonly signal: AbortSignal;
}

/** A state of a stage; its failure is what its body throws. */
export interface StageState<Value> extends Omit<LiveState<Value>, "card" | "error"> {
  readonly card: Card;
}

/**
 * Makes a stage from what it does. The body starts when somebody first watches; all who watch share
 * that one execution, and who comes later sees the newest state first. When the last one leaves
 * before the end it is detached, and starts anew for the next; what has ended stays.
 *
 * A body that throws ends the stage with that error, under its last card.
 *
 * @param opening shown until the body shows something itself
 * @param isPure whether what it came to may be given again without doing it, as {@link Live} has it;
 *   asked once it has ended
 */
export function stage<Value>(
  opening: Card,
  body: (report: StageReport<Value>) => Promise<void>,
  isPure: () => boolean = () => false,
): Live<Value> {
  let execution: Execution<Value> | undefined;
  const join = (): Execution<Value> => {
    if (execution === undefined || execution.isDetached) execution = new Execution(opening, body);
    return execution;
  };
  return {
    [liveKey]: true,
    get isPure() {
      return isPure();
    },
    [Symbol.asyncIterator]: () => new Watcher(join),
  };
}

/** One who watches a stage; joins at the first `next`, leaves at the end or with `return`. */
class Watcher<Value> implements AsyncIterator<LiveState<Value>> {
  private execution: Execution<Value> | undefined;
  private seen = 0;
  private isOver = false;

  constructor(private readonly join: () => Execution<Value>) {}

  async next(): Promise<IteratorResult<LiveState<Value>>> {
    for (;;) {
      if (this.isOver) return { done: true, value: undefined };
      if (this.execution === undefined) {
        this.execution = this.join();
        this.execution.watchers++;
      }
      const { version, latest, hasEnded } = this.execution;
      if (version > this.seen) {
        this.seen = version;
        return { done: false, value: latest };
      }
      if (hasEnded) this.leave();
      else await this.execution.changed();
    }
  }

  return(): Promise<IteratorResult<LiveState<Value>>> {
    this.leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  private leave(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.execution?.leave();
  }
}

class Execution<Value> {
  latest: LiveState<Value>;
  version = 1;
  watchers = 0;
  hasEnded = false;
  private readonly controller = new AbortController();
  private readonly wakers: (() => void)[] = [];

  constructor(opening: Card, body: (report: StageReport<Value>) => Promise<void>) {
    this.latest = { card: opening };
    let card = opening;
    const show = (state: StageState<Value>): void => {
      card = state.card;
      this.show(state);
    };
    const run = async (): Promise<void> => body({ show, signal: this.controller.signal });
    run().then(
      () => this.end(),
      (thrown: unknown) => {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        const { waitsFor: _waitsFor, ...last } = this.latest;
        this.show({ ...last, card: failedCard(card, error), error });
        this.end();
      },
    );
  }

  get isDetached(): boolean {
    return this.controller.signal.aborted;
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.wakers.push(resolve));
  }

  leave(): void {
    this.watchers--;
    if (this.watchers === 0 && !this.hasEnded) this.controller.abort();
    this.wake();
  }

  private show(state: LiveState<Value>): void {
    if (this.hasEnded || this.isDetached) return;
    this.latest = state;
    this.version++;
    this.wake();
  }

  private end(): void {
    this.hasEnded = true;
    this.wake();
  }

  private wake(): void {
    for (const wake of this.wakers.splice(0)) wake();
  }
}

/** The last card, saying what went wrong where it does not say so by itself. */
function failedCard(card: Card, error: Error): Card {
  if (["fail", "cancelled", "lost"].includes(card.status)) return card;
  return { ...card, status: "fail", summary: error.message, actions: [] };
}
