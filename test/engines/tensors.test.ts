import { describe, expect, test } from "vitest";
import { tableFromRows } from "../../data/index.ts";
import { tensorsFromRows } from "../../engines/tensors.ts";
import { somePlan } from "./some-plan.ts";
import { someRows, someTable } from "./some-rows.ts";

describe("tensorsFromRows", () => {
  test("standardises by mean and population deviation of the training rows alone", () => {
    const { x, width, training, validation, scaling } = tensorsFromRows(somePlan(), someTable(90));
    const rows = someRows(90);
    const depths = [...training].map((row) => Number(rows[row]?.["depth"]));
    const mean = depths.reduce((a, b) => a + b) / depths.length;
    const deviation = Math.sqrt(
      depths.reduce((sum, value) => sum + (value - mean) ** 2, 0) / depths.length,
    );
    expect(scaling.mean[1]).toBeCloseTo(mean, 10);
    expect(scaling.deviation[1]).toBeCloseTo(deviation, 10);
    for (const row of [...training, ...validation])
      expect(x[row * width + 1]).toBeCloseTo((Number(rows[row]?.["depth"]) - mean) / deviation, 5);
  });

  test("a validation row's values do not reach the means", () => {
    const plan = somePlan();
    const { validation, scaling } = tensorsFromRows(plan, someTable(90));
    const hidden = new Set(validation);
    const changed = someRows(90).map((row, i) => (hidden.has(i) ? { ...row, depth: 1e6 } : row));
    expect(tensorsFromRows(plan, tableFromRows("p", changed)).scaling).toEqual(scaling);
  });

  test("a missing number becomes the mean, a missing truth value false, an unknown word the last slot", () => {
    const table = someTable(90);
    const { x, width } = tensorsFromRows(somePlan(), table);
    const rows = someRows(90);
    rows.forEach((row, i) => {
      const of = x.subarray(i * width, (i + 1) * width);
      if (row["length"] === null) expect(of[0]).toBe(0);
      if (row["adult"] === null) expect(of[5]).toBe(0);
      expect([...of.subarray(2, 5)]).toEqual([
        Number(row["island"] === "Biscoe"),
        Number(row["island"] === "Dream"),
        Number(row["island"] === "Torgersen"),
      ]);
    });
  });

  test("an unscaled number stays as it is, and missing ones become its mean", () => {
    const plan = somePlan({
      features: [{ column: "length", kind: "number", scale: "none", missing: "mean" }],
    });
    const { x, training } = tensorsFromRows(plan, someTable(90));
    const rows = someRows(90);
    const known = [...training].flatMap((row) => rows[row]?.["length"] ?? []).map(Number);
    const mean = known.reduce((a, b) => a + b) / known.length;
    rows.forEach(({ length }, i) => expect(x[i]).toBeCloseTo(Number(length ?? mean), 4));
  });

  test("a constant feature becomes zero, not NaN", () => {
    const rows = someRows(30).map((row) => ({ ...row, depth: 7 }));
    const { x, width } = tensorsFromRows(somePlan(), tableFromRows("p", rows));
    for (let row = 0; row < 30; row++) expect(x[row * width + 1]).toBe(0);
  });

  test("targets are class indexes, truth values, or scaled numbers", () => {
    const table = someTable(30);
    expect(Array.from(tensorsFromRows(somePlan(), table).y.subarray(0, 4))).toEqual([0, 1, 2, 0]);
    const heavy = somePlan({ target: { column: "heavy", kind: "boolean" } });
    expect(Array.from(tensorsFromRows(heavy, table).y.subarray(0, 4))).toEqual([0, 0, 1, 0]);
    const mass = somePlan({
      target: { column: "mass", kind: "number", scale: "standard" },
      split: { kind: "random", validation: 0.2 },
    });
    const { y, training, scaling } = tensorsFromRows(mass, table);
    const scaled = [...training].map((row) => y[row] ?? NaN);
    expect(scaled.reduce((a, b) => a + b) / scaled.length).toBeCloseTo(0, 5);
    expect((y[4] ?? NaN) * scaling.targetDeviation + scaling.targetMean).toBeCloseTo(
      Number(someRows(30)[4]?.["mass"]),
      2,
    );
  });

  test("takes integers past 2^53 and categories of other types", () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      big: 2n ** 60n + BigInt(i),
      code: i % 2,
      t: i % 2 === 0,
    }));
    const plan = somePlan({
      features: [
        { column: "big", kind: "number", scale: "standard", missing: "refuse" },
        { column: "code", kind: "category", vocabulary: ["0", "1"] },
      ],
      target: { column: "t", kind: "boolean" },
    });
    const { x, y } = tensorsFromRows(plan, tableFromRows("p", rows));
    expect(x.every(Number.isFinite)).toBe(true);
    for (let i = 0; i < 20; i++) expect(x[i * 4 + 1 + (i % 2)]).toBe(1);
    expect(Array.from(y.slice(0, 3))).toEqual([1, 0, 1]);
  });
});
