import * as fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import {
  maxIndexBytes,
  maxSmallResultBytes,
  packResultIndex,
  resultIndexSchema,
  unpackResultIndex,
} from "../../cells/result-index.ts";

const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("hex"));
const index = fc.record({
  keys: fc.array(key),
  small: fc.array(fc.record({ key, bytes: fc.uint8Array({ maxLength: 300 }) })),
});

test("an index that was packed comes back as it was, each result in memory of its own", () => {
  fc.assert(
    fc.property(index, (given) => {
      const read = unpackResultIndex(packResultIndex(given));
      expect(read).toEqual(given);
      for (const { bytes } of read.small) expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
    }),
  );
});

test("bytes that are no index throw: cut ones, longer ones, any", () => {
  const whole = packResultIndex({
    keys: ["a".repeat(64)],
    small: [{ key: "a".repeat(64), bytes: new Uint8Array(9) }],
  });
  for (let end = 0; end < whole.length; end++)
    expect(() => unpackResultIndex(whole.subarray(0, end)), String(end)).toThrow();
  expect(() => unpackResultIndex(Uint8Array.from([...whole, 0]))).toThrow();
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(() => unpackResultIndex(bytes)).toThrow();
    }),
  );
});

test("an index crosses a border only with digests for keys, and no more bytes than agreed", () => {
  const one = "a".repeat(64);
  const crosses = (value: unknown): boolean => v.safeParse(resultIndexSchema, value).success;
  const small = (size: number, count = 1) =>
    Array.from({ length: count }, () => ({ key: one, bytes: new Uint8Array(size) }));
  expect(crosses({ keys: [one], small: small(maxSmallResultBytes) })).toBe(true);
  expect(crosses({ keys: [one], small: small(maxSmallResultBytes + 1) })).toBe(false);
  const most = maxIndexBytes / maxSmallResultBytes;
  expect(crosses({ keys: [], small: small(maxSmallResultBytes, most) })).toBe(true);
  expect(crosses({ keys: [], small: small(maxSmallResultBytes, most + 1) })).toBe(false);
  expect(crosses({ keys: ["../x"], small: [] })).toBe(false);
  expect(crosses({ keys: [], small: [{ key: one, bytes: [1] }] })).toBe(false);
  expect(crosses({ keys: Array.from({ length: 20_001 }, () => one), small: [] })).toBe(false);
});
