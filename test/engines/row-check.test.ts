import { describe, expect, test } from "vitest";
import { tableFromRows } from "../../data/index.ts";
import type { Table } from "../../data/table.ts";
import { checkRows } from "../../engines/row-check.ts";
import type { Check } from "../../engines/receipt.ts";
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
