import fc from "fast-check";
import { expect, test } from "vitest";
import { digestKey, digestOf } from "../../runtime/digest.ts";

test("primitives and plain JSON have digests, and equal values have equal ones", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(digestOf(value)).toBe(digestOf(structuredClone(value)));
      expect(digestOf(value)).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});

test("values that print alike but are not the same have different digests", () => {
  const values = [0, -0, "0", 0n, null, undefined, "null", [], {}, "undefined", false, Number.NaN];
  expect(new Set(values.map((value) => digestOf(value))).size).toBe(values.length);
});

test("a value that carries its digest is named by it", () => {
  expect(digestOf({ [digestKey]: "d1", anything: () => 1 })).toBe("d1");
});

test.each([
  [() => 1],
  [Symbol("s")],
  [new Map()],
  [{ a: { b: new Date(0) } }],
  [new Uint8Array(2)],
])("functions, class instances and whatever holds them have none", (value) => {
  expect(digestOf(value)).toBeUndefined();
});

test("data past the limit has no digest, so that digesting never costs more than running", () => {
  expect(digestOf([1, 2, 3], 3)).toBeUndefined();
  expect(digestOf([1, 2, 3], 4)).toBeDefined();
});

test("a cycle has no digest", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  expect(digestOf(cycle)).toBeUndefined();
});
