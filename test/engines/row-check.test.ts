import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableFromRows } from "../../data/index.ts";
import type { Table } from "../../data/table.ts";
import { checkRows } from "../../engines/row-check.ts";
import type { Check } from "../../engines/receipt.ts";
import { splitParts } from "../../engines/split-check.ts";
import { momentText } from "../../engines/time-text.ts";
import { somePlan } from "./some-plan.ts";
import { someRows, someTable } from "./some-rows.ts";

function rowsWith(change: (row: Record<string, unknown>, i: number) => object): Table {
  return tableFromRows(
    "penguins",
    someRows(30).map((row, i) => ({ ...row, ...change(row, i) })),
  );
}

function failed(rows: Table, plan = somePlan()): Check[] {
  return checkRows(plan, rows).filter(({ verdict }) => verdict === "fail");
}

describe("checkRows", () => {
  test("passes rows that fit, with what it looked at", () => {
    const checks = checkRows(somePlan(), someTable(90));
    expect(checks.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["columns", "labels", "rows"]),
    );
  });

  test("names a missing column and the nearest one", () => {
    const plan = somePlan({
      features: [{ column: "lenght", kind: "number", scale: "none", missing: "mean" }],
    });
    expect(failed(someTable(30), plan)).toEqual([
      {
        name: "columns",
        verdict: "fail",
        where: "features[0].column",
        message: "there is no column `lenght` in `penguins`",
        hint: "did you mean `length`?",
      },
    ]);
  });

  test("names a column of the wrong type and the cast that mends it", () => {
    const rows = rowsWith((_, i) => ({ length: `about ${i}` }));
    expect(failed(rows)).toEqual([
      {
        name: "columns",
        verdict: "fail",
        where: "features[0].column",
        message: "`length` is VARCHAR, which is no number",
        hint: "cast it in SQL: `length::DOUBLE`",
      },
    ]);
  });

  test("lists rows without labels, by number", () => {
    const rows = rowsWith(({ species }, i) => ({ species: i % 4 === 0 ? null : species }));
    expect(failed(rows)).toMatchObject([
      { where: "species", message: "8 rows have no label: rows 1, 5, 9, 13, 17 and 3 more" },
    ]);
  });

  test("names each label outside the vocabulary with its rows and what was meant", () => {
    const rows = rowsWith(({ species }, i) => ({
      species: i === 2 ? "Gento" : i > 27 ? "Emperor" : species,
    }));
    expect(failed(rows)).toMatchObject([
      {
        message: "the label `Gento` is not in the vocabulary: row 3",
        hint: "did you mean `Gentoo`?",
      },
      {
        message: "the label `Emperor` is not in the vocabulary: rows 29, 30",
        hint: "the plan knows `Adelie`, `Chinstrap`, `Gentoo`",
      },
    ]);
  });

  test("names ten strange labels and counts the rest", () => {
    const rows = rowsWith((_, i) => ({ species: `kind ${i}` }));
    const messages = failed(rows).map(({ message }) => message);
    expect(messages).toContain("20 more labels are not in the vocabulary");
    expect(messages).toHaveLength(12);
  });

  test("refuses rows that lack a class, and warns of one with a single row", () => {
    const absent = rowsWith(({ species }) => ({
      species: species === "Gentoo" ? "Adelie" : species,
    }));
    expect(failed(absent)).toMatchObject([{ message: "no row has the class `Gentoo`" }]);
    const scarce = rowsWith(({ species }, i) => ({
      species: species === "Gentoo" && i > 5 ? "Adelie" : i === 5 ? "Adelie" : species,
    }));
    expect(checkRows(somePlan(), scarce)).toContainEqual(
      expect.objectContaining({
        verdict: "warn",
        message: expect.stringContaining("only one row"),
      }),
    );
  });

  test("refuses missing and infinite values where the plan does", () => {
    const rows = rowsWith((_, i) => ({
      depth: i === 3 ? null : i,
      length: i === 7 ? Infinity : i,
    }));
    expect(failed(rows)).toMatchObject([
      { where: "length", message: "1 value is not finite: row 8" },
      { where: "depth", message: "1 row has no value: row 4" },
    ]);
  });

  test("warns of a constant feature and of words outside a feature's vocabulary", () => {
    const rows = rowsWith(({ island }, i) => ({ depth: 3, island: i < 2 ? "Torgersen" : island }));
    const warned = checkRows(somePlan(), rows).filter(({ verdict }) => verdict === "warn");
    expect(warned.map(({ where }) => where).sort()).toEqual(["depth", "island"]);
  });

  test("refuses too few rows for the split, and warns of a batch larger than the training rows", () => {
    const one = tableFromRows("one", someRows(1));
    expect(failed(one).map(({ where }) => where)).toContain("split.validation");
    expect(checkRows(somePlan({ batch: 500 }), someTable(30))).toContainEqual(
      expect.objectContaining({ verdict: "warn", where: "batch" }),
    );
  });

  test("reports faults of different kinds at once", () => {
    const rows = rowsWith(({ species }, i) => ({
      species: i === 0 ? null : i === 1 ? "Emperor" : species,
      depth: i === 4 ? null : i,
      adult: "yes",
    }));
    expect(
      failed(rows)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["columns", "labels", "labels", "values"]);
  });

  test("says that a table whose rows stayed in the database cannot be trained on here", () => {
    const remote: Table = Object.create(someTable(30), {
      isLocal: { value: false },
      numRows: { value: 3_000_000 },
      name: { value: "flights" },
    });
    expect(failed(remote)).toMatchObject([
      { message: "its 3,000,000 rows are in the database, not here" },
    ]);
  });
});

/** Rows of thirty days from the first of May on, with a probability that each is heavy. */
function dailyRows(
  change: (row: Record<string, unknown>, i: number) => object = () => ({}),
): Table {
  return rowsWith((row, i) => {
    const day = new Date(Date.UTC(2001, 4, 1 + i));
    const own = { ...row, island: i % 2 === 0 ? "Dream" : "Biscoe", day, rate: i / 30 };
    return { ...own, ...change(own, i) };
  });
}

const byDay = { kind: "time", column: "day", gap: 0 } as const;
const heavy = {
  target: { column: "heavy", kind: "boolean" },
  loss: { type: "sigmoidCrossEntropy" },
  baseline: { column: "rate" },
} as const;

/** The check of a name, as a sentence. */
function told(name: string, rows: Table, plan = somePlan()): string[] {
  return checkRows(plan, rows)
    .filter((check) => check.name === name)
    .map(({ verdict, where = "", message, hint = "" }) =>
      [verdict, where, message, hint].filter(Boolean).join(" / "),
    );
}

describe("checkRows of a split by time", () => {
  const from = somePlan({ split: { ...byDay, from: "2001-05-21" }, batch: 8 });

  test("says how many rows each part has, and the gap", () => {
    expect(failed(dailyRows(), from)).toEqual([]);
    expect(told("split", dailyRows(), from)).toEqual([
      "pass / 20 training rows before 2001-05-21, 10 validation rows from then on",
    ]);
    const gap = somePlan({ split: { ...byDay, from: "2001-05-21", gap: 2 * 86_400 + 1 } });
    expect(told("split", dailyRows(), gap)).toEqual([
      "pass / 18 training rows before 2001-05-21, 10 validation rows from then on, 2 in the gap of 172,801 seconds",
    ]);
    const latest = somePlan({ split: { ...byDay, validation: 0.1 } });
    expect(told("split", dailyRows(), latest)).toEqual([
      "pass / 27 training rows before 2001-05-28, 3 validation rows from then on",
    ]);
  });

  test("counts the time among the columns, and takes a timestamp", () => {
    expect(told("columns", dailyRows(), from)).toEqual([
      "pass / 6 columns are there and of fitting types",
    ]);
    const noon = dailyRows(({ day }) => ({ day: new Date(Number(day) + 43_200_000) }));
    expect(failed(noon, from)).toEqual([]);
  });

  test("names a time that is not there or is none, and does not speak of parts", () => {
    const misspelt = somePlan({ split: { ...byDay, column: "dayy", from: "2001-05-21" } });
    expect(told("columns", dailyRows(), misspelt)).toEqual([
      "fail / split.column / there is no column `dayy` in `penguins` / did you mean `day`?",
    ]);
    const text = dailyRows((_, i) => ({ day: `day ${i}` }));
    expect(told("columns", text, from)).toEqual([
      "fail / split.column / `day` is VARCHAR, which is no time / cast it in SQL: `day::TIMESTAMP`",
    ]);
    for (const [rows, plan] of [
      [dailyRows(), misspelt],
      [text, from],
    ] as const)
      expect([...told("split", rows, plan), ...told("rows", rows, plan)]).toEqual([]);
  });

  test("lists rows without a time", () => {
    const rows = dailyRows(({ day }, i) => ({ day: i % 10 === 3 ? null : day }));
    expect(told("values", rows, from)).toEqual([
      "fail / day / 3 rows have no time, so the split cannot place them: rows 4, 14, 24 / leave them out: `where day is not null`",
    ]);
  });

  test.each([
    [{ from: "2001-04-30" }, "split.from", "0 training rows before 2001-04-30, 30 validation rows"],
    [{ from: "2001-06-01" }, "split.from", "30 training rows before 2001-06-01, 0 validation rows"],
    [{ from: "2001-05-11", gap: 864_000 }, "split.gap", "10 in the gap of 10 days"],
    [{ validation: 0.5, gap: 8_640_000 }, "split.gap", "15 in the gap of 100 days"],
  ])("refuses %j, which leaves a part without rows", (part, where, text) => {
    const faults = failed(dailyRows(), somePlan({ split: { ...byDay, ...part } }));
    expect(faults).toMatchObject([{ name: "rows", where }]);
    expect(faults[0]?.message).toContain(text);
    expect(faults[0]?.hint).toBeDefined();
    expect(told("split", dailyRows(), somePlan({ split: { ...byDay, ...part } }))).toEqual([]);
  });

  test("refuses rows that are all of one time, and says of which", () => {
    const rows = dailyRows(() => ({ day: new Date("2001-05-01") }));
    expect(failed(rows, somePlan({ split: { ...byDay, validation: 0.2 } }))).toMatchObject([
      { where: "split.column", hint: "all rows are of 2001-05-01; take some of other times" },
    ]);
  });

  test("counts every row once, and learns from none later than it checks on", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 60 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (days, gap, cut) => {
          const times = days.map((day) => Date.UTC(2001, 0, 1 + day));
          const table = tableFromRows(
            "days",
            times.map((time) => ({ day: new Date(time), species: "Adelie" })),
          );
          const cutoff = Date.UTC(2001, 0, 1 + cut);
          const split = { ...byDay, gap: gap * 86_400, from: momentText(cutoff) };
          const plan = somePlan({ split });
          const parts = splitParts(plan, table);
          expect(parts).toMatchObject({
            training: times.filter((time) => time < cutoff - gap * 86_400_000).length,
            validation: times.filter((time) => time >= cutoff).length,
            times: { cutoff, first: Math.min(...times), last: Math.max(...times) },
          });
          if (parts !== undefined)
            expect(parts.training + parts.validation + parts.gap).toBe(days.length);
        },
      ),
    );
  });
});

test("checkRows says how a split by chance parts the rows, as it does part them", () => {
  const rows = someTable(90);
  expect(told("split", rows, somePlan({ split: { kind: "random", validation: 0.25 } }))).toEqual([
    "pass / 67 training rows and 23 validation rows, by chance",
  ]);
  expect(told("split", rows)).toEqual([
    "pass / 67 training rows and 23 validation rows, by chance within each class",
  ]);
});

describe("checkRows of a baseline", () => {
  test("takes probabilities for two classes, missing ones among them", () => {
    const rows = dailyRows(({ rate }, i) => ({ rate: i === 4 ? null : rate }));
    expect(failed(rows, somePlan(heavy))).toEqual([]);
  });

  test("lists values that are no probabilities", () => {
    const rows = dailyRows(({ rate }, i) => ({ rate: i === 2 ? 1.01 : i === 7 ? -0.1 : rate }));
    expect(told("values", rows, somePlan(heavy))).toEqual([
      "fail / rate / 2 values of the baseline are no probabilities: rows 3, 8 / give each row the probability of the second class, in [0, 1], or null",
    ]);
  });

  test("takes any finite number for a number", () => {
    const plan = somePlan({
      target: { column: "mass", kind: "number", scale: "standard" },
      loss: { type: "meanSquaredError" },
      baseline: { column: "rate" },
      split: { kind: "random", validation: 0.2 },
    });
    const rows = dailyRows((_, i) => ({ rate: i * 1000 - 500 }));
    expect(failed(rows, plan)).toEqual([]);
    const wild = dailyRows((_, i) => ({ rate: i === 3 ? Infinity : i }));
    expect(told("values", wild, plan)).toEqual([
      "fail / rate / 1 value is not finite: row 4 / leave them out, or make them null",
    ]);
  });

  test("refuses a column that is not there, is no number, or is empty", () => {
    const misspelt = somePlan({ ...heavy, baseline: { column: "rat" } });
    expect(failed(dailyRows(), misspelt)).toMatchObject([
      { where: "baseline.column", hint: "did you mean `rate`?" },
    ]);
    const text = dailyRows(() => ({ rate: "high" }));
    expect(failed(text, somePlan(heavy))).toMatchObject([
      { where: "baseline.column", hint: "cast it in SQL: `rate::DOUBLE`" },
    ]);
    const empty = dailyRows(({ length }) => ({ length, rate: null }));
    expect(failed(empty, somePlan(heavy)).length).toBe(1);
  });
});
