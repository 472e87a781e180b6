import { describe, expect, test } from "vitest";
import { tableFromRows } from "../../data/index.ts";
import { digestKey } from "../../runtime/digest.ts";
import { sourceFromBlock, trainingDataFromTable } from "../../engines/training-data.ts";
import { encodedTable } from "./encoded-table.ts";
import { somePlan } from "./some-plan.ts";
import { someRows, someTable } from "./some-rows.ts";

describe("an encoded table", () => {
  test("standardises by mean and population deviation of the training rows alone", () => {
    const { x, width, training, validation, scaling } = encodedTable(somePlan(), someTable(90));
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
    const { validation, scaling } = encodedTable(plan, someTable(90));
    const hidden = new Set(validation);
    const changed = someRows(90).map((row, i) => (hidden.has(i) ? { ...row, depth: 1e6 } : row));
    expect(encodedTable(plan, tableFromRows("p", changed)).scaling).toEqual(scaling);
  });

  test("a missing number becomes the mean, a missing truth value false, an unknown word the last slot", () => {
    const table = someTable(90);
    const { x, width } = encodedTable(somePlan(), table);
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
    const { x, training } = encodedTable(plan, someTable(90));
    const rows = someRows(90);
    const known = [...training].flatMap((row) => rows[row]?.["length"] ?? []).map(Number);
    const mean = known.reduce((a, b) => a + b) / known.length;
    rows.forEach(({ length }, i) => expect(x[i]).toBeCloseTo(Number(length ?? mean), 4));
  });

  test("a constant feature becomes zero, not NaN", () => {
    const rows = someRows(30).map((row) => ({ ...row, depth: 7 }));
    const { x, width } = encodedTable(somePlan(), tableFromRows("p", rows));
    for (let row = 0; row < 30; row++) expect(x[row * width + 1]).toBe(0);
  });

  test("targets are class indexes, truth values, or scaled numbers", () => {
    const table = someTable(30);
    expect(Array.from(encodedTable(somePlan(), table).y.subarray(0, 4))).toEqual([0, 1, 2, 0]);
    const heavy = somePlan({ target: { column: "heavy", kind: "boolean" } });
    expect(Array.from(encodedTable(heavy, table).y.subarray(0, 4))).toEqual([0, 0, 1, 0]);
    const mass = somePlan({
      target: { column: "mass", kind: "number", scale: "standard" },
      split: { kind: "random", validation: 0.2 },
    });
    const { y, training, scaling } = encodedTable(mass, table);
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
    const { x, y } = encodedTable(plan, tableFromRows("p", rows));
    expect(x.every(Number.isFinite)).toBe(true);
    for (let i = 0; i < 20; i++) expect(x[i * 4 + 1 + (i % 2)]).toBe(1);
    expect(Array.from(y.slice(0, 3))).toEqual([1, 0, 1]);
  });
});

describe("trainingDataFromTable", () => {
  test("has the training and the validation rows in the table's order, with their baseline", async () => {
    const plan = somePlan({
      target: { column: "heavy", kind: "boolean" },
      baseline: { column: "length" },
      loss: { type: "sigmoidCrossEntropy", classWeights: "balanced" },
    });
    const table = someTable(90);
    const { x, y, width, training, validation } = encodedTable(plan, table);
    const data = trainingDataFromTable(plan, table);
    expect(data).toMatchObject({ digest: table[digestKey], numRows: 90, width });
    const lengths = table.column("length");
    for (const [part, rows] of [
      [data.training, training],
      [data.validation, validation],
    ] as const) {
      const block = await part.read(0, part.numRows);
      expect(block.numRows).toBe(rows.length);
      rows.forEach((row, i) => {
        expect(block.x.subarray(i * width, (i + 1) * width)).toEqual(
          x.subarray(row * width, (row + 1) * width),
        );
        expect(block.y[i]).toBe(y[row]);
        expect(block.baseline?.[i]).toBe(Math.fround(Number(lengths[row] ?? NaN)));
      });
    }
  });

  test("knows its training rows' shares of the classes, and their weights", () => {
    const plan = somePlan({ loss: { type: "softmaxCrossEntropy", classWeights: "balanced" } });
    const rows = someRows(120).filter(({ species }, i) => species !== "Gentoo" || i % 2 === 0);
    const { training, prior, classWeights } = trainingDataFromTable(plan, tableFromRows("p", rows));
    expect(prior.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    prior.forEach((share, k) => expect(classWeights?.[k]).toBeCloseTo(1 / (3 * share), 12));
    const of = rows.map(({ species }) => species);
    expect(prior[2]).toBeCloseTo(of.filter((s) => s === "Gentoo").length / of.length, 1);
    expect(training.numRows).toBe(75);
    expect(trainingDataFromTable(somePlan(), someTable(90))).not.toHaveProperty("classWeights");
  });
});

test("a source gives the rows that it is asked for, and none past its end", async () => {
  const source = sourceFromBlock({
    numRows: 3,
    x: Float32Array.of(1, 2, 3, 4, 5, 6),
    y: Float32Array.of(7, 8, 9),
  });
  expect(await source.read(1, 5)).toEqual({
    numRows: 2,
    x: Float32Array.of(3, 4, 5, 6),
    y: Float32Array.of(8, 9),
  });
});
