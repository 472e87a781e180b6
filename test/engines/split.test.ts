import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimeSplit } from "../../engines/plan.ts";
import { splitRows, timeCutoff } from "../../engines/split.ts";
import { somePlan } from "./some-plan.ts";

const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const seed = fc.nat(0xffffffff);

describe("splitRows", () => {
  test("every row is in exactly one part, and the parts have the sizes that the share asks for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 400 }), share, seed, (n, validation, s) => {
        const plan = somePlan({ seed: s, split: { kind: "random", validation } });
        const parts = splitRows(plan, n);
        const all = [...parts.training, ...parts.validation].sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: n }, (_, i) => i));
        const wanted = Math.min(n - 1, Math.max(1, Math.round(n * validation)));
        expect(parts.validation).toHaveLength(wanted);
      }),
    );
  });

  test("a stratified split keeps each class's share to within a row and leaves each class one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 20, maxLength: 300 }),
        share,
        seed,
        (classes, validation, s) => {
          const plan = somePlan({ seed: s, split: { kind: "stratified", validation } });
          const parts = splitRows(plan, classes.length, classes);
          for (let c = 0; c < 4; c++) {
            const size = classes.filter((of) => of === c).length;
            const taken = [...parts.validation].filter((row) => classes[row] === c).length;
            expect(taken).toBeGreaterThanOrEqual(Math.floor(size * validation));
            expect(taken).toBeLessThanOrEqual(Math.floor(size * validation) + 1);
            if (size > 0) expect(taken).toBeLessThan(size);
          }
        },
      ),
    );
  });

  test("follows from seed and row count alone", () => {
    const plan = somePlan({ split: { kind: "random", validation: 0.3 } });
    const other = { ...plan, epochs: 99, batch: 3, network: [] };
    expect(splitRows(other, 50)).toEqual(splitRows(plan, 50));
    expect(splitRows({ ...plan, seed: 18 }, 50)).not.toEqual(splitRows(plan, 50));
  });
});

const day = 86_400_000;
const times = fc.array(fc.nat(40), { minLength: 2, maxLength: 200 });

function byTime(fields: { gap?: number } & ({ validation: number } | { from: string })): TimeSplit {
  return { kind: "time", column: "at", gap: 0, ...fields };
}

describe("a split by time", () => {
  test("parts no equal times, keeps the gap and puts every row in one part or the gap", () => {
    fc.assert(
      fc.property(times, share, fc.nat(5), (days, validation, gapDays) => {
        const at = Float64Array.from(days, (d) => d * day);
        const split = byTime({ validation, gap: (gapDays * day) / 1000 });
        const parts = splitRows(somePlan({ split }), at.length, undefined, at);
        const cutoff = timeCutoff(split, at);
        expect(parts.training).toEqual(rowsWhere(at, (t) => t < cutoff - gapDays * day));
        expect(parts.validation).toEqual(rowsWhere(at, (t) => t >= cutoff));
        expect(parts.training.length + parts.validation.length + parts.gap).toBe(at.length);
        expect(at).toContain(cutoff);
      }),
    );
  });

  test("gives validation its share, and no more than ties make it", () => {
    fc.assert(
      fc.property(times, share, (days, validation) => {
        const at = Float64Array.from(days);
        const cutoff = timeCutoff(byTime({ validation }), at);
        const wanted = Math.min(at.length - 1, Math.max(1, Math.round(at.length * validation)));
        const kept = at.filter((t) => t >= cutoff).length;
        const later = at.filter((t) => t > cutoff).length;
        const earlier = at.filter((t) => t < cutoff).length;
        if (kept >= wanted) expect(later).toBeLessThan(wanted);
        // the earliest time alone is more than training may give away
        else expect(earlier).toBe(at.filter((t) => t === Math.min(...at)).length);
        if (new Set(days).size > 1) expect(Math.min(kept, earlier)).toBeGreaterThan(0);
      }),
    );
  });

  test("takes the moment that a plan names, as UTC", () => {
    const at = Float64Array.of(Date.UTC(2001, 4, 31), Date.UTC(2001, 5, 1), Date.UTC(2001, 5, 2));
    const midnight = byTime({ from: "2001-06-01" });
    expect(timeCutoff(midnight, at)).toBe(Date.UTC(2001, 5, 1));
    const parts = splitRows(somePlan({ split: midnight }), 3, undefined, at);
    expect(parts).toEqual({
      training: Uint32Array.of(0),
      validation: Uint32Array.of(1, 2),
      gap: 0,
    });
    expect(timeCutoff(byTime({ from: "2001-06-01T12:00:00Z" }), at)).toBe(Date.UTC(2001, 5, 1, 12));
  });

  test("leaves rows without a time out of both parts", () => {
    const at = Float64Array.of(1, NaN, 2, 3, NaN, 4);
    const parts = splitRows(somePlan({ split: byTime({ validation: 0.5 }) }), 6, undefined, at);
    expect(parts).toEqual({
      training: Uint32Array.of(0, 2),
      validation: Uint32Array.of(3, 5),
      gap: 2,
    });
  });
});

function rowsWhere(at: Float64Array, test: (time: number) => boolean): Uint32Array {
  return Uint32Array.from([...at].flatMap((time, row) => (test(time) ? [row] : [])));
}
