import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableFromRows } from "../../data/index.ts";
import { codedRowsFromTable, encodeRows, type CodedRows } from "../../engines/encode-rows.ts";
import type { Plan } from "../../engines/plan.ts";
import { ScalingFit } from "../../engines/scaling.ts";
import { somePlan } from "./some-plan.ts";
import { someRows, someTable } from "./some-rows.ts";

const embedded: Partial<Plan> = {
  network: [
    { type: "embedding", columns: ["island"], units: 3, init: "uniform" },
    { type: "dense", units: 3, activation: "linear", bias: true, init: "glorotUniform" },
  ],
};

describe("codedRowsFromTable", () => {
  test("codes numbers, words, truth values, targets, baselines and times; missing ones too", () => {
    const table = tableFromRows("t", [
      {
        length: 1.5,
        island: "Dream",
        adult: true,
        species: "Gentoo",
        rate: 0.25,
        at: new Date("2001-06-01T00:00:00.250Z"),
      },
      { length: null, island: "Torgersen", adult: null, species: "Adelie", rate: null, at: null },
      { length: 2, island: null, adult: false, species: null, rate: 1, at: new Date(0) },
    ]);
    const plan = somePlan({
      features: [
        { column: "length", kind: "number", scale: "standard", missing: "mean" },
        { column: "island", kind: "category", vocabulary: ["Biscoe", "Dream"] },
        { column: "adult", kind: "boolean", missing: "false" },
      ],
      split: { kind: "time", column: "at", gap: 0, validation: 0.5 },
      baseline: { column: "rate" },
    });
    expect(codedRowsFromTable(plan, table)).toEqual({
      numRows: 3,
      features: [
        Float64Array.of(1.5, NaN, 2),
        Float64Array.of(1, -1, -1),
        Float64Array.of(1, NaN, 0),
      ],
      target: Float64Array.of(2, 0, NaN),
      baseline: Float64Array.of(0.25, NaN, 1),
      time: Float64Array.of(Date.UTC(2001, 5, 1) + 250, NaN, 0),
    });
  });
});

describe("encodeRows", () => {
  test("gives an embedded category as its index, the one after the last for the unknown", () => {
    const plan = somePlan(embedded);
    const coded = codedRowsFromTable(plan, someTable(60));
    const { x } = encodeRows(plan, fitOn(plan, [coded]).scaling, coded);
    const words = ["Biscoe", "Dream", "Torgersen"];
    someRows(60).forEach(({ island }, row) =>
      expect(x[row * 4 + 2]).toBe(words.indexOf(String(island))),
    );
  });

  test("gives a baseline as it is, NaN where it is missing", () => {
    const plan = somePlan({ baseline: { column: "length" } });
    const coded = codedRowsFromTable(plan, someTable(30));
    const { baseline } = encodeRows(plan, fitOn(plan, [coded]).scaling, coded);
    someRows(30).forEach(({ length }, row) =>
      expect(baseline?.[row]).toBe(length === null ? NaN : Math.fround(Number(length))),
    );
  });

  test("gives the same bits however the rows are cut into blocks", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom<Partial<Plan>>(
          {},
          embedded,
          { target: { column: "mass", kind: "number", scale: "standard" } },
          { features: [{ column: "length", kind: "number", scale: "none", missing: "mean" }] },
        ),
        (sizes, fields) => {
          const plan = somePlan({ ...fields, baseline: { column: "depth" } });
          const numRows = sizes.reduce((a, b) => a + b);
          const whole = codedRowsFromTable(plan, someTable(numRows));
          const blocks = cut(whole, sizes);
          const fit = fitOn(plan, [whole]);
          const fitInBlocks = fitOn(plan, blocks);
          expect(fitInBlocks.scaling).toEqual(fit.scaling);
          expect(fitInBlocks.prior).toEqual(fit.prior);
          const { x, y, baseline } = encodeRows(plan, fit.scaling, whole);
          const encoded = blocks.map((block) => encodeRows(plan, fit.scaling, block));
          expect(encoded.flatMap((block) => [...block.x])).toEqual([...x]);
          expect(encoded.flatMap((block) => [...block.y])).toEqual([...y]);
          expect(encoded.flatMap((block) => [...(block.baseline ?? [])])).toEqual([
            ...(baseline ?? []),
          ]);
        },
      ),
    );
  });

  test("encodes the rows that it is asked for", () => {
    const plan = somePlan();
    const coded = codedRowsFromTable(plan, someTable(30));
    const { scaling } = fitOn(plan, [coded]);
    const whole = encodeRows(plan, scaling, coded);
    const some = encodeRows(plan, scaling, coded, Uint32Array.of(3, 7, 29));
    const width = scaling.mean.length;
    expect([...some.x]).toEqual(
      [3, 7, 29].flatMap((row) => [...whole.x.subarray(row * width, (row + 1) * width)]),
    );
    expect([...some.y]).toEqual([3, 7, 29].map((row) => whole.y[row]));
  });
});

describe("ScalingFit", () => {
  test("knows the classes' shares, or the mean of a number", () => {
    const plan = somePlan();
    const fit = fitOn(plan, [codedRowsFromTable(plan, someTable(31))]);
    expect([...fit.classCounts]).toEqual([11, 10, 10]);
    expect([...fit.prior]).toEqual([11 / 31, 10 / 31, 10 / 31]);
    const mass = somePlan({ target: { column: "mass", kind: "number", scale: "none" } });
    const masses = someRows(31).map((row) => Number(row["mass"]));
    expect(fitOn(mass, [codedRowsFromTable(mass, someTable(31))]).prior[0]).toBeCloseTo(
      masses.reduce((a, b) => a + b) / 31,
      8,
    );
  });
});

function fitOn(plan: Plan, blocks: readonly CodedRows[]): ScalingFit {
  const fit = new ScalingFit(plan);
  for (const block of blocks) fit.addToMeans(block);
  for (const block of blocks) fit.addToDeviations(block);
  return fit;
}

function cut(rows: CodedRows, sizes: readonly number[]): CodedRows[] {
  let start = 0;
  return sizes.map((size) => {
    const part = (values: Float64Array): Float64Array => values.slice(start, start + size);
    const block = {
      numRows: size,
      features: rows.features.map(part),
      target: part(rows.target),
      ...(rows.baseline && { baseline: part(rows.baseline) }),
    };
    start += size;
    return block;
  });
}
