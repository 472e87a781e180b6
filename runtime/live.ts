/** The member that marks a value as {@link Live}. */
export const liveKey: unique symbol = Symbol.for("tierbook.live");

/**
 * A value that goes on for a while, shows itself as it goes, and gives values: a lifecycle stage.
 * `display(live)` draws its card, redrawn in the same slot at every state. `view(live)` does that
 * and is a generator of its values. Both reject when it fails. Iterating starts it; returning from
 * the iteration *detaches* and must never cancel what somebody pays for.
 */
export interface Live<Value> extends AsyncIterable<LiveState<Value>> {
  readonly [liveKey]: true;
  /**
   * Whether it is a function of what it was made of alone, so that what it came to may be given
   * again without starting it; absent for what asks a person or has an effect.
   */
  readonly isPure?: boolean;
}

/** One state of a {@link Live} value. */
export interface LiveState<Value> {
  /** what to draw, as plain data */
  readonly card: unknown;
  /** the value so far; absent as long as there is none */
  readonly value?: Value;
  /** why it waits for a person or for another stage; the cell is then `stale`, not `running` */
  readonly waitsFor?: string;
  /** the failure; the iteration ends with it */
  readonly error?: Error;
}

/** Whether a value is {@link Live}. */
export function isLive(value: unknown): value is Live<unknown> {
  return typeof value === "object" && value !== null && liveKey in value;
}
