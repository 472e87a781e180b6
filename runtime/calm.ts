import { afterTask } from "./after-task.ts";

/** Waits until nothing is under way, of something that has busy times. */
export class Calm {
  private listeners: (() => void)[] = [];

  constructor(private readonly isBusy: () => boolean) {}

  /** Has those who wait look again: something came to an end. */
  look(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }

  /** Resolves when nothing is under way, nor begins because of what just ended. */
  async settled(): Promise<void> {
    for (;;) {
      await macrotask();
      if (this.isBusy()) {
        await new Promise<void>((resolve) => this.listeners.push(resolve));
        continue;
      }
      await macrotask();
      if (!this.isBusy()) return;
    }
  }
}

/** After all microtasks and what they start. */
function macrotask(): Promise<void> {
  return new Promise(afterTask);
}
