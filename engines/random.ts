import { normalQuantile } from "./normal-quantile.ts";

/**
 * The only source of randomness in training: Philox-4x32-10, a counter-based generator (Salmon,
 * Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Its output is a pure
 * function of (key, counter), so any element of any sequence can be computed by itself, on a CPU or
 * in a shader, in any order, with the same bits.
 *
 * The key is (seed, stream); the counter is (block, layer, step, 0), where block b gives the words
 * 4b to 4b + 3 of the sequence.
 */

/** What a sequence is for. The numbers are part of what a seed means: never reuse or renumber. */
export const randomStream = { split: 1, shuffle: 2, weights: 3, dropout: 4 } as const;

/** Which sequence of random words. */
export interface RandomSequence {
  /** unsigned 32-bit, the plan's */
  readonly seed: number;
  /** one of {@link randomStream} */
  readonly stream: number;
  /** index of the layer, class or other part; 0 where there is only one */
  readonly layer: number;
  /** step, or epoch for shuffles; from 0 */
  readonly step: number;
}

/**
 * One block of Philox-4x32-10: writes four unsigned 32-bit words to `out` at `offset`.
 *
 * @param counter four unsigned 32-bit words
 * @param key two unsigned 32-bit words
 */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array,
  offset = 0,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = highWord(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[offset] = c0;
  out[offset + 1] = c1;
  out[offset + 2] = c2;
  out[offset + 3] = c3;
}

/** The first `count` words of a sequence, unsigned 32-bit. */
export function randomWords(sequence: RandomSequence, count: number): Uint32Array {
  const blocks = Math.ceil(count / 4);
  const words = new Uint32Array(blocks * 4);
  const { seed, stream, layer, step } = sequence;
  for (let block = 0; block < blocks; block++)
    philox([block, layer, step, 0], [seed, stream], words, block * 4);
  return words.subarray(0, count);
}

/** A word as a float32 in [0, 1): its upper 24 bits by 2^-24, exact in float32 and in a shader. */
export function uniformFromWord(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** The first `count` uniforms in [0, 1) of a sequence, float32. */
export function uniforms(sequence: RandomSequence, count: number): Float32Array {
  return Float32Array.from(randomWords(sequence, count), uniformFromWord);
}

/**
 * The first `count` draws of a sequence from the standard normal distribution: the inverse of its
 * distribution function at (word + 1/2) 2^-32. Only operations that IEEE 754 rounds exactly are
 * used, so every engine and language can give the same bits.
 */
export function normals(sequence: RandomSequence, count: number): Float64Array {
  return Float64Array.from(randomWords(sequence, count), (word) =>
    normalQuantile((word + 0.5) * 2 ** -32),
  );
}

/**
 * A random order of 0 … n - 1: Fisher and Yates' shuffle from the end, where position i swaps with
 * floor(u (i + 1)), u of 53 bits from the words 2k and 2k + 1 for the k-th swap.
 */
export function permutation(sequence: RandomSequence, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const words = randomWords(sequence, 2 * Math.max(0, n - 1));
  for (let i = n - 1, k = 0; i > 0; i--, k += 2) {
    const u = ((words[k] ?? 0) * 2 ** 21 + ((words[k + 1] ?? 0) >>> 11)) * 2 ** -53;
    const j = Math.min(i, Math.floor(u * (i + 1)));
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return order;
}

/** The upper 32 bits of a 32 by 32 bit product, from 16-bit halves. */
function highWord(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return aHigh * bHigh + (middle >>> 16) + ((aLow * bHigh + (middle & 0xffff)) >>> 16);
}
