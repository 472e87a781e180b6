import fc from "fast-check";
import { expect, test } from "vitest";
import type { Workbook } from "../../runtime/workbook.ts";
import { written } from "./kept-workbook.ts";
import { MemoryStore } from "./memory-store.ts";
import { outcomesOf } from "./naive-workbook.ts";
import { arbitraryPauses, openRandom, pause } from "./random-edits.ts";
import { arbitraryPolicyScript, ScriptedWorkbook } from "./random-policies.ts";
import { isFailing, numberOf, type Body, type Place } from "./random-workbook.ts";

/** Bodies whose result is one value, which is a function of what they read. */
const functions: readonly Body[] = ["plain", "plain", "awaits", "gives a promise"];
const bodies: readonly Body[] = [...functions, ...functions, "throws", "rejects"];
const allBodies: readonly Body[] = [...bodies, "yields", "yields later"];

test("a cell is fresh only on what it is made of now, and only below what is fresh", async () => {
  const asIfNew = new FreshFingerprints();
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(bodies), arbitraryPauses, async (script, pauses) => {
      const scripted = new ScriptedWorkbook(script);
      const { workbook } = scripted;
      for (const [i, step] of [undefined, ...script.steps].entries()) {
        // known beforehand, so that nothing is waited for between a step and the looks at it
        const after = new ScriptedWorkbook({ ...script, places: scripted.places });
        if (step !== undefined) after.take(step);
        const wanted = await asIfNew.of(after.places);
        after.workbook.dispose();
        if (step !== undefined) scripted.take(step);
        for (let microtask = 0; microtask < 20; microtask++) {
          await Promise.resolve();
          look(workbook, wanted);
        }
        await pause(pauses[i % pauses.length]);
        look(workbook, wanted);
      }
      await workbook.settled();
      look(workbook, await asIfNew.of(scripted.places));
      workbook.dispose();
    }),
    { numRuns: 80 },
  );
});

function look(workbook: Workbook, fingerprints: ReadonlyMap<number, string>): void {
  const statuses = workbook.statuses();
  const stateOf = new Map(statuses.flatMap(({ state, defines }) => defines.map((n) => [n, state])));
  for (const { id, state, fingerprint, reads } of statuses) {
    if (state !== "fresh") continue;
    expect([id, fingerprint]).toEqual([id, fingerprints.get(id)]);
    for (const name of reads) expect(["fresh", undefined]).toContain(stateOf.get(name));
  }
}

test("once a person has run all, everything is as if it had been so from the start", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(allBodies), arbitraryPauses, async (script, pauses) => {
      const scripted = new ScriptedWorkbook(script);
      const { workbook } = scripted;
      for (const [i, step] of script.steps.entries()) {
        scripted.take(step);
        await pause(pauses[i % pauses.length]);
      }
      workbook.runAll();
      const wanted = outcomesOf(scripted.places);
      await expect.poll(() => outcomesIn(workbook), { timeout: 5_000 }).toEqual(wanted);
      workbook.dispose();
    }),
    { numRuns: 80 },
  );
});

test("once a person has run what is stale, nothing waits any more", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(bodies), arbitraryPauses, async (script, pauses) => {
      const scripted = new ScriptedWorkbook(script);
      const { workbook } = scripted;
      for (const [i, step] of script.steps.entries()) {
        scripted.take(step);
        await pause(pauses[i % pauses.length]);
      }
      await workbook.settled();
      workbook.runStale();
      await workbook.settled();
      for (const status of workbook.statuses()) expect(status.waitsFor).toBeUndefined();
      expect(await outcomesIn(workbook)).toEqual(outcomesOf(scripted.places));
      workbook.dispose();
    }),
    { numRuns: 80 },
  );
});

test("a manual cell that nobody asks never runs, and one that runs once does so once", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(allBodies), arbitraryPauses, async (script, pauses) => {
      const scripted = new ScriptedWorkbook(script);
      // a cell that is deleted and comes back is another one
      const steps = script.steps.filter((step) => "edit" in step && !("isPresent" in step.edit));
      for (const [i, step] of steps.entries()) {
        scripted.take(step);
        await pause(pauses[i % pauses.length]);
      }
      await scripted.workbook.settled();
      for (const [id, policy] of script.policies)
        if (policy !== "auto")
          expect(scripted.ran.filter((ran) => ran === id).length).toBeLessThanOrEqual(
            policy === "once" ? 1 : 0,
          );
      scripted.workbook.dispose();
    }),
    { numRuns: 80 },
  );
});

test("a workbook that is opened again is what it was, and runs only what failed", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPolicyScript(bodies), async (script) => {
      const store = new MemoryStore();
      const first = new ScriptedWorkbook(script, { results: store });
      first.workbook.runAll();
      for (const step of script.steps) if (!("policy" in step)) first.take(step);
      await first.workbook.settled();
      first.workbook.runStale();
      await written(first, store);
      const second = new ScriptedWorkbook({ ...script, places: first.places }, { results: store });
      await second.workbook.settled();
      const failing = first.places.filter(({ cell }) => isFailing(cell.body));
      for (const id of second.ran) expect(failing.map(({ cell }) => cell.id)).toContain(id);
      const isKnown = (id: number): boolean => second.workbook.status(id)?.state !== "idle";
      const facts = ({ workbook }: ScriptedWorkbook): unknown =>
        first.places
          .map(({ cell }) => workbook.status(cell.id))
          .filter((status) => status !== undefined && isKnown(status.id))
          .map((status) => [
            status?.id,
            status?.state,
            status?.state === "fresh" && status.fingerprint,
          ]);
      expect(facts(second)).toEqual(facts(first));
      const outcomes = await outcomesIn(first.workbook);
      for (const [id, outcome] of await outcomesIn(second.workbook))
        if (isKnown(id)) expect([id, outcome]).toEqual([id, outcomes.get(id)]);
      first.workbook.dispose();
      second.workbook.dispose();
    }),
    { numRuns: 15 },
  );
});

/** The fingerprints of the cells that come to a value, as if the workbook had been opened just now. */
class FreshFingerprints {
  private readonly known = new Map<string, ReadonlyMap<number, string>>();

  async of(places: readonly Place[]): Promise<ReadonlyMap<number, string>> {
    const key = JSON.stringify(places);
    let found = this.known.get(key);
    if (found === undefined) {
      const { workbook } = openRandom(places);
      await workbook.settled();
      found = new Map(
        workbook
          .statuses()
          .filter(({ state }) => state === "fresh")
          .map(({ id, fingerprint = "" }) => [id, fingerprint]),
      );
      workbook.dispose();
      this.known.set(key, found);
    }
    return found;
  }
}

async function outcomesIn(workbook: Workbook): Promise<ReadonlyMap<number, unknown>> {
  await workbook.settled();
  const outcomes = new Map<number, unknown>();
  for (const { id, state } of workbook.statuses())
    if (id !== 9999)
      outcomes.set(
        id,
        state === "fresh" ? { state, value: numberOf(await workbook.value(`x${id}`)) } : { state },
      );
  return new Map([...outcomes].sort(([a], [b]) => a - b));
}
