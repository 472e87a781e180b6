import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitRows } from "../../engines/split.ts";
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
