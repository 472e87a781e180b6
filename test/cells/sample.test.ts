import { afterAll, beforeAll, expect, test } from "vitest";
import { stages } from "../../cells/stages.ts";
import type { Table } from "../../data/index.ts";
import { digestKey } from "../../runtime/digest.ts";
import { cardText, FakeHost, lastState, receiptFrom } from "./fake-host.ts";

const host = new FakeHost();
const { sample } = stages(host);
let many: Table;

beforeAll(async () => {
  many = await host.client.query(`
    select i as id, case when i % 100 = 0 then 'rare' when i % 2 = 0 then 'even' else 'odd' end as kind,
      sin(i) as x
    from range(1000) r(i)`);
});

afterAll(() => host.client.close());

test("the sample has every class, keeps the order, and is the same for the same seed", async () => {
  const options = { label: "kind", rows: 60, perClass: 8, seed: 5 };
  const [one, two, other] = await Promise.all([
    lastState(sample(many, options)),
    lastState(sample(many, options)),
    lastState(sample(many, { ...options, seed: 6 })),
  ]);
  const rows = Array.from(one.value ?? []);
  expect(rows.length).toBe(60);
  expect(one.value?.[digestKey]).toBe(two.value?.[digestKey]);
  expect(one.value?.[digestKey]).not.toBe(other.value?.[digestKey]);
  const ids = rows.map(({ id }) => Number(id));
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  for (const kind of ["rare", "even", "odd"])
    expect(rows.filter((row) => row["kind"] === kind).length).toBeGreaterThanOrEqual(8);
});

test("the card compares the classes of the sample with those of the table", async () => {
  const { card, value } = await lastState(sample(many, { label: "kind", rows: 60, perClass: 8 }));
  const inSample = Array.from(value ?? []).filter((row) => row["kind"] === "rare").length;
  expect(cardText(card)).toContain(
    `rare | ${inSample} | ${((100 * inSample) / 60).toFixed(1)} % | 10 | 1.0 %`,
  );
  expect(card.status).toBe("pass");
  expect(host.receipts.at(-1)).toMatchObject({
    stage: "sample",
    verdict: "pass",
    subject: { data: { rows: many[digestKey], dev: value?.[digestKey] } },
  });
  const [written] = host.receipts.slice(-1);
  expect(card.receipt).toBe(written && receiptFrom(written, "frame").id);
});

test("a class that is too small fails the stage and is named", async () => {
  const { card, error, value } = await lastState(sample(many, { label: "kind", perClass: 12 }));
  expect(value).toBeUndefined();
  expect(card.status).toBe("fail");
  expect(error).toMatchObject({ code: "sample" });
  expect(error?.message).toBe(
    "the class `rare` has 10 rows in the sample (10 in the table), fewer than 12",
  );
});

test("a waiver lets a small class pass, with its reason on the card and in the receipt", async () => {
  const { card, value } = await lastState(
    sample(many, { label: "kind", perClass: 12, waive: "there are no more of them" }),
  );
  expect(value).toBeDefined();
  expect(card.status).toBe("warn");
  expect(cardText(card)).toContain("Waived: there are no more of them");
  expect(host.receipts.at(-1)?.checks).toContainEqual(
    expect.objectContaining({ verdict: "warn", hint: "Waived: there are no more of them" }),
  );
});

test("a small table comes whole, and without a label no class is asked for", async () => {
  const { value, card } = await lastState(sample([{ a: 1 }, { a: 2 }]));
  expect(Array.from(value ?? [], ({ a }) => a)).toEqual([1, 2]);
  expect(card.status).toBe("pass");
});

test("options that cannot be meant throw and say what was meant", () => {
  expect(() => sample(many, { label: "kinde" })).toThrow(
    expect.objectContaining({ code: "argument", hint: "Did you mean `kind`?" }),
  );
  expect(() => Reflect.apply(sample, null, [many, { perclass: 3 }])).toThrow(
    expect.objectContaining({ hint: "Did you mean `perClass`?" }),
  );
  expect(() => sample(many, { rows: 0 })).toThrow(/`rows` is 0/);
  expect(() => sample(many, { seed: 2 ** 32 })).toThrow(/`seed`/);
  expect(() => sample(many, { waive: " " })).toThrow(/`waive`/);
});
