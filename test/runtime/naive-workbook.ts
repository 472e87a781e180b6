import type { CellState } from "../../runtime/cell.ts";
import { codeOf, isFailing, isYielding, type Place } from "./random-workbook.ts";

/** What a cell comes to. */
export interface Outcome {
  readonly state: CellState;
  /** only of a cell that is fresh */
  readonly value?: number;
}

/** What every cell comes to, as if everything had been calculated from the start. */
export function outcomesOf(places: readonly Place[]): ReadonlyMap<number, Outcome> {
  const outcomes = new Map<number, Outcome>();
  for (const place of places)
    if (place.isPresent) outcomes.set(place.cell.id, outcome(place, outcomes));
  return outcomes;
}

/** Cells come in an order in which each reads earlier ones alone. */
function outcome({ cell, isDisabled }: Place, before: ReadonlyMap<number, Outcome>): Outcome {
  if (isDisabled) return { state: "idle" };
  const inputs = cell.reads.map((read) => before.get(read));
  if (inputs.includes(undefined)) return { state: "error" };
  if (inputs.some((input) => input?.state !== "fresh")) return { state: "blocked" };
  if (isFailing(cell.body)) return { state: "error" };
  const sum = inputs.reduce((total, input) => total + (input?.value ?? 0), cell.own);
  return { state: "fresh", value: sum % cell.modulus };
}

/**
 * Of each cell that comes to a value, by its id, its code and its inputs: their values, or what
 * they were made of where they equal no other.
 */
export function naiveKeys(places: readonly Place[]): ReadonlyMap<number, string> {
  const outcomes = outcomesOf(places);
  const keys = new Map<number, string>();
  const names = new Map<number, string>();
  for (const { cell } of places) {
    const value = outcomes.get(cell.id)?.value;
    if (value === undefined) continue;
    const key = JSON.stringify([codeOf(cell), cell.reads.map((read) => names.get(read))]);
    keys.set(cell.id, key);
    names.set(cell.id, cell.shape === "opaque" ? key : `${cell.shape} ${value}`);
  }
  return keys;
}

/**
 * Which bodies run: those of cells that can run and have no run yet, or whose code or any of whose
 * inputs is another than at their last run and at each earlier run that gave a value once and for
 * all. A cell that cannot run loses the run that it had.
 */
export class NaiveWorkbook {
  private runs = new Map<number, Run>();
  /** the tokens that runs gave, by cell, code and inputs */
  private readonly known = new Map<string, string | undefined>();
  private serial = 0;

  /** Takes the cells as they are now, and gives the ids of those whose bodies run, in order. */
  take(places: readonly Place[]): readonly number[] {
    const outcomes = outcomesOf(places);
    const runs = new Map<number, Run>();
    const ran: number[] = [];
    for (const { cell, isPresent, isDisabled } of places) {
      const inputs = cell.reads.map((read) => runs.get(read)?.token);
      const canRun = isPresent && !isDisabled && !inputs.includes(undefined);
      if (!canRun) continue;
      const key = JSON.stringify([codeOf(cell), inputs]);
      const last = this.runs.get(cell.id);
      const name = `${cell.id} ${key}`;
      const isKept = last?.key === key || this.known.has(name);
      if (!isKept) ran.push(cell.id);
      const value = outcomes.get(cell.id)?.value;
      const token = isKept
        ? last?.key === key
          ? last.token
          : this.known.get(name)
        : value === undefined
          ? undefined
          : cell.shape === "opaque"
            ? `opaque ${++this.serial}`
            : `${cell.shape} ${value}`;
      if (value !== undefined && !isYielding(cell.body)) this.known.set(name, token);
      runs.set(cell.id, { key, token });
    }
    this.runs = runs;
    return ran;
  }
}

interface Run {
  /** code and inputs */
  readonly key: string;
  /** equal to another's where the values are equal to those who read them; none of a failed run */
  readonly token: string | undefined;
}
