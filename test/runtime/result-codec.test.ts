import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestKey, digestOf } from "../../runtime/digest.ts";
import {
  decodeResult,
  encodeResult,
  type KeptResult,
  type ValueCodec,
} from "../../runtime/result-codec.ts";
import { difference } from "./same-value.ts";

function resultOf(
  exports: Readonly<Record<string, unknown>>,
  displays: readonly unknown[] = [],
): KeptResult {
  return { fingerprint: "f1", files: { "data/a.csv": "d1" }, duration: 12.5, exports, displays };
}

function bytesOf(result: KeptResult, codecs: readonly ValueCodec[] = []): Uint8Array {
  const bytes = encodeResult(result, "js", codecs);
  if (bytes === undefined) throw new Error("the result is refused");
  return bytes;
}

function backAgain(result: KeptResult, codecs: readonly ValueCodec[] = []): KeptResult {
  const back = decodeResult(bytesOf(result, codecs), codecs);
  if (back === undefined) throw new Error("the bytes are refused");
  return back;
}

const isKept = (value: unknown): boolean =>
  encodeResult(resultOf({ value }), "js", []) !== undefined;

/** The digest, or that there is none: a lone surrogate has no canonical text. */
function digestWord(value: unknown): string | undefined {
  try {
    return digestOf(value);
  } catch (error) {
    return String(error);
  }
}

const typedArray: fc.Arbitrary<unknown> = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);

const anyValue = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(undefined, null, -0, Number.NaN, Infinity, -Infinity, "\ud800", "a\udfffb"),
    fc.boolean(),
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(/a+/u, /\//g, new RegExp("\n", "dim"), new RegExp("")),
    typedArray,
    fc.array(fc.double(), { minLength: 63, maxLength: 65 }).map(restricted),
    fc.uint8Array().map(({ buffer, byteLength }) => new DataView(buffer, 0, byteLength >> 1)),
    fc.uint8Array().map(({ buffer }) => buffer),
  ),
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("leaf"),
    fc.array(tie("value")).map(restricted),
    fc
      .array(fc.tuple(fc.string(), tie("value")))
      .map((members) => restricted(ownMembers({}, members))),
    fc
      .array(
        fc.tuple(fc.constantFrom("__proto__", "2", "1", "constructor", "b", "a"), tie("value")),
      )
      .map((members) => ownMembers(Object.create(null) as object, members)),
    fc.array(tie("value")).map((items) => new Set(items)),
    fc.array(fc.tuple(tie("value"), tie("value"))).map((items) => new Map(items)),
    tie("value").map((value) => [value, { again: value }]),
  ),
})).value;

/** Some are frozen, sealed or fixed; which of them is a function of what they hold. */
function restricted(value: object): object {
  const restrict = [Object.freeze, Object.seal, Object.preventExtensions][
    Reflect.ownKeys(value).length % 5
  ];
  return restrict === undefined ? value : restrict(value);
}

function ownMembers(object: object, members: readonly (readonly [string, unknown])[]): object {
  for (const [name, value] of members)
    Object.defineProperty(object, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  return object;
}

describe("a result that was kept", () => {
  test("comes back exactly, and its values have the digests that they had", () => {
    fc.assert(
      fc.property(anyValue, anyValue, (first, second) => {
        const result = resultOf({ first, second }, [second, first]);
        const back = backAgain(result);
        expect(difference(result, back)).toBeUndefined();
        expect(digestWord(back.exports["first"])).toBe(digestWord(first));
      }),
    );
  });

  test("has one object where it had one, in exports and displays, and in views of one buffer", () => {
    const shared = { list: [1] };
    const floats = new Float32Array([0, 1, 2, 3]);
    const half = floats.subarray(2);
    const back = backAgain(resultOf({ a: shared, b: [shared.list], floats, half }, [shared]));
    expect(back.displays[0]).toBe(back.exports["a"]);
    expect((back.exports["b"] as unknown[])[0]).toBe((back.exports["a"] as typeof shared).list);
    (back.exports["floats"] as Float32Array)[3] = 9;
    expect(back.exports["half"]).toEqual(new Float32Array([2, 9]));
  });

  test("has rows of a file with their columns, and values with the digest they carry", () => {
    const rows = Object.assign([{ a: 1 }], { columns: ["a"] });
    const named = { state: "done", [digestKey]: "d9" };
    const result = resultOf({ rows, named });
    const back = backAgain(result);
    expect(difference(result, back)).toBeUndefined();
    expect(digestOf(back.exports["named"])).toBe("d9");
  });

  test("changes no prototype, whatever its members are called", () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    const back = backAgain(
      resultOf(ownMembers({}, [["__proto__", value]]) as { __proto__: unknown }),
    );
    expect(Object.getPrototypeOf(back.exports)).toBe(Object.prototype);
    expect(Object.keys(back.exports)).toEqual(["__proto__"]);
    expect("polluted" in {}).toBe(false);
  });

  test("is read from bytes that stand anywhere, and from a subclass of them", () => {
    const result = resultOf({ x: new Float64Array([1, 2]), y: new BigInt64Array([3n]) });
    const bytes = bytesOf(result);
    for (const offset of [0, 1, 4]) {
      const larger = Buffer.alloc(bytes.length + 16);
      larger.set(bytes, offset);
      const back = decodeResult(larger.subarray(offset, offset + bytes.length), []);
      expect(difference(result, back)).toBeUndefined();
    }
  });

  test("holds large typed arrays as they are, so that a megabyte takes little more", () => {
    const bytes = bytesOf(resultOf({ x: new Float64Array(131_072).fill(1 / 3) }));
    expect(bytes.length).toBeLessThan(1_048_576 + 1024);
  });
});

describe("a result is not kept", () => {
  class Point {
    x = 1;
  }
  const cycle: unknown[] = [];
  cycle.push({ cycle });
  const used = /a/g;
  used.lastIndex = 1;
  const deep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => [inner], 1);
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const halfFrozen = Object.defineProperty({ a: 1, b: 2 }, "a", { writable: false });
  const throwing = new Proxy({}, { ownKeys: () => fail() });
  const fail = (): never => {
    throw new Error("not to be asked");
  };

  test.each([
    ["a function", () => 1],
    ["a symbol", Symbol.for("s")],
    ["an instance of a class", new Point()],
    ["an instance of a class within a map", new Map([[1, [new Point()]]])],
    ["a subclass of a known class", new (class extends Map {})()],
    ["an error", new Error("e")],
    ["a promise", Promise.resolve(1)],
    ["a cycle", cycle],
    [
      "a getter",
      {
        get a() {
          return fail();
        },
      },
    ],
    ["a hidden member", Object.defineProperty({}, "a", { value: 1 })],
    ["a member that alone is read-only", halfFrozen],
    ["a hole", Object.assign([1], { 2: 3 })],
    ["a symbol of its own", { [Symbol("own")]: 1 }],
    ["a boxed primitive", Object(1)],
    ["a frozen map", Object.freeze(new Map())],
    ["a map with a member", Object.assign(new Map(), { a: 1 })],
    ["a typed array with a member", Object.assign(new Uint8Array(2), { a: 1 })],
    ["a date with a member", Object.assign(new Date(0), { a: 1 })],
    ["an expression in the middle of its work", used],
    ["shared memory", new SharedArrayBuffer(8)],
    ["a view on shared memory", new Uint8Array(new SharedArrayBuffer(8))],
    ["a buffer that is gone", detached],
    ["a buffer that can grow", Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }])],
    [
      "an arguments list",
      (function () {
        return arguments;
      })(),
    ],
    ["what only looks like a map", Object.create(Map.prototype)],
    ["what only looks like a date", Object.create(Date.prototype)],
    ["what only looks like numbers", Object.create(Float64Array.prototype)],
    ["an error with another prototype", Object.setPrototypeOf(new Error("e"), Object.prototype)],
    ["a value that throws", throwing],
    ["a value that is too deep", deep],
  ])("for %s", (_, value) => {
    expect(isKept(value)).toBe(false);
    expect(isKept({ a: [value] })).toBe(false);
    expect(encodeResult(resultOf({}, [value]), "js", [])).toBeUndefined();
  });

  test("past the bytes that it may have, were it one", () => {
    const result = resultOf({ a: "text", x: new Uint8Array(100), rows: [{ a: 1 }, { a: 2 }] });
    const { length } = bytesOf(result);
    expect(encodeResult(result, "js", [], length)).toBeDefined();
    expect(encodeResult(result, "js", [], length - 1)).toBeUndefined();
  });
});

/** A class that only its codec knows; a pair in one counts as within it. */
class Interval {
  constructor(readonly pair: readonly [number, number]) {}
}

const intervalCodec: ValueCodec = {
  tag: "interval",
  encode: (value, mode) =>
    value instanceof Interval && mode === "js"
      ? { json: { low: value.pair[0] }, buffers: [Uint8Array.of(value.pair[1])] }
      : undefined,
  decode({ json, buffers: [bytes] }) {
    const [high] = bytes ?? [];
    if (high === undefined) throw new Error("no interval");
    return new Interval([(json as { low: number }).low, high]);
  },
  inside: (value) => (value instanceof Interval ? [value.pair] : []),
};

describe("a value with a codec", () => {
  const interval = new Interval([2, 7]);

  test("comes back wherever it stands, as one where it was one", () => {
    const result = resultOf({ interval, list: [new Interval([1, 2]), interval] }, [interval]);
    expect(difference(result, backAgain(result, [intervalCodec]))).toBeUndefined();
  });

  test("is not kept without the codec, nor read without it", () => {
    expect(isKept(interval)).toBe(false);
    expect(encodeResult(resultOf({ interval }), "sql", [intervalCodec])).toBeUndefined();
    expect(decodeResult(bytesOf(resultOf({ interval }), [intervalCodec]), [])).toBeUndefined();
  });

  test("is not kept where a part of it also stands by itself", () => {
    const { pair } = interval;
    expect(encodeResult(resultOf({ interval, pair }), "js", [intervalCodec])).toBeUndefined();
    expect(encodeResult(resultOf({ pair, interval }), "js", [intervalCodec])).toBeUndefined();
    const twin = new Interval(pair);
    expect(encodeResult(resultOf({ interval, twin }), "js", [intervalCodec])).toBeUndefined();
  });
});

describe("bytes that are no result", () => {
  const bytes = bytesOf(resultOf({ a: [1, { b: "text" }], x: new Uint16Array(3) }, [new Date(0)]));

  test("are refused whichever bit is flipped", () => {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (decodeResult(damaged, []) !== undefined) expect.fail(`bit ${bit} does not count`);
    }
  });

  test("are refused where they end early or late, or are none", () => {
    for (let length = 0; length < bytes.length; length++)
      expect(decodeResult(bytes.subarray(0, length), [])).toBeUndefined();
    expect(decodeResult(Uint8Array.of(...bytes, 0), [])).toBeUndefined();
  });

  test("are refused or read, and never throw, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (random) => {
        expect(decodeResult(random, [])).toBeUndefined();
      }),
    );
  });
});
