import * as fc from "fast-check";
import { expect, test } from "vitest";
import { niceTicks } from "../../cells/ticks.ts";

test("ticks are round, rising and evenly spaced, and hold the whole range", () => {
  const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(bound, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (min, range) => {
      // past that, doubles are too coarse to tell the ticks apart
      fc.pre(range > Math.abs(min) * 1e-6);
      const ticks = niceTicks(min, min + range, 5);
      const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(9);
      expect(ticks[0]).toBeLessThanOrEqual(min + step * 1e-6);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(min + range - step * 1e-6);
      for (let i = 1; i < ticks.length; i++)
        expect((ticks[i] ?? 0) - (ticks[i - 1] ?? 0)).toBeCloseTo(step, 6);
    }),
  );
});

test("ticks of known ranges", () => {
  expect(niceTicks(0, 1.13, 4)).toEqual([0, 0.5, 1, 1.5]);
  expect(niceTicks(0, 240, 6)).toEqual([0, 50, 100, 150, 200, 250]);
  expect(niceTicks(3, 3, 4)).toContain(3);
});
