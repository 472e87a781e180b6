import { watch, type FSWatcher } from "node:fs";

/**
 * Yields at once and then whenever something in a folder may have changed, until the signal aborts.
 * Notices of the file system come quickly but not everywhere and not always, so it also yields
 * every `pollMilliseconds`. Changes that come together give one yield.
 */
export async function* folderChanges(
  folder: string,
  signal: AbortSignal,
  pollMilliseconds = 500,
): AsyncGenerator<void> {
  let wake: () => void = () => undefined;
  let changed = false;
  const notice = (): void => {
    changed = true;
    wake();
  };
  const watcher = watchIfPossible(folder, notice);
  const timer = setInterval(notice, pollMilliseconds);
  signal.addEventListener("abort", notice);
  try {
    yield;
    while (!signal.aborted) {
      if (!changed) await new Promise<void>((resolve) => (wake = resolve));
      changed = false;
      if (!signal.aborted) yield;
    }
  } finally {
    signal.removeEventListener("abort", notice);
    clearInterval(timer);
    watcher?.close();
  }
}

function watchIfPossible(folder: string, notice: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, notice);
    // the folder may go, or the machine may run out of watches: polling goes on
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
