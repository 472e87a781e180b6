import fc from "fast-check";
import { expect, test } from "vitest";
import type { Workbook } from "../../runtime/workbook.ts";
import { MemoryStore } from "./memory-store.ts";
import { arbitraryPauses, pause } from "./random-edits.ts";
import { arbitraryPolicyScript, ScriptedWorkbook, type Step } from "./random-policies.ts";
import { numberOf, type Body } from "./random-workbook.ts";

const bodies: readonly Body[] = [
  "plain",
  "awaits",
  "gives a promise",
  "yields",
  "yields later",
  "throws",
  "rejects",
];

/** A body that is not kept makes a workbook that is opened again run it. */
const keptBodies: readonly Body[] = ["plain", "awaits", "gives a promise"];

test("in a held workbook no body runs, whatever is edited; then it is as if it was never held", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(bodies), arbitraryPauses, async (script, pauses) => {
      const held = new ScriptedWorkbook(script, { held: true });
      for (const [i, step] of script.steps.entries()) {
        if (!("ask" in step)) held.take(step);
        await pause(pauses[i % pauses.length]);
      }
      await held.workbook.settled();
      expect(held.ran).toEqual([]);
      for (const { state, runs } of held.workbook.statuses()) {
        expect(runs).toBe(0);
        expect(["idle", "blocked", "error"]).toContain(state);
      }
      const other = held.reopened();
      held.workbook.release();
      await held.workbook.settled();
      await other.workbook.settled();
      expect(await facts(held.workbook)).toEqual(await facts(other.workbook));
      expect(held.ran.toSorted()).toEqual(other.ran.toSorted());
      held.workbook.dispose();
      other.workbook.dispose();
    }),
    { numRuns: 80 },
  );
});

test("in a held workbook only what the person asks for runs", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(bodies), arbitraryPauses, async (script, pauses) => {
      const held = new ScriptedWorkbook(script, { held: true });
      const asked = new Set<number>();
      for (const [i, step] of script.steps.entries()) {
        for (const id of askedFor(step, held.workbook)) asked.add(id);
        held.take(step);
        await pause(pauses[i % pauses.length]);
      }
      await held.workbook.settled();
      for (const id of held.ran) expect([...asked]).toContain(id);
      held.workbook.dispose();
    }),
    { numRuns: 80 },
  );
});

test("a held workbook shows what is known, and released it runs what an unheld one runs", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(keptBodies), async (script) => {
      const store = new MemoryStore();
      const first = new ScriptedWorkbook(script, { results: store });
      first.workbook.runAll();
      await first.workbook.settled();
      await first.workbook.keptResults();
      const held = first.reopened({ results: store, held: true });
      await held.workbook.settled();
      expect(held.ran).toEqual([]);
      const other = first.reopened({ results: store });
      await other.workbook.settled();
      // what is shown is true: what an unheld workbook shows from the cache
      for (const { id, state, fingerprint } of held.workbook.statuses())
        if (state === "fresh")
          expect(other.workbook.status(id)).toMatchObject({ state, fingerprint, cached: true });
      held.workbook.release();
      await held.workbook.settled();
      expect(await facts(held.workbook)).toEqual(await facts(other.workbook));
      expect(held.ran.toSorted()).toEqual(other.ran.toSorted());
      for (const { workbook } of [first, held, other]) workbook.dispose();
    }),
    { numRuns: 80 },
  );
});

/** Cells that a step has run, were they to run at all. */
function askedFor(step: Step, workbook: Workbook): readonly number[] {
  if (!("ask" in step)) return [];
  const all = workbook.statuses().map(({ id }) => id);
  if (step.ask === "runAll" || step.ask === "runStale") return all;
  // a random cell reads those of lower numbers
  return step.ask === "run" ? [step.id] : all.filter((id) => id <= step.id);
}

/** Where each cell stands, and its number where it has one. */
async function facts(workbook: Workbook): Promise<unknown> {
  const statuses = workbook.statuses().toSorted((a, b) => a.id - b.id);
  return await Promise.all(
    statuses.map(async ({ id, state, waitsFor, error }) => {
      const value = state === "fresh" ? numberOf(await workbook.value(`x${id}`)) : undefined;
      return [id, state, value, waitsFor, error?.message];
    }),
  );
}
