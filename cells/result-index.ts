import * as v from "valibot";
import { digestSchema } from "../engines/receipt-schema.ts";

/** The most bytes that one result of the cache may have. */
export const maxResultBytes = 64 << 20;
/** Results up to this many bytes come with the index. */
export const maxSmallResultBytes = 64 << 10;
/** The most bytes of results that come with an index. */
export const maxIndexBytes = 8 << 20;
/** The most keys that an index names; older ones are as good as forgotten. */
export const maxIndexKeys = 20_000;

/** What is kept of a workbook's results, newest first, as it is when the workbook opens. */
export interface ResultIndex {
  readonly keys: readonly string[];
  /** the newest of the small ones, so that a workbook of many cells opens with one request */
  readonly small: readonly SmallResult[];
}

/** A result that comes with the index. */
export interface SmallResult {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** A result's bytes as they cross a border: nobody but who made them can read them. */
export const resultBytesSchema: v.GenericSchema<unknown, Uint8Array> = v.pipe(
  v.instance(Uint8Array),
  v.check(
    (bytes) => bytes.byteLength <= maxResultBytes,
    `expected at most ${maxResultBytes} bytes`,
  ),
);

const keysSchema = v.pipe(v.array(digestSchema), v.maxLength(maxIndexKeys));

/** An index as it crosses a border. */
export const resultIndexSchema: v.GenericSchema<unknown, ResultIndex> = v.strictObject({
  keys: keysSchema,
  small: v.pipe(
    v.array(
      v.strictObject({
        key: digestSchema,
        bytes: v.pipe(
          v.instance(Uint8Array),
          v.check((bytes) => bytes.byteLength <= maxSmallResultBytes, "expected a small result"),
        ),
      }),
    ),
    v.maxLength(maxIndexKeys),
    v.check(
      (small) => small.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) <= maxIndexBytes,
      `expected at most ${maxIndexBytes} bytes`,
    ),
  ),
});

const headSchema = v.strictObject({
  keys: keysSchema,
  small: v.array(
    v.strictObject({
      key: digestSchema,
      size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
  ),
});

/**
 * An index as one run of bytes: the length of its head (32 bits, little-endian), the head (JSON: the
 * keys, and key and size of each small result), and the small results one after the other.
 */
export function packResultIndex({ keys, small }: ResultIndex): Uint8Array<ArrayBuffer> {
  const sizes = small.map(({ key, bytes }) => ({ key, size: bytes.byteLength }));
  const head = new TextEncoder().encode(JSON.stringify({ keys, small: sizes }));
  const total = small.reduce((sum, { bytes }) => sum + bytes.byteLength, 4 + head.byteLength);
  const packed = new Uint8Array(total);
  new DataView(packed.buffer).setUint32(0, head.byteLength, true);
  packed.set(head, 4);
  let at = 4 + head.byteLength;
  for (const { bytes } of small) {
    packed.set(bytes, at);
    at += bytes.byteLength;
  }
  return packed;
}

/**
 * Reads what {@link packResultIndex} wrote. Each small result has memory of its own.
 *
 * @throws {Error} for anything else
 */
export function unpackResultIndex(packed: Uint8Array): ResultIndex {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 4 + view.getUint32(0, true);
  const head: unknown = JSON.parse(new TextDecoder().decode(packed.subarray(4, at)));
  const { keys, small } = v.parse(headSchema, head);
  const read = small.map(({ key, size }) => ({ key, bytes: packed.slice(at, (at += size)) }));
  if (at !== packed.byteLength)
    throw new RangeError(`expected ${at} bytes and found ${packed.byteLength}`);
  return v.parse(resultIndexSchema, { keys, small: read });
}
