import type { Stream } from "./stream.ts";

/** Where a cell shows what its run displays. */
export interface Screen {
  /** what the cell showed before is over */
  clear(): void;
  /** shows a value in a slot, in place of what it showed there */
  display(slot: number, value: unknown): void;
}

/** What a run displays, in slots. The first thing takes what the run before displayed off the screen. */
export class RunDisplays {
  private readonly values: unknown[] = [];
  private isCleared = false;
  private isClosed = false;

  constructor(private readonly screen: Screen) {}

  /** What a run that is over displayed. */
  static closed(screen: Screen, shown: readonly unknown[]): RunDisplays {
    const displays = new RunDisplays(screen);
    displays.values.push(...shown);
    displays.isClosed = true;
    return displays;
  }

  /** What was displayed last in each slot. */
  get shown(): readonly unknown[] {
    return this.values;
  }

  /** A slot for something to be shown. */
  newSlot(): number {
    return this.values.push(undefined) - 1;
  }

  /** Shows a value in a slot. */
  put(slot: number, value: unknown): void {
    if (this.isClosed) return;
    if (!this.isCleared) this.screen.clear();
    this.isCleared = true;
    this.values[slot] = value;
    this.screen.display(slot, value);
  }

  /** Shows each value of a stream as it comes, in one slot. */
  follow(stream: Stream): void {
    const slot = this.newSlot();
    let seen = 0;
    const look = (): void => {
      if (stream.version > seen) this.put(slot, stream.latest);
      seen = stream.version;
    };
    stream.listen(look);
    look();
  }

  /** Shows everything again. */
  showAgain(): void {
    this.screen.clear();
    this.values.forEach((value, slot) => this.screen.display(slot, value));
  }

  /** Shows nothing any more; what stands on the screen stays. */
  close(): void {
    this.isClosed = true;
  }
}
