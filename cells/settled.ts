/** Milliseconds that an input must rest before checks of it are asked of somebody else. */
const restTime = 120;

/**
 * Waits for a moment, so that a slider in motion does not ask for a check at each of its places.
 *
 * @throws the signal's reason, when nobody watches any more
 */
export async function settled(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, restTime);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  signal.throwIfAborted();
}
