import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packResult, unpackResult } from "../../runtime/result-bytes.ts";
import { decodeResult, encodeResult } from "../../runtime/result-codec.ts";

test("a text and byte arrays come back, each array at a multiple of eight", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.uint8Array()), (text, arrays) => {
      const { text: textBack, buffers } = unpackResult(packResult(text, arrays));
      expect(textBack).toBe(text);
      expect(buffers).toEqual(arrays);
      expect(buffers.every(({ byteOffset }) => byteOffset % 8 === 0)).toBe(true);
    }),
  );
});

/** Bytes whose checksum is right and whose content nobody wrote. */
function forged(content: unknown, buffers: readonly Uint8Array[] = []): Uint8Array {
  return packResult(typeof content === "string" ? content : JSON.stringify(content), buffers);
}

function objects(...list: readonly unknown[]): unknown {
  return [
    ["f", 1, [], ["value", [list.length - 1]], [list.length]],
    [...list, ["a", 0, 0]],
  ];
}

describe("content that nobody wrote is refused, though its checksum is right:", () => {
  const one = new Uint8Array(8);
  test.each([
    ["no JSON", "{", []],
    ["other JSON", {}, []],
    ["an object that is not there", objects(["a", 0, 1, [7]]), []],
    ["an object that comes later", objects(["a", 0, 1, [1]], ["a", 0, 0]), []],
    ["a list longer than its items", objects(["a", 0, 4_000_000_000]), []],
    ["a list with a length", objects(["a", 0, 0, "length", 4_000_000_000]), []],
    ["an unknown kind", objects(["z"]), []],
    ["an unknown integrity", objects(["a", 9, 0]), []],
    ["an unknown number", objects(["s", ["n", "Infinitely"]]), []],
    ["a bigint in another notation", objects(["s", ["i", "0x10"]]), []],
    ["an expression that is none", objects(["r", "(", ""]), []],
    ["a buffer that is not there", objects(["b"]), []],
    ["a buffer that is used twice", objects(["b"], ["b"]), [one]],
    ["a buffer that belongs to nothing", objects(["a", 0, 0]), [one]],
    ["numbers that are not whole", objects(["f", 0]), [new Uint8Array(9)]],
    ["numbers that are not there", objects(["f", 0]), []],
    ["a view past the end", objects(["b"], ["v", "Float64Array", 0, 0, 2]), [one]],
    ["a view of no class", objects(["b"], ["v", "constructor", 0, 0, 1]), [one]],
    ["a view on a list", objects(["a", 0, 0], ["v", "Int8Array", 0, 0, 0]), []],
    ["a codec that is not there", objects(["c", "table", {}, 0]), []],
    ["a member without a value", objects(["o", false, 0, "a"]), []],
  ])("%s", (_, content, buffers) => {
    expect(decodeResult(forged(content, buffers), [])).toBeUndefined();
  });

  test("while the like that is right is read", () => {
    const read = decodeResult(forged(objects(["b"], ["v", "Float64Array", 0, 0, 1]), [one]), []);
    expect(read?.exports).toEqual({ value: new Float64Array(1) });
    expect(read?.displays).toEqual([]);
  });
});

test("a kept result with anything in its content replaced is read or refused, and never throws", () => {
  const value = { a: [1, new Map([["k", -0]])], b: new Uint8Array(3), c: 5n, d: /x/ };
  const result = { fingerprint: "f", files: {}, duration: 1, exports: { value }, displays: [] };
  const { text, buffers } = unpackResult(encodeResult(result, "js", []) ?? new Uint8Array());
  const change = fc.record({
    at: fc.nat(text.length),
    deleted: fc.nat(6),
    inserted: fc.oneof(fc.constantFrom("", "[", "]", ",", "0", "-1", "1e999", "null"), fc.string()),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const changed = changes.reduce(
        (before, { at, deleted, inserted }) =>
          before.slice(0, at) + inserted + before.slice(at + deleted),
        text,
      );
      expect(() => decodeResult(forged(changed, buffers), [])).not.toThrow();
    }),
  );
  expect(Object.prototype).not.toHaveProperty("value");
});

test("content whose parts are said to be longer than it is refused before anything is made", () => {
  const bytes = packResult("[]", []);
  expect(() => unpackResult(bytes.subarray(0, 90))).toThrow();
});
