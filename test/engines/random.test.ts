import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  normals,
  permutation,
  philox,
  randomStream,
  randomWords,
  uniforms,
} from "../../engines/random.ts";

const sequence = { seed: 17, stream: randomStream.weights, layer: 0, step: 0 };

describe("philox", () => {
  // Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, expected
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)(
    "gives the published words for the counter %j and key %j",
    (counter, key, expected) => {
      const words = new Uint32Array(4);
      philox([...counter], [...key], words);
      expect([...words]).toEqual(expected);
    },
  );
});

describe("randomWords", () => {
  test("a longer sequence begins with the shorter one", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (a, b) => {
        const long = randomWords(sequence, a + b);
        expect(long.subarray(0, a)).toEqual(randomWords(sequence, a));
      }),
    );
  });

  test("seed, stream, layer and step each give another sequence", () => {
    const words = [
      sequence,
      { ...sequence, seed: 18 },
      { ...sequence, stream: randomStream.dropout },
      { ...sequence, layer: 1 },
      { ...sequence, step: 1 },
    ].map((one) => randomWords(one, 8).join());
    expect(new Set(words).size).toBe(5);
  });
});

describe("uniforms", () => {
  test("lie in [0, 1) and fill it evenly", () => {
    const values = uniforms(sequence, 100_000);
    const bins = Array.from({ length: 20 }, () => 0);
    for (const u of values) {
      expect(u >= 0 && u < 1).toBe(true);
      bins[Math.floor(u * 20)] = (bins[Math.floor(u * 20)] ?? 0) + 1;
    }
    const chiSquare = bins.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0);
    // 19 degrees of freedom: 43.8 is exceeded with probability 0.001
    expect(chiSquare).toBeLessThan(43.8);
  });
});

describe("normals", () => {
  test("have mean 0, variance 1 and fourth moment 3", () => {
    const values = normals(sequence, 200_000);
    const moment = (k: number): number =>
      values.reduce((sum, z) => sum + z ** k, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 2);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
  });
});

describe("permutation", () => {
  test("has every number once", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(0xffffffff), (n, seed) => {
        const order = permutation({ ...sequence, seed }, n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  test("gives each order of four about as often", () => {
    const counts = new Map<string, number>();
    for (let step = 0; step < 24_000; step++) {
      const key = permutation({ ...sequence, step }, 4).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0);
    // 23 degrees of freedom: 49.7 is exceeded with probability 0.001
    expect(chiSquare).toBeLessThan(49.7);
  });

  test("is the same for ever", () => {
    expect([...permutation({ ...sequence, stream: randomStream.shuffle }, 8)])
      .toMatchInlineSnapshot(`
      [
        7,
        4,
        2,
        6,
        1,
        3,
        0,
        5,
      ]
    `);
  });
});
