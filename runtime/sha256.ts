import { sha256 as hash } from "@noble/hashes/sha2.js";
import { canonicalJson } from "./canonical-json.ts";
import { hexFromBytes } from "./hex.ts";

/** What a SHA-256 digest looks like: 64 lower-case hex digits. */
export const digestPattern = /^[0-9a-f]{64}$/;

/**
 * SHA-256 (FIPS 180-4) of bytes, or of the UTF-8 of a text, as 64 lower-case hex digits.
 * Synchronous and pure, because the frame's workers are no secure context and have no SubtleCrypto.
 */
export function sha256(data: Uint8Array | string): string {
  return hexFromBytes(hash(typeof data === "string" ? bytesFromText(data) : data));
}

/** SHA-256 of data that comes in pieces: `update` as often as needed, then `digest` once. */
export class Sha256 {
  private readonly hash = hash.create();

  update(data: Uint8Array | string): this {
    this.hash.update(typeof data === "string" ? utf8.encode(data) : data);
    return this;
  }

  digest(): string {
    return hexFromBytes(this.hash.digest());
  }
}

/** The digest that names a JSON value: SHA-256 of its canonical text. */
export function jsonDigest(value: unknown): string {
  return sha256(canonicalJson(value));
}

const utf8 = new TextEncoder();

/** Holds the bytes of a short text while they are hashed. */
const shortBytes = new Uint8Array(1024);

/** The UTF-8 of a text, until the next call: of short ASCII without a call into the browser. */
function bytesFromText(text: string): Uint8Array {
  if (text.length > shortBytes.length) return utf8.encode(text);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return utf8.encode(text);
    shortBytes[i] = code;
  }
  return shortBytes.subarray(0, text.length);
}
