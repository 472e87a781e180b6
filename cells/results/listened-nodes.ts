/** Where somebody has listened, and the classes whose listeners are noted. */
const listened = new WeakSet<EventTarget>();
const noted = new WeakSet<object>();

/**
 * Remembers from now on to what somebody listens, since no node says it of itself: to be called when
 * the document is there and before any cell runs. Doing it again changes nothing.
 */
export function noteListeners(): void {
  const { prototype } = EventTarget;
  if (noted.has(prototype)) return;
  noted.add(prototype);
  const { addEventListener } = prototype;
  prototype.addEventListener = function (
    this: EventTarget | undefined,
    ...listener: Parameters<typeof addEventListener>
  ): void {
    // called without a target it means the window
    if (this !== undefined) listened.add(this);
    addEventListener.apply(this ?? globalThis, listener);
  };
}

/** Whether anybody has listened to a node by `addEventListener` since that is noted. */
export function isListened(node: EventTarget): boolean {
  return listened.has(node);
}
