import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Workbook } from "../../runtime/workbook.ts";
import { NaiveWorkbook, outcomesOf, type Outcome } from "./naive-workbook.ts";
import { arbitraryPauses, editRandom, give, openRandom } from "./random-edits.ts";
import { arbitraryScript, edited, numberOf, type Body } from "./random-workbook.ts";

const failing: readonly Body[] = ["throws", "rejects", "gives a rejected promise"];
const oneValue: readonly Body[] = [
  ...(["plain", "plain", "plain", "plain", "awaits", "awaits", "awaits", "awaits"] as const),
  ...(["gives a promise", "yields", "yields later"] as const),
];
const allBodies: readonly Body[] = [...oneValue, "yields twice", ...failing];

test("the bodies that run after an edit are those whose code or inputs changed, each once", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryScript([...oneValue, ...failing]), async ({ places, edits }) => {
      const naive = new NaiveWorkbook();
      const { workbook, ran } = openRandom(places);
      let now = places;
      for (const edit of [undefined, ...edits]) {
        if (edit !== undefined) give(workbook, (now = edited(now, edit)));
        await workbook.settled();
        expect(ran.splice(0).toSorted((a, b) => a - b)).toEqual(naive.take(now));
      }
      workbook.dispose();
    }),
    { numRuns: 60 },
  );
});

test("what cells come to does not depend on when and in what steps they were edited", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryScript(allBodies), arbitraryPauses, async (script, pauses) => {
      const { workbook, places } = await editRandom(script, pauses);
      await settleAs(workbook, outcomesOf(places));
      workbook.dispose();
    }),
    { numRuns: 90 },
  );
});

test("edits of different cells come to the same in any order", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryScript(allBodies), arbitraryPauses, async (script, pauses) => {
      const edits = [...new Map(script.edits.map((each) => [each.id, each])).values()];
      for (const order of [edits, edits.toReversed()]) {
        const { workbook } = await editRandom({ ...script, edits: order }, pauses);
        await settleAs(workbook, outcomesOf(edits.reduce(edited, script.places)));
        workbook.dispose();
      }
    }),
    { numRuns: 40 },
  );
});

test("a settled cell is fresh, error, blocked, idle or stale, and below what has no value blocked", async () => {
  const settledStates = ["fresh", "error", "blocked", "idle", "stale"];
  await fc.assert(
    fc.asyncProperty(arbitraryScript(allBodies), arbitraryPauses, async (script, pauses) => {
      const { workbook } = await editRandom(script, pauses);
      await workbook.settled();
      const states = new Map(workbook.statuses().map(({ id, state }) => [`x${id}`, state]));
      for (const { state, reads, disabled, error } of workbook.statuses()) {
        expect(settledStates).toContain(state);
        const lacksInput = reads.some((name) => states.has(name) && states.get(name) !== "fresh");
        if (lacksInput && !disabled) expect(state).toBe("blocked");
        expect(state === "error" || state === "blocked" || disabled).toBe(error !== undefined);
      }
      workbook.dispose();
    }),
    { numRuns: 60 },
  );
});

/** Generators may go on after all is settled, so what does not hold yet is looked at again. */
async function settleAs(workbook: Workbook, wanted: ReadonlyMap<number, Outcome>): Promise<void> {
  const end = performance.now() + 1000;
  for (;;) {
    await workbook.settled();
    const found = await outcomesIn(workbook);
    if (isDeepStrictEqual(found, wanted) || performance.now() > end)
      return expect(found).toEqual(wanted);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function outcomesIn(workbook: Workbook): Promise<ReadonlyMap<number, Outcome>> {
  const outcomes = new Map<number, Outcome>();
  for (const { id, state } of workbook.statuses())
    outcomes.set(
      id,
      state === "fresh" ? { state, value: numberOf(await workbook.value(`x${id}`)) } : { state },
    );
  return new Map([...outcomes].sort(([a], [b]) => a - b));
}
