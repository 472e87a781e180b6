import { describe, expect, test } from "vitest";
import { tableFromRows } from "../../../data/index.ts";
import { predictRun } from "../../../engines/prediction.ts";
import type { Plan } from "../../../engines/plan.ts";
import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { collect } from "../collect.ts";
import { somePlan } from "../some-plan.ts";
import { someRows, someTable } from "../some-rows.ts";

const engine = createTfjsEngine();
const table = someTable(400);

describe("the speed of a small run", () => {
  test.each([1, 16, 3000])("is measured at its end, with batches of %i", async (batch) => {
    const { outcome } = await collect(engine, somePlan({ batch }), table);
    const { speed } = outcome;
    expect(speed?.trainingShare).toBe(0.75);
    expect(speed?.validationShare).toBe(0.25);
    for (const cost of [speed?.stepSeconds, speed?.rowSeconds, speed?.validationRowSeconds]) {
      expect(cost).toBeGreaterThanOrEqual(0);
      expect(cost).toBeLessThan(1);
    }
    expect((speed?.stepSeconds ?? 0) + (speed?.rowSeconds ?? 0)).toBeGreaterThan(0);
  });

  test("counts the rows of a split's gap in neither share", async () => {
    const at = (row: number): Date => new Date(Date.UTC(2001, 0, 1 + row));
    const rows = someRows(200).map((row, i) => ({ ...row, at: at(i) }));
    const split = { kind: "time", column: "at", validation: 0.25, gap: 50 * 86_400 } as const;
    const { outcome } = await collect(engine, somePlan({ split }), tableFromRows("t", rows));
    expect(outcome.speed).toMatchObject({ trainingShare: 0.5, validationShare: 0.25 });
  });

  test("is not measured by other tiers, and changes neither weights nor metrics", async () => {
    const small = await collect(engine, somePlan(), table);
    const full = await collect(engine, somePlan(), table, { tier: "full" });
    const dry = await collect(engine, somePlan(), table, { tier: "dry" });
    expect(full.outcome.speed).toBeUndefined();
    expect(dry.outcome.speed).toBeUndefined();
    expect(small.outcome.weights).toEqual(full.outcome.weights);
    expect(small.outcome.metrics).toEqual(full.outcome.metrics);
  });

  test("predicts runs that take longer with more rows and more epochs", async () => {
    const { outcome } = await collect(engine, somePlan(), table);
    const { speed } = outcome;
    if (speed === undefined) throw new Error("there is no speed");
    const predicted = (numRows: number, fields: Partial<Plan> = {}): number =>
      predictRun(somePlan(fields), numRows, speed).seconds;
    expect(predicted(20_000)).toBeGreaterThan(predicted(2000));
    expect(predicted(2000, { epochs: 6 })).toBeCloseTo(2 * predicted(2000, { epochs: 3 }), 9);
    const bytes = (numRows: number): number => predictRun(somePlan(), numRows, speed).memoryBytes;
    expect(bytes(3_000_000)).toBeGreaterThan(bytes(300_000));
  });
});
