/** Runs pieces of work of this process one after the other, in the order in which they were asked. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  run<Result>(body: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(body, body);
    this.last = result.catch(() => undefined);
    return result;
  }
}
