import { afterAll, beforeAll, expect, test } from "vitest";
import { stages } from "../../cells/stages.ts";
import { StageError } from "../../cells/stage-error.ts";
import type { Table } from "../../data/index.ts";
import { digestKey, digestOf } from "../../runtime/digest.ts";
import { cardText, FakeHost, lastState, receiptFrom } from "./fake-host.ts";

const host = new FakeHost();
const { schema } = stages(host);
let birds: Table;

beforeAll(async () => {
  birds = await host.client.query(`
    select * from (values
      (1, 'owl',   2.5,  true,  date '2024-01-01'),
      (2, 'hawk',  3.5,  false, date '2024-02-01'),
      (3, 'owl',   null, true,  date '2024-03-01'),
      (4, 'finch', 0.1,  null,  null),
      (4, 'owl',   9.0,  true,  date '2025-01-01')
    ) as t(id, species, mass, nests, seen)`);
});

afterAll(() => host.client.close());

test("a table that keeps its promises passes, with a receipt and the vocabulary of the data", async () => {
  const { value, card, error } = await lastState(
    schema(birds, {
      species: { type: "category" },
      mass: { type: "number", min: 0.1, max: 9, nulls: true },
      nests: { type: "boolean", nulls: 0.5 },
      seen: { type: "date", nulls: true },
    }),
  );
  expect(error).toBeUndefined();
  expect(value).toEqual({
    kind: "tierbook.schema",
    version: 1,
    table: birds[digestKey],
    columns: [
      { name: "species", type: "category", nullable: false, vocabulary: ["finch", "hawk", "owl"] },
      { name: "mass", type: "number", nullable: true, min: 0.1, max: 9 },
      { name: "nests", type: "boolean", nullable: true },
      { name: "seen", type: "date", nullable: true, min: "2024-01-01", max: "2025-01-01" },
    ],
  });
  expect(digestOf(value)).toMatch(/^[0-9a-f]{64}$/);
  expect(card.status).toBe("pass");
  expect(cardText(card)).toContain("Not declared, so not checked: id");
  expect(cardText(card)).toContain("species | category | 0 |  |  |  | owl 3 · finch 1 · hawk 1");
  expect(cardText(card)).toContain("mass | number | 1 (20.0 %) | 0.1 | 3.775 | 9");
  expect(host.receipts.at(-1)).toMatchObject({
    stage: "schema",
    verdict: "pass",
    subject: { data: { rows: birds[digestKey] } },
  });
});

test("all violations are found at once, each with its count and its rows", async () => {
  const { value, card, error } = await lastState(
    schema(birds, {
      id: { type: "integer", unique: true },
      species: { type: "category", values: ["owl", "hawks"] },
      mass: { type: "number", min: 1, max: 5 },
      nests: { type: "number" },
      sen: { type: "date" },
    }),
  );
  expect(value).toBeUndefined();
  expect(error).toBeInstanceOf(StageError);
  expect(error).toMatchObject({ code: "schema" });
  expect(card.status).toBe("fail");
  const text = cardText(card);
  expect(text).toContain("id the value came before in 1 row (row 5)");
  expect(text).toContain(
    "species the word is not in the vocabulary in 2 rows (rows 2, 4): `finch`, `hawk`",
  );
  expect(text).toContain("species no row has `hawks`");
  expect(text).toContain("mass a value is missing in 1 row (row 3)");
  expect(text).toContain("mass the value is below 1 in 1 row (row 4)");
  expect(text).toContain("mass the value is above 5 in 1 row (row 5)");
  expect(text).toContain("nests it is declared number and is BOOLEAN");
  expect(text).toContain("sen there is no column `sen` Did you mean `seen`?");
  for (const column of ["id", "species", "mass", "nests", "sen"])
    expect(error?.message).toContain(`${column}: `);
  expect(host.receipts.at(-1)?.verdict).toBe("fail");
});

test("dates have ranges too, and bounds belong to their range", async () => {
  const within = await lastState(
    schema(birds, { seen: { type: "date", min: "2024-01-01", max: "2025-01-01", nulls: true } }),
  );
  expect(within.card.status).toBe("pass");
  const outside = await lastState(
    schema(birds, { seen: { type: "date", min: new Date("2024-01-02"), nulls: true } }),
  );
  expect(cardText(outside.card)).toContain("seen the value is below 2024-01-02 in 1 row (row 1)");
});

test("a share of missing values is allowed up to the share that is declared", async () => {
  const passes = await lastState(schema(birds, { mass: { type: "number", nulls: 0.2 } }));
  expect(passes.card.status).toBe("pass");
  const fails = await lastState(schema(birds, { mass: { type: "number", nulls: 0.19 } }));
  expect(cardText(fails.card)).toContain("20.0 % of the values are missing, more than 19.0 %");
});

test("numbers that are not finite, or not whole where they must be, are violations", async () => {
  const table = await host.client.query(
    "select unnest([1.0, 2.5, 'nan'::double, 'inf'::double, null]) as x",
  );
  const { card } = await lastState(schema(table, { x: { type: "integer", nulls: true } }));
  expect(cardText(card)).toContain("x the value is not finite in 2 rows (rows 3, 4)");
  expect(cardText(card)).toContain("x the value is not whole in 1 row (row 2)");
});

test("column names are only names: quotes and keywords in them are harmless", async () => {
  const table = await host.client.query(`select 1 as "a ""b"", select", 'x''y' as "from"`);
  const { value, error } = await lastState(
    schema(table, { 'a "b", select': "integer", from: { type: "category", values: ["x'y"] } }),
  );
  expect(error).toBeUndefined();
  expect(value?.columns.map(({ name }) => name)).toEqual(['a "b", select', "from"]);
});

test("rows that JavaScript made are checked as a table is", async () => {
  const { value } = await lastState(schema([{ a: 1 }, { a: 3 }], { a: { type: "number" } }));
  expect(value?.columns).toEqual([{ name: "a", type: "number", nullable: false, min: 1, max: 3 }]);
});

test("a category with too many words is refused by their number, and others beside it are read", async () => {
  const table = await host.client.query(
    "select 'w' || (i % 10001) as many, i % 3 = 0 as few, null::VARCHAR as none from range(20002) t(i)",
  );
  const { card, error } = await lastState(
    schema(table, {
      many: "category",
      few: "category",
      none: { type: "category", nulls: true },
    }),
  );
  expect(error?.message).toContain("many: it has 10,001 words, more than a category can have");
  expect(cardText(card)).toContain("many | category | 0 |  |  |  | 10,001 different");
  expect(cardText(card)).toContain("few | category | 0 |  |  |  | false 13,334 · true 6,668");
  const fits = await lastState(
    schema(await host.client.query("from t where few or many <> 'w7'", { tables: { t: table } }), {
      none: { type: "category", nulls: true },
      few: { type: "category", values: [true, false] },
    }),
  );
  expect(fits.error).toBeUndefined();
  expect(fits.value?.columns.map(({ vocabulary }) => vocabulary)).toEqual([[], ["true", "false"]]);
});

test("an empty table passes what it promises", async () => {
  const empty = await host.client.query("select 1 as a where false");
  const { value, error } = await lastState(schema(empty, { a: "integer" }));
  expect(error).toBeUndefined();
  expect(value?.columns).toEqual([{ name: "a", type: "integer", nullable: false }]);
});

test("a wide table is asked about in pieces", async () => {
  const names = Array.from({ length: 150 }, (_, i) => `c${i}`);
  const table = await host.client.query(
    `select ${names.map((name, i) => `${i} as ${name}`).join(", ")}`,
  );
  const { value } = await lastState(
    schema(table, Object.fromEntries(names.map((name) => [name, "integer" as const]))),
  );
  expect(value?.columns.map(({ max }) => max)).toEqual(names.map((_, i) => i));
});

test("a call that cannot be meant throws at once and says what was meant", () => {
  expect(() => schema(undefined, { a: "number" })).toThrow(/the table is undefined/);
  expect(() => schema(birds, {})).toThrow(/the columns are an object/);
  expect(() => Reflect.apply(schema, null, [birds, { id: { typ: "number" } }])).toThrow(
    expect.objectContaining({ code: "argument", hint: "Did you mean `type`?" }),
  );
  expect(() => Reflect.apply(schema, null, [birds, { id: { type: "numbr" } }])).toThrow(
    expect.objectContaining({ hint: "Did you mean `number`?" }),
  );
  expect(() => schema(birds, { species: { type: "category", min: 1 } })).toThrow(/`min` is 1/);
  expect(() => schema(birds, { id: { type: "integer", nulls: 2 } })).toThrow(/`nulls` is 2/);
});

test("a receipt that cannot be written is said on the card and stops nobody", async () => {
  const deaf = new FakeHost(host.client);
  deaf.receipt = () => Promise.reject(new Error("the server is gone"));
  const { value, card } = await lastState(stages(deaf).schema(birds, { id: "integer" }));
  expect(value).toBeDefined();
  expect(card.receipt).toBeUndefined();
  expect(cardText(card)).toContain("The receipt could not be written: the server is gone");
});

test("the card names the receipt that was written for it, also where promises are broken", async () => {
  for (const type of ["integer", "date"] as const) {
    const { card } = await lastState(schema(birds, { id: type }));
    const [written] = host.receipts.slice(-1);
    if (written === undefined) throw new Error("no receipt was written");
    expect(card.receipt).toBe(receiptFrom(written, "frame").id);
  }
});
