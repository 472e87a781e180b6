import fc from "fast-check";
import { expect, test } from "vitest";
import { naiveKeys } from "./naive-workbook.ts";
import { give, openRandom } from "./random-edits.ts";
import { arbitraryScript, edited, type Body } from "./random-workbook.ts";

const functions: readonly Body[] = ["plain", "plain", "awaits", "gives a promise"];

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
