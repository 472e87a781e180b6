import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkMemory, memoryLimit } from "../../engines/memory-check.ts";
import { planShape } from "../../engines/plan-shape.ts";
import { windowRows } from "../../engines/training-data.ts";
import { somePlan } from "./some-plan.ts";

test("rows past a window stream, so they take no more memory", () => {
  const window = checkMemory(somePlan(), windowRows);
  expect(checkMemory(somePlan(), 3_000_000)).toEqual(window);
  expect(checkMemory(somePlan(), windowRows / 2)).not.toEqual(window);
  // two windows of six inputs, the label and the baseline, and little for the network
  expect(window.message).toBe("about 17 MB while training");
});

test("two windows of a long vocabulary do not fit, and its embedding does", () => {
  const vocabulary = Array.from({ length: 2000 }, (_, i) => `airport ${i}`);
  const features = [{ column: "origin", kind: "category", vocabulary }] as const;
  const { network } = somePlan();
  const embedding = { type: "embedding", columns: ["origin"], units: 8, init: "uniform" } as const;
  expect(checkMemory(somePlan({ features }), 3_000_000)).toMatchObject({
    verdict: "fail",
    where: "features",
    hint: expect.stringContaining("embedding(column, units)"),
  });
  expect(
    checkMemory(somePlan({ features, network: [embedding, ...network] }), 3_000_000).verdict,
  ).toBe("pass");
});

test("what passes fits into the limit, with all rows that are there at once", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 65_536 }), (numRows, units) => {
      const dense = { type: "dense", activation: "relu", bias: true, init: "heNormal" } as const;
      const plan = somePlan({
        network: [
          { ...dense, units },
          { ...dense, units },
        ],
      });
      const rows = 4 * Math.min(numRows, windowRows) * planShape(plan).inputWidth;
      const isPassing = checkMemory(plan, numRows).verdict === "pass";
      if (isPassing) expect(planShape(plan).memory.total + rows).toBeLessThan(memoryLimit);
      else expect(planShape(plan).memory.total).toBeGreaterThan(memoryLimit / 2);
    }),
  );
});
