import type { Variable } from "./variable.ts";

/** Who waits for a name's value. */
interface Waiter {
  readonly name: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Those outside of the graph who wait for values of names. */
export class ValueWaiters {
  private waiters: Waiter[] = [];

  /** The value of a name, once {@link answer} finds that it has one; rejects where it cannot. */
  wait(name: string): Promise<unknown> {
    return new Promise((resolve, reject) => this.waiters.push({ name, resolve, reject }));
  }

  /** @param variable what a name stands for; undefined where that is not known yet */
  answer(variable: (name: string) => Variable | undefined): void {
    if (this.waiters.length === 0) return;
    this.waiters = this.waiters.filter(({ name, resolve, reject }) => {
      const found = variable(name);
      if (found === undefined || found.state === "pending") return true;
      if (found.state === "value") resolve(found.value);
      else reject(found.error);
      return false;
    });
  }

  /** Nobody will answer any more. */
  reject(error: unknown): void {
    for (const { reject } of this.waiters.splice(0)) reject(error);
  }
}
