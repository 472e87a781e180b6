import type { CellRun } from "./cell-run.ts";
import type { FingerprintHistory } from "./fingerprint-history.ts";
import { Variable } from "./variable.ts";

/** What a cell waits for, and whether by itself or because of what it reads. */
export interface Wait {
  readonly reason: string;
  readonly isOwn: boolean;
}

/** The variables of the names that a cell defines. */
export class CellOutputs {
  all: readonly Variable[] = [];
  private wait: Wait | undefined;

  /** @param history of the cell's runs */
  constructor(private readonly history: FingerprintHistory) {}

  /** Makes the variables for some names, and gives up others. */
  define(names: readonly string[]): void {
    const known = new Map(this.all.map((variable) => [variable.name, variable]));
    this.all = names.map((name) => {
      const variable = known.get(name) ?? new Variable(name, this.history);
      variable.wait = this.waitOf(name);
      return variable;
    });
  }

  /** There are no values as yet. */
  pend(): void {
    for (const variable of this.all) variable.pend();
  }

  /** There are none, for this reason. */
  fail(error: unknown): void {
    for (const variable of this.all) variable.fail(error);
  }

  /**
   * Gives what a run came to.
   *
   * @param isOld whether it is of other code, which may define what this run did not
   * @returns whether a stream of it has given a value
   */
  give(run: CellRun, isOld: boolean): boolean {
    let isGiving = false;
    for (const variable of this.all) {
      const late = run.late?.get(variable.name);
      if (late !== undefined && late.version > 0) isGiving = true;
      if (isOld && !Object.hasOwn(run.exports, variable.name)) variable.pend();
      else if (late === undefined) variable.give(run.exports[variable.name], run);
      else variable.follow(late);
    }
    return isGiving;
  }

  /** Tells the readers what the cell waits for now, if it does. */
  setWait(wait: Wait | undefined): void {
    this.wait = wait;
    for (const variable of this.all) {
      variable.wait = this.waitOf(variable.name);
      variable.tell();
    }
  }

  /** What the readers of a name wait for: where the waiting begins is named. */
  private waitOf(name: string): string | undefined {
    if (this.wait === undefined) return undefined;
    const { reason, isOwn } = this.wait;
    return isOwn ? `\`${name}\` waits: ${reason}` : reason;
  }
}
