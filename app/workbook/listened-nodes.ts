/**
 * Remembers to what somebody listens, since no node says it of itself. It does so for all that
 * happens after this module is loaded, which is before any cell runs.
 */
const listened = new WeakSet<EventTarget>();

const addEventListener = EventTarget.prototype.addEventListener;

EventTarget.prototype.addEventListener = function (
  this: EventTarget | undefined,
  ...listener: Parameters<typeof addEventListener>
): void {
  // called without a target it means the window
  if (this !== undefined) listened.add(this);
  addEventListener.apply(this ?? globalThis, listener);
};

/** Whether anybody ever listened to a node by `addEventListener`. */
export function isListened(node: EventTarget): boolean {
  return listened.has(node);
}
