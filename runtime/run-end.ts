/** How a run tells its body that it is over: by a promise and by a signal, made for those who ask. */
export class RunEnd {
  private controller: AbortController | undefined;
  private promise: { readonly over: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(private isOver: boolean) {}

  /** Fires when the run is over. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isOver) this.abort();
    return this.controller.signal;
  }

  /** Resolves when the run is over. */
  get over(): Promise<void> {
    if (this.promise === undefined) {
      let resolve = (): void => undefined;
      const over = new Promise<void>((yes) => (resolve = yes));
      this.promise = { over, resolve };
      if (this.isOver) resolve();
    }
    return this.promise.over;
  }

  /** The run is over. */
  tell(): void {
    this.isOver = true;
    this.abort();
    this.promise?.resolve();
  }

  private abort(): void {
    this.controller?.abort(new DOMException("The cell runs anew or is gone", "AbortError"));
  }
}
