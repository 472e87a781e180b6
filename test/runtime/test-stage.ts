import { liveKey, type Live, type LiveState } from "../../runtime/live.ts";

/** A stage whose states the test tells. */
export class TestStage implements Live<unknown> {
  readonly [liveKey] = true;
  isStarted = false;
  isDetached = false;
  private readonly states: (LiveState<unknown> | undefined)[] = [];
  private wake = (): void => undefined;

  constructor(readonly isPure = false) {}

  tell(state: LiveState<unknown>): void {
    this.states.push(state);
    this.wake();
  }

  end(): void {
    this.states.push(undefined);
    this.wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<LiveState<unknown>> {
    this.isStarted = true;
    return {
      next: async () => {
        while (this.states.length === 0) await new Promise<void>((wake) => (this.wake = wake));
        const value = this.states.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: () => {
        this.isDetached = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
