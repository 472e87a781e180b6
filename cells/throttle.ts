/** Something done now and then, with whatever was given last. */
export interface Throttled<Value> {
  (value: Value): void;
  /** Forgets what was given and not yet done. */
  stop(): void;
}

/**
 * Does something at most once in so many milliseconds: at once where it was not done lately, else
 * when the time is over, with the value given last.
 */
export function throttle<Value>(
  milliseconds: number,
  perform: (value: Value) => void,
): Throttled<Value> {
  let last = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: { value: Value } | undefined;
  const flush = (): void => {
    timer = undefined;
    last = performance.now();
    const { value } = pending ?? {};
    pending = undefined;
    if (value !== undefined) perform(value);
  };
  const offer = (value: Value): void => {
    pending = { value };
    const wait = last + milliseconds - performance.now();
    if (wait <= 0 && timer === undefined) flush();
    else timer ??= setTimeout(flush, wait);
  };
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
    pending = undefined;
  };
  return Object.assign(offer, { stop });
}
