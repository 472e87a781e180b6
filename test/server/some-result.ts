import { createHash } from "node:crypto";

/** A key, made of anything. */
export function keyOf(seed: string): string {
  return createHash("sha256").update(seed).digest("hex");
}

/** A result whose bytes follow from its key, so that a reader knows what must be there. */
export function someResult(seed: string, most?: number): { key: string; bytes: Uint8Array } {
  const key = keyOf(seed);
  return { key, bytes: bytesOf(key, most) };
}

/** The bytes for a key: 1 to `most` of them. */
export function bytesOf(key: string, most = 400_000): Uint8Array {
  const length = 1 + (Number.parseInt(key.slice(0, 8), 16) % most);
  return new Uint8Array(Buffer.alloc(length, createHash("sha256").update(key).digest()));
}
