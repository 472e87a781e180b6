import { Generators } from "./generators.ts";

/** A value that the cell which made it may change, and that others see change. */
export interface Mutable<Value> extends AsyncIterable<Value> {
  value: Value;
}

/**
 * Observable's `Mutable`: assigning `value` gives the new value to the cells that read it.
 *
 * @example
 * const count = Mutable(0);
 * const increment = () => count.value++;
 */
export function Mutable<Value>(initial: Value): Mutable<Value> & AsyncGenerator<Value, void, void> {
  let value = initial;
  let change: ((value: Value) => void) | undefined;
  const generator = Generators.observe<Value>((notify) => {
    change = notify;
    if (value !== undefined) notify(value);
  });
  return Object.defineProperty(Object.assign(generator, { value }), "value", {
    get: () => value,
    set: (next: Value) => {
      value = next;
      change?.(next);
    },
  });
}
