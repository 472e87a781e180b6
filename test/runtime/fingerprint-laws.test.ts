import fc from "fast-check";
import { expect, test } from "vitest";
import type { Workbook } from "../../runtime/workbook.ts";
import { naiveKeys } from "./naive-workbook.ts";
import { arbitraryPauses, editRandom, give, openRandom } from "./random-edits.ts";
import { arbitraryScript, edited, type Body } from "./random-workbook.ts";

const functions: readonly Body[] = ["plain", "plain", "awaits", "gives a promise"];
const bodies: readonly Body[] = [...functions, "plain", "yields", "yields later", "throws"];

test("as long as a cell is fresh its fingerprint is that under which its value was computed", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryScript(bodies), arbitraryPauses, async (script, pauses) => {
      const computed = new Map<string, string | undefined>();
      const look = (workbook: Workbook): void => {
        for (const { id, state, runs, fingerprint } of workbook.statuses()) {
          if (state !== "fresh") continue;
          const run = `run ${runs} of cell ${id}`;
          if (!computed.has(run)) computed.set(run, fingerprint);
          expect([run, fingerprint]).toEqual([run, computed.get(run)]);
        }
      };
      // a cell that is removed and comes back counts its runs anew
      const edits = script.edits.filter((edit) => !("isPresent" in edit));
      const { workbook } = await editRandom({ ...script, edits }, pauses, look);
      await workbook.settled();
      look(workbook);
      workbook.dispose();
    }),
    { numRuns: 60 },
  );
});

test("fingerprints are equal where code and inputs are, at any time, and nowhere else", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryScript([...functions, "throws"]), async ({ places, edits }) => {
      const { workbook } = openRandom(places);
      const keys = new Map<string, string>();
      const fingerprints = new Map<string, string>();
      let now = places;
      for (const edit of [undefined, ...edits]) {
        if (edit !== undefined) give(workbook, (now = edited(now, edit)));
        await workbook.settled();
        for (const [id, key] of naiveKeys(now)) {
          const fingerprint = workbook.status(id)?.fingerprint ?? "";
          expect(keys.get(fingerprint) ?? key).toBe(key);
          expect(fingerprints.get(key) ?? fingerprint).toBe(fingerprint);
          keys.set(fingerprint, key);
          fingerprints.set(key, fingerprint);
        }
      }
      expect(keys.has("")).toBe(false);
      workbook.dispose();
    }),
    { numRuns: 60 },
  );
});
