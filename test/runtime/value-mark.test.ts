import fc from "fast-check";
import { expect, test } from "vitest";
import { markOf } from "../../runtime/value-mark.ts";

test("a buffer's mark changes with any of its bytes, wherever its view begins", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.nat(7),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, offset, at, change) => {
        const buffer = new ArrayBuffer(offset + bytes.length);
        const view = new Uint8Array(buffer, offset);
        view.set(bytes);
        const before = markOf(view);
        expect(markOf(view)).toBe(before);
        const index = at % bytes.length;
        view[index] = (view[index] ?? 0) ^ change;
        expect(markOf(view)).not.toBe(before);
      },
    ),
  );
});

test("numbers that are sorted in place, a map that grows and a date that is moved are other values", () => {
  const numbers = new Float64Array([3, 1, 2]);
  const map = new Map([["a", 1]]);
  const date = new Date(0);
  const before = [numbers, map, date].map(markOf);
  numbers.sort();
  map.set("b", 2);
  date.setTime(1);
  const after = [numbers, map, date].map(markOf);
  before.forEach((mark, i) => expect(after[i]).not.toBe(mark));
});

test("what is deep in plain data counts", () => {
  const value = { sizes: [new Uint8Array([1, 2])], names: new Set(["a"]) };
  const before = markOf(value);
  expect(markOf({ sizes: [new Uint8Array([1, 2])], names: new Set(["a"]) })).toBe(before);
  value.sizes[0]?.fill(7);
  expect(markOf(value)).not.toBe(before);
});

test("what could change unseen has no mark", () => {
  expect(markOf(new WeakMap())).toBeUndefined();
  expect(markOf({ list: [new EventTarget()] })).toBeUndefined();
  expect(markOf(Array.from({ length: 200_000 }, (_, i) => i))).toBeUndefined();
});
