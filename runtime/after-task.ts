/** Runs `callback` in a task of its own, after what the present one leads to. */
export function afterTask(callback: () => void): void {
  setTimeout(callback);
}
