import { sha256 as hash } from "@noble/hashes/sha2.js";
import { canonicalJson } from "./canonical-json.ts";

/**
 * SHA-256 (FIPS 180-4) of bytes, or of the UTF-8 of a text, as 64 lower-case hex digits.
 * Synchronous and pure, because the frame's workers are no secure context and have no SubtleCrypto.
 */
export function sha256(data: Uint8Array | string): string {
  return hexFromBytes(hash(typeof data === "string" ? utf8.encode(data) : data));
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

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hexFromBytes(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += hexOfByte[byte];
  return hex;
}
