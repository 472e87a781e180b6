import fc from "fast-check";
import type { Workbook } from "../../runtime/workbook.ts";
import { open } from "./open-workbook.ts";
import { cellsOf, edited, randomBuiltins, type Place, type Script } from "./random-workbook.ts";

/** How long to wait before each edit, in milliseconds; 0 is a microtask, undefined not at all. */
export type Pauses = readonly (number | undefined)[];

/** Pauses shorter than many bodies, so that edits come while these run. */
export const arbitraryPauses: fc.Arbitrary<Pauses> = fc.array(
  fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined, freq: 3 }),
  { minLength: 8, maxLength: 8 },
);

/** Opens a random workbook; `ran` gets the id of each body that runs. */
export function openRandom(places: readonly Place[]): {
  readonly workbook: Workbook;
  readonly ran: number[];
} {
  const ran: number[] = [];
  const { workbook } = open([], { builtins: randomBuiltins(ran) });
  give(workbook, places);
  return { workbook, ran };
}

/** Gives a workbook the cells of the places, and says which are disabled. */
export function give(workbook: Workbook, places: readonly Place[]): void {
  for (const { cell, isDisabled } of places) workbook.setDisabled(cell.id, isDisabled);
  workbook.setCells(cellsOf(places));
}

/**
 * Opens a script's workbook and makes its edits, each after its pause; the last may not be settled.
 *
 * @param look called after each step
 */
export async function editRandom(
  { places, edits }: Script,
  pauses: Pauses,
  look: (workbook: Workbook) => void = () => undefined,
): Promise<{ readonly workbook: Workbook; readonly places: readonly Place[] }> {
  const { workbook } = openRandom(places);
  let now = places;
  for (const [i, edit] of edits.entries()) {
    look(workbook);
    await pause(pauses[i]);
    look(workbook);
    now = edited(now, edit);
    give(workbook, now);
  }
  look(workbook);
  return { workbook, places: now };
}

/** Waits, or does not; see {@link Pauses}. */
export async function pause(milliseconds: number | undefined): Promise<void> {
  if (milliseconds === undefined) return;
  if (milliseconds === 0) return await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
