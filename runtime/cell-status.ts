import type { CellError, CellState, CellStatus } from "./cell.ts";
import type { FingerprintRecord } from "./fingerprint-record.ts";

/** What a cell knows of itself at one moment. */
export interface StatusFacts {
  readonly id: number;
  readonly state: CellState;
  readonly defines: readonly string[];
  readonly reads: readonly string[];
  readonly runs: number;
  readonly volatile: boolean;
  readonly isDisabled: boolean;
  readonly isCached: boolean;
  readonly duration: number | undefined;
  readonly waitsFor: string | undefined;
  readonly isHeld: boolean;
  readonly error: CellError | undefined;
  /** what the run at hand is made of */
  readonly record: FingerprintRecord | undefined;
}

/** A cell's status at one moment; later changes of the cell do not reach it. */
export class StatusSnapshot implements CellStatus {
  readonly id: number;
  readonly state: CellState;
  readonly defines: readonly string[];
  readonly reads: readonly string[];
  readonly runs: number;
  readonly volatile: boolean;
  readonly disabled: boolean;
  declare readonly cached?: boolean;
  declare readonly duration?: number;
  declare readonly waitsFor?: string;
  declare readonly held?: boolean;
  declare readonly error?: CellError;
  readonly #record: FingerprintRecord | undefined;

  constructor(facts: StatusFacts) {
    this.id = facts.id;
    this.state = facts.state;
    this.defines = facts.defines;
    this.reads = facts.reads;
    this.runs = facts.runs;
    this.volatile = facts.volatile;
    this.disabled = facts.isDisabled;
    if (facts.isCached) this.cached = true;
    if (facts.duration !== undefined) this.duration = facts.duration;
    if (facts.waitsFor !== undefined) this.waitsFor = facts.waitsFor;
    if (facts.isHeld) this.held = true;
    if (facts.error !== undefined) this.error = facts.error;
    this.#record = facts.record;
  }

  /** Whether it says what is still so. */
  isOf(facts: StatusFacts): boolean {
    return (
      this.state === facts.state &&
      this.runs === facts.runs &&
      this.error === facts.error &&
      this.waitsFor === facts.waitsFor &&
      this.duration === facts.duration &&
      this.#record === facts.record &&
      this.defines === facts.defines &&
      this.reads === facts.reads &&
      this.volatile === facts.volatile &&
      this.disabled === facts.isDisabled &&
      (this.cached === true) === facts.isCached &&
      (this.held === true) === facts.isHeld
    );
  }

  /** Computed when somebody reads it, because it costs more than most cells. */
  get fingerprint(): string {
    return this.#record?.fingerprint() ?? "";
  }
}
