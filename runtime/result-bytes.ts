import { Sha256 } from "./sha256.ts";

/** The text and the byte arrays that a kept result consists of. */
export interface ResultParts {
  readonly text: string;
  readonly buffers: readonly Uint8Array[];
}

/** What the bytes of a kept result begin with; another version of the format has another. */
const magic = new TextEncoder().encode("tierbook.result/1\n");

/** SHA-256 in hex, of all that follows it. */
const checksumLength = 64;

/** Where the content begins. Everything that is measured from here stands at multiples of 8. */
const contentStart = upToEight(magic.length + checksumLength + 4);

/**
 * A text and byte arrays as one. After the {@link magic} and the checksum come the number of byte
 * arrays (in what is left before {@link contentStart}), the lengths of the text and of each of them
 * as doubles, the UTF-8 of the text, and the arrays, each from a multiple of 8.
 */
export function packResult(text: string, buffers: readonly Uint8Array[]): Uint8Array {
  const parts = [new TextEncoder().encode(text), ...buffers];
  const lengths = Float64Array.from(parts, ({ length }) => length);
  const all = [new Uint8Array(lengths.buffer), ...parts];
  const total = all.reduce((sum, { length }) => sum + upToEight(length), contentStart);
  const bytes = new Uint8Array(total);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(contentStart - 4, parts.length, true);
  let at = contentStart;
  for (const part of all) {
    bytes.set(part, at);
    at += upToEight(part.length);
  }
  bytes.set(new TextEncoder().encode(checksumOf(bytes)), magic.length);
  return bytes;
}

/**
 * The parts of what {@link packResult} made. The byte arrays are parts of the given one.
 *
 * @throws {Error} for anything else, were it off by one bit
 */
export function unpackResult(packed: Uint8Array): ResultParts {
  // a subclass, such as Node's Buffer, would give parts of its own class
  const bytes = new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  const isOurs = bytes.length >= contentStart && magic.every((byte, i) => bytes[i] === byte);
  if (!isOurs) throw new Error("these bytes are no result of this version");
  const checksum = bytes.subarray(magic.length, magic.length + checksumLength);
  if (new TextDecoder("latin1").decode(checksum) !== checksumOf(bytes))
    throw new Error("the bytes of the result are damaged");
  const [text, ...buffers] = cut(bytes);
  if (text === undefined) throw new Error("the result has no text");
  return {
    text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text),
    buffers,
  };
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(contentStart - 4, true);
  let at = contentStart + 8 * count;
  if (at > bytes.length) throw new Error("the result has fewer parts than it says");
  const parts: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = view.getFloat64(contentStart + 8 * i, true);
    if (!Number.isSafeInteger(length) || length < 0 || length > bytes.length - at)
      throw new Error("a part of the result is longer than the whole");
    parts.push(bytes.subarray(at, at + length));
    at += upToEight(length);
  }
  if (at !== bytes.length) throw new Error("the result is longer than its parts");
  return parts;
}

function checksumOf(bytes: Uint8Array): string {
  return new Sha256().update(bytes.subarray(magic.length + checksumLength)).digest();
}

function upToEight(length: number): number {
  return Math.ceil(length / 8) * 8;
}
