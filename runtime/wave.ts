import { afterTask } from "./after-task.ts";

/** What a wave goes through: it is updated after all that it reads. */
export interface WaveMember {
  /** its place in the order: greater than those of all that it reads */
  rank: number;
  /** whether it is to be updated */
  isTouched: boolean;
  /** Looks at what it reads and does what follows. */
  update(): void;
}

/**
 * Changes go through the graph in waves. All that is touched in one task is updated in one wave, on
 * a microtask: each member once, in the graph's order, and only if something that it reads really
 * changed. What touches members that the wave has passed begins another wave.
 */
export class Wave<Member extends WaveMember> {
  private order: readonly Member[] = [];
  /** the lowest rank that was touched, and how many members were */
  private first = Infinity;
  private count = 0;
  /** the rank that is being updated */
  private at = -1;
  private isScheduled = false;
  private isStopped = false;
  /** waves since the task began */
  private waves = 0;

  /** @param over called at the end of each wave */
  constructor(private readonly over: () => void) {}

  /** Whether a wave is to come or under way. */
  get isBusy(): boolean {
    return (this.isScheduled || this.at >= 0) && !this.isStopped;
  }

  /** Takes the members in an order in which each comes after all that it reads. */
  arrange(order: readonly Member[]): void {
    this.order = order;
    this.first = Infinity;
    this.count = 0;
    this.at = -1;
    order.forEach((member, rank) => {
      member.rank = rank;
      if (!member.isTouched) return;
      this.count++;
      if (rank < this.first) this.first = rank;
    });
    this.schedule();
  }

  /** Has a member updated, in this wave if it has not passed it, else in the next. */
  touch(member: Member): void {
    if (member.isTouched) return;
    member.isTouched = true;
    this.count++;
    if (member.rank > this.at && this.at >= 0) return;
    if (member.rank < this.first) this.first = member.rank;
    if (this.at < 0) this.schedule();
  }

  /** Calls `over` soon, though nothing may be touched. */
  schedule(): void {
    if (this.isScheduled || this.isStopped) return;
    this.isScheduled = true;
    if (this.waves++ === 0) afterTask(() => (this.waves = 0));
    const run = (): void => this.run();
    // cells that set each other off for ever must leave the page room to breathe
    if (this.waves < mostWavesInTask) void Promise.resolve().then(run);
    else afterTask(run);
  }

  /** Nothing is updated any more. */
  stop(): void {
    this.isStopped = true;
  }

  private run(): void {
    this.isScheduled = false;
    if (this.isStopped) return;
    const { order } = this;
    const first = this.first;
    this.first = Infinity;
    try {
      for (let rank = first; rank < order.length && this.count > 0; rank++) {
        const member = order[rank];
        if (member === undefined || !member.isTouched) continue;
        member.isTouched = false;
        this.count--;
        this.at = rank;
        member.update();
        // a body may change the cells
        if (this.order !== order) break;
      }
    } finally {
      // where a member failed the others are still to come
      if (this.order === order && this.count > 0) this.first = Math.min(this.first, this.at + 1);
      this.at = -1;
      if (this.count > 0) this.schedule();
      this.over();
    }
  }
}

const mostWavesInTask = 100;
